"""Results as the harness writes them, as a table."""

import math

import pytest

from study.analysis.harness.results import COLUMNS, read_results
from study.cli import main
from study.errors import StudyError
from study.files import read_csv, write_json

FOUND = {
    "results": {
        "own_birthplace": {
            "name": "own_birthplace",
            "alias": "own_birthplace",
            "sample_len": 6,
            "f1,none": 0.5,
            "f1_stderr,none": 0.1,
            "exact_match,none": 0.25,
            "exact_match_stderr,none": 0.05,
        },
        "own_sum": {
            "alias": "sum",
            "sample_len": 1,
            "exact_match,number": 1,
            "exact_match_stderr,number": "N/A",
        },
        "own_knowledge": {
            "alias": "own_knowledge",
            "sample_len": 6,
            "f1,none": 0.5,
            "f1_stderr,none": 0.1,
            "sample_count": {"f1,none": 5},
        },
        "own": {"alias": "own", "name": "own"},
        "minerva_math_algebra": {"alias": " - algebra", "sample_len": 9, "exact_match,none": 0.0},
        "arc_easy": {"sample_len": 3, "acc,none": 0.1, "acc_norm,none": 0.2, "acc_norm_stderr,none": 0.3},
        "arc_easy_mt": {"sample_len": 3, "acc,none": 0.1},
        "lambada": {"sample_len": 3, "acc,none": 0.1},
    },
    "groups": {"own_knowledge": {"f1,none": 0.5}},
    "group_subtasks": {"own_knowledge": ["own_birthplace"], "own": ["own_knowledge", "own_sum"]},
    "configs": {
        "own_birthplace": {"metadata": {"version": 1.0, "category": "knowledge"}},
        "own_sum": {"metadata": {"category": "reasoning"}},
        "minerva_math_algebra": {"metadata": {"version": 2.0}},
        "arc_easy": {"metadata": None},
    },
    "n-shot": {"own_birthplace": 2, "own_knowledge": 2, "own_sum": 0},
}


def test_a_row_for_every_metric_and_filter(tmp_path):
    write_json(tmp_path / "results_2026.json", FOUND)
    table = read_results(tmp_path / "results_2026.json")
    assert tuple(table.columns) == COLUMNS
    rows = [tuple("" if value != value else value for value in row) for row in table.itertuples(index=False)]
    assert rows == [
        ("own_birthplace", "knowledge", "f1", "none", 2, 0.5, 0.1, 6),
        ("own_birthplace", "knowledge", "exact_match", "none", 2, 0.25, 0.05, 6),
        ("own_sum", "reasoning", "exact_match", "number", 0, 1, "", 1),
        ("own_knowledge", "knowledge", "f1", "none", 2, 0.5, 0.1, 5),
        ("minerva_math_algebra", "reasoning", "exact_match", "none", 0, 0.0, "", 9),
        ("arc_easy", "common_sense", "acc", "none", 0, 0.1, "", 3),
        ("arc_easy", "common_sense", "acc_norm", "none", 0, 0.2, 0.3, 3),
        ("arc_easy_mt", "common_sense", "acc", "none", 0, 0.1, "", 3),
        ("lambada", "", "acc", "none", 0, 0.1, "", 3),
    ]


def test_groups_of_several_categories_have_none(tmp_path):
    mixed = FOUND | {"results": {"own": {"exact_match,none": 0.5, "sample_len": 7}}}
    write_json(tmp_path / "results.json", mixed)
    assert read_results(tmp_path / "results.json")["category"].tolist() == [""]


def test_the_command_writes_the_table(tmp_path):
    write_json(tmp_path / "results.json", FOUND)
    table = tmp_path / "harness.csv"
    assert main(["harness-results", str(tmp_path / "results.json"), "--output", str(table)]) == 0
    written = read_csv(table)
    assert len(written) == 9 and math.isnan(written["stderr"][2])


@pytest.mark.parametrize("content", [[], {}, {"results": 1}])
def test_other_files_are_refused(tmp_path, content):
    write_json(tmp_path / "x.json", content)
    with pytest.raises(StudyError, match="no results of the lm-evaluation-harness"):
        read_results(tmp_path / "x.json")

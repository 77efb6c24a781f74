"""Two results folders: what moved is told, by how much, and nothing else."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file
from scipy import stats

from study.cli import main
from study.differences.examples import compare_parquet
from study.differences.folders import compare
from study.differences.found import Difference
from study.differences.tables import compare_csv
from study.differences.told import in_words
from study.differences.units import Yardstick, yardstick
from study.errors import StudyError
from study.files import set_aside, write_csv, write_json, write_parquet, write_text

TABLE = "difficulty/tables/consistency.csv"
FRAME = pd.DataFrame(
    {
        "model": ["mlp", "mlp", "vgg", "vgg"],
        "score": ["loss", "el2n", "loss", "el2n"],
        "estimate": [0.5, 0.6, 0.7, 0.8],
        "low": [0.4, 0.5, 0.6, 0.7],
        "high": [0.6, 0.7, 0.8, 0.9],
        "n": [5, 5, 5, 5],
        "verdict": ["supported", "supported", "contradicted", "inconclusive"],
    }
)
ERROR = 0.2 / (2 * stats.t.ppf(0.975, 4))  # of every estimate there
WRITERS = {".csv": write_csv, ".parquet": write_parquet, ".json": write_json}


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        if isinstance(content, str):
            write_text(path, content)
        else:
            WRITERS[path.suffix](path, content)
    return folder


@pytest.fixture
def pair(tmp_path):
    """Compare two folders of these files, {name: content}, or of one table."""

    def compared(a, b):
        if isinstance(a, pd.DataFrame):
            a, b = {TABLE: a}, {TABLE: b}
        return compare(write(tmp_path / "a", a), write(tmp_path / "b", b))

    return compared


def only(found) -> Difference:
    assert len(found.differences) == 1 and not found.only_a and not found.only_b
    return found.differences[0]


def run(capsys, *arguments):
    try:
        code = main(["diff", *map(str, arguments)])
    except SystemExit as left:
        code = left.code
    return code, capsys.readouterr().out.splitlines()


def changed(frame=FRAME, **values):
    """The table with other values, {column: {row: value}}."""
    frame = frame.copy()
    for column, cells in values.items():
        for row, value in cells.items():
            frame.loc[row, column] = value
    return frame


# Standard errors


ROWS = st.lists(
    st.tuples(
        st.floats(-5, 5), st.floats(0.01, 3), st.one_of(st.just(1), st.integers(2, 40)), st.integers(0, 2)
    ),
    min_size=1,
    max_size=6,
)


def table_of(rows):
    """A row of the study's kind for each (estimate, half-width, n, score)."""
    frame = pd.DataFrame(rows, columns=["estimate", "half", "n", "score"])
    frame.insert(0, "model", [f"m{place}" for place in range(len(rows))])
    frame["low"], frame["high"] = frame["estimate"] - frame["half"], frame["estimate"] + frame["half"]
    return frame[["model", "score", "estimate", "low", "high", "n"]]


def shifted(frame, row, by, wider):
    """The table with one estimate elsewhere, its interval with it and wider by a factor."""
    half = (frame.loc[row, "high"] - frame.loc[row, "low"]) / 2 * wider
    frame = frame.copy()
    frame.loc[row, "estimate"] += by
    frame.loc[row, ["low", "high"]] = frame.loc[row, "estimate"] + np.array([-half, half])
    return frame


@settings(deadline=None, max_examples=25)
@given(ROWS)
def test_a_table_is_no_different_from_itself(rows):
    with tempfile.TemporaryDirectory() as folder:
        write_csv(f"{folder}/t.csv", table_of(rows))
        write_parquet(f"{folder}/t.parquet", table_of(rows))
        assert compare(folder, folder).same
        for reader, name in ((compare_csv, "t.csv"), (compare_parquet, "t.parquet")):
            found = Difference(name)
            reader(Path(folder, name), Path(folder, name), found)
            assert found == Difference(name)  # and not for want of reading


@settings(deadline=None, max_examples=50)
@given(ROWS, st.data())
def test_a_shift_by_k_standard_errors_is_told_as_k(rows, data):
    a = table_of(rows)
    row = data.draw(st.integers(0, len(rows) - 1))
    k, wider = data.draw(st.floats(0.1, 20)), data.draw(st.sampled_from([0.5, 1, 1.7]))
    _, half, n, _ = rows[row]
    quantile = stats.t.ppf(0.975, n - 1) if n > 1 else 1.96
    larger = half * max(wider, 1) / quantile  # of both sides, which are not independent
    b = shifted(a, row, k * larger, wider).sample(frac=1, random_state=data.draw(st.integers(0, 99)))
    with tempfile.TemporaryDirectory() as folder:
        found = compare(write(Path(folder, "a"), {"t.csv": a}), write(Path(folder, "b"), {"t.csv": b}))
    difference = only(found)
    moved = {number.column: number for number in difference.numbers if number.row.startswith(f"model=m{row}")}
    assert len(moved) == len(difference.numbers) and not difference.missing  # nothing of any other row
    assert moved["estimate"].standard_errors == pytest.approx(k, rel=2e-2, abs=2e-3)  # six digits are written
    assert moved["estimate"].difference == pytest.approx(k * larger, rel=1e-2, abs=1e-4)
    assert "n" not in moved


@pytest.mark.parametrize(
    ("column", "columns", "found"),
    [
        ("estimate", ["estimate", "low", "high", "n"], Yardstick("low", "high", n="n")),
        ("detectable", ["estimate", "low", "high", "n", "detectable"], Yardstick("low", "high", n="n")),
        ("estimate", ["estimate", "ci_low", "ci_high", "n"], Yardstick("ci_low", "ci_high", n="n")),
        ("ci_low", ["estimate", "ci_low", "ci_high"], Yardstick("ci_low", "ci_high")),
        ("gain", ["gain", "gain_low", "gain_high", "low", "high"], Yardstick("gain_low", "gain_high")),
        ("gain_high", ["gain", "gain_low", "gain_high", "n"], Yardstick("gain_low", "gain_high", n="n")),
        ("loss_mean_mean", ["loss_mean_mean", "loss_mean_std", "loss_mean_n"],
         Yardstick(std="loss_mean_std", n="loss_mean_n")),
        ("mlp.loss.mean", ["mlp.loss.mean", "mlp.loss.std", "mlp.loss.n"],
         Yardstick(std="mlp.loss.std", n="mlp.loss.n")),
        ("mean", ["mean", "std", "n"], Yardstick(std="std", n="n")),
        ("c_score", ["c_score", "c_score_se", "c_score_n"], Yardstick(error="c_score_se")),
        ("y", ["panel", "y", "low", "high"], Yardstick("low", "high")),
        ("panel", ["panel", "y", "low", "high"], None),
        ("p", ["estimate", "p", "low", "high"], None),
        ("n", ["estimate", "low", "high", "n"], None),
        ("loss_mean", ["loss_mean", "loss_early"], None),
        ("loss_std", ["loss_mean", "loss_std"], None),
    ],
)  # fmt: skip
def test_columns_of_standard_errors_are_found_by_their_names(column, columns, found):
    assert yardstick(column, columns) == found


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        ({"x_mean": 2.0, "x_std": 3.0, "x_n": 9}, 1.0),
        ({"x": 2.0, "x_se": 0.25}, 0.25),
        ({"x": 2.0, "x_low": 1.02, "x_high": 2.98}, 0.5),
        ({"estimate": 2.0, "low": 1.02, "high": 2.98, "n": 1}, 0.5),
        ({"estimate": 2.0, "low": 2.0, "high": 2.0, "n": 9}, np.nan),  # no width measures nothing
        ({"estimate": 2.0, "low": 1.0, "high": np.inf, "n": 9}, np.nan),
        ({"estimate": 2.0, "low": np.nan, "high": np.nan, "n": 1}, np.nan),
    ],
)
def test_a_standard_error_of_each_kind(pair, columns, error):
    name = next(iter(columns))
    a = pd.DataFrame({"model": ["mlp", "vgg"]} | {key: [value, value] for key, value in columns.items()})
    (number,) = only(pair(a, changed(a, **{name: {1: 2.5}}))).numbers
    assert number[:4] == ("model=vgg", name, 2.0, 2.5)
    assert number.standard_errors == pytest.approx(0.5 / error, nan_ok=True)
    assert number.relative == 0.25


# Rows


def test_rows_in_another_order_did_not_move(pair):
    found = only(pair(FRAME, FRAME.iloc[[2, 0, 3, 1]]))
    assert not (found.numbers or found.words or found.missing)
    assert found.notes == ["the rows stand in another order"] and found.beyond(0) and not found.beyond(0.1)


def test_verdicts_that_change_hands_are_told_first(pair):
    b = changed(verdict={1: "contradicted", 2: "supported"}, estimate={1: 0.61})
    found = pair(FRAME, b)
    assert [word[:] for word in only(found).words] == [
        ("model=mlp, score=el2n", "verdict", "supported", "contradicted"),
        ("model=vgg, score=loss", "verdict", "contradicted", "supported"),
    ]
    lines = in_words(found, 10).splitlines()
    assert lines[0].startswith(
        "1 of 1 file differs; 2 verdicts changed; 1 number moved, the largest by 0.28 "
    )
    assert lines[2] == "  model=mlp, score=el2n: verdict was supported, is contradicted"


@pytest.mark.parametrize(
    ("answer", "before", "after"),
    [
        ("verdict", ["supported", "contradicted"], ["contradicted", "supported"]),
        ("bound", ["above", "below"], ["below", "below"]),
    ],
)
def test_words_that_came_out_do_not_tell_rows_apart(pair, answer, before, after):
    a = pd.DataFrame({"claim": "it is so", "estimate": [0.5, 0.6], "low": 0.4, "high": [0.7, 0.8]})
    a[answer], a["place"] = before, ["here", "there"]
    found = only(pair(a, a.assign(**{answer: after})))
    others = [*zip(("place=here", "place=there"), before, after, strict=True)]
    assert [(word.row, word.a, word.b) for word in found.words] == [row for row in others if row[1] != row[2]]
    assert not found.numbers and not found.missing and found.beyond(1e9)


def test_verdicts_come_before_other_words_and_other_files(pair):
    a = FRAME.assign(reason="few runs")[["model", "score", "reason", "verdict"]]
    b = changed(a, reason={0: "many runs"}, verdict={3: "supported"})
    lines = in_words(pair({"a.csv": a, "b.csv": a}, {"a.csv": a.assign(reason="no runs"), "b.csv": b}), 2)
    assert lines.splitlines()[1:5] == [
        "b.csv:",
        "  model=vgg, score=el2n: verdict was inconclusive, is supported",
        "  model=mlp, score=loss: reason was few runs, is many runs",
        "a.csv:",
    ]


def test_counts_that_change_hands_keep_their_rows(pair):
    found = only(pair(changed(n={0: 4}), changed(n={1: 4})))
    assert [number[:4] for number in found.numbers] == [
        ("model=mlp, score=loss", "n", 4, 5),
        ("model=mlp, score=el2n", "n", 5, 4),
    ]
    assert not found.missing


def test_rows_of_one_side_alone_are_named(pair):
    more = pd.concat([FRAME, FRAME.iloc[[0]].assign(model="bert")], ignore_index=True)
    assert only(pair(FRAME, more)).missing == ["only the second has the row model=bert, score=loss"]


def test_rows_of_other_things_are_not_compared(pair):
    found = only(pair(FRAME, FRAME.assign(model=["mlp", "mlp", "bert", "bert"], estimate=0.5)))
    assert found.missing == [
        "only the first has the rows model=vgg, score=loss; model=vgg, score=el2n",
        "only the second has the rows model=bert, score=loss; model=bert, score=el2n",
    ]
    assert {number.row for number in found.numbers} == {"model=mlp, score=el2n"}


def test_the_only_row_may_be_of_another_thing(pair):
    found = only(pair(FRAME.head(1), FRAME.head(1).assign(model="bert", estimate=0.9)))
    assert len(found.missing) == 2 and not found.numbers


def test_settings_that_are_no_whole_numbers_tell_rows_apart(pair):
    a = pd.DataFrame({"model": "mlp", "fraction": [0.1, 0.25, 0.5], "estimate": [0.9, 0.8, 0.7]})
    a = a.assign(low=a["estimate"] - 0.1, high=a["estimate"] + 0.1)
    b = changed(a, estimate={1: 0.85}).iloc[[2, 1, 0]]
    (number,) = only(pair(a, b)).numbers
    assert number[:4] == ("fraction=0.25", "estimate", 0.8, 0.85)


def test_a_count_before_the_settings_is_no_key(pair):
    a = pd.DataFrame(
        {"step": ["all", "sure", "sure"], "utterances": [90, 50, 40], "threshold": [0.1, 0.1, 0.9]}
    )
    found = only(pair(a, changed(a, utterances={2: 41})))
    assert [number[:4] for number in found.numbers] == [("step=sure, threshold=0.9", "utterances", 40, 41)]


def test_settings_that_one_side_alone_has(pair):
    a = pd.DataFrame({"features": "p_value", "k": [10, 30], "estimate": [0.9, 0.8], "low": 0.5, "high": 1.0})
    found = only(pair(a, changed(a, k={1: 50})))
    assert not found.numbers and found.missing == [
        "only the first has the row k=30",
        "only the second has the row k=50",
    ]


def test_a_word_beside_an_interval_is_a_name(pair):
    a = pd.DataFrame({"x": [1.5, 2.5], "series": ["a", "b"], "low": [0.1, 0.2], "high": [0.3, 0.4]})
    (number,) = only(pair(a, changed(a, x={1: 3.0}))).numbers
    assert number[:4] == ("series=b", "x", 2.5, 3)


def test_rows_that_nothing_tells_apart_go_by_their_order(pair):
    a = pd.DataFrame({"model": ["mlp", "mlp", "vgg"], "loss": [0.5, 0.25, 1.5]})
    found = only(pair(a, changed(a, loss={1: 0.75})))
    assert [number[:4] for number in found.numbers] == [("model=mlp (2)", "loss", 0.25, 0.75)]
    assert found.notes == ["rows with the same model are matched by their order"]


def test_a_column_of_one_side_alone(pair):
    found = only(pair(FRAME, FRAME.drop(columns="n").assign(p=0.5)))
    assert found.missing == ["only the first has the column n", "only the second has the column p"]
    assert not found.numbers and found.beyond(1e9)


def test_numbers_come_and_go(pair):
    found = pair(changed(estimate={0: np.nan}, n={3: np.nan}), FRAME)
    numbers = {number.column: number for number in only(found).numbers}
    assert np.isnan(numbers["estimate"].a) and numbers["estimate"].b == 0.5
    assert np.isnan(numbers["n"].a) and numbers["n"].b == 5
    assert "model=mlp, score=loss: estimate was missing, is 0.5" in in_words(found, 10)
    assert found.beyond(1e9)


def test_an_empty_column_beside_words(pair):
    found = only(pair(FRAME.assign(reason=""), FRAME.assign(reason=["", "too few runs", "", ""])))
    assert [word[:] for word in found.words] == [("model=mlp, score=el2n", "reason", "", "too few runs")]


def test_a_table_without_rows(pair):
    found = only(pair(FRAME.head(0), FRAME.head(1)))
    assert found.missing == ["only the second has the row model=mlp, score=loss"]


def test_a_table_without_real_numbers(pair):
    a = pd.DataFrame({"vertices": [3, 4, 4], "graphs": ["all", "all", "random"], "wrong": [0, 0, 0]})
    (number,) = only(pair(a, changed(a, wrong={1: 2}))).numbers
    assert number[:4] == ("graphs=all, vertices=4", "wrong", 0, 2) and np.isnan(number.standard_errors)


# Other kinds of files


def examples(seed=0, rows=50):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "example_id": [f"d:train:{place}" for place in range(rows)],
            "label": rng.integers(0, 3, rows),
            "loss_mean_mean": rng.normal(size=rows),
            "loss_mean_std": 0.5,
            "loss_mean_n": 4,
            "entropy": rng.normal(size=rows),
            "correct": True,
        }
    )


def test_columns_of_examples(pair):
    a = examples()
    b = changed(a, correct={7: False}).astype({"correct": bool})
    b.loc[:9, "loss_mean_mean"] += 0.1
    b.loc[3, "loss_mean_mean"] += 0.4
    b.loc[:4, "entropy"] -= 0.3
    found = only(pair({"scores.parquet": a}, {"scores.parquet": b.sample(frac=1, random_state=1)}))
    loss, entropy = found.values
    assert (loss.column, loss.moved, loss.values, loss.unit) == ("loss_mean_mean", 10, 50, "standard errors")
    assert loss.largest == pytest.approx(0.5) and loss.median == pytest.approx(0.1)
    assert loss.in_units == pytest.approx((2, 0.4))  # 0.5 / √4 is 0.25
    assert loss.most.row == "example_id=d:train:3" and loss.most.standard_errors == pytest.approx(2)
    known = stats.spearmanr(a["loss_mean_mean"], b["loss_mean_mean"]).statistic
    assert loss.correlation == pytest.approx(known)
    assert (entropy.moved, entropy.unit) == (5, "standard deviations")
    spread = max(a["entropy"].std(), b["entropy"].std())
    assert entropy.in_units == pytest.approx((0.3 / spread, 0.3 / spread))
    assert [word[1:] for word in found.words] == [("correct", "True", "False")]
    assert found.notes == ["the rows stand in another order"]


def test_columns_that_moved_most_come_first(pair):
    a = examples().assign(more=np.linspace(0, 1, 50), text="a")
    b = changed(a, entropy={0: a["entropy"][0] + 0.1}, more={0: 9.0}, loss_mean_mean={1: 0.0}, text={2: "b"})
    found = pair({"x.parquet": a}, {"x.parquet": b})
    assert [values.column for values in only(found).values] == ["loss_mean_mean", "more", "entropy"]
    assert in_words(found, 1).splitlines()[2] == "  example_id=d:train:2: text was a, is b"


def test_a_tolerance_for_examples_is_in_standard_errors(pair):
    a, b = examples(), examples()
    b.loc[0, "loss_mean_mean"] += 0.25
    found = only(pair({"scores.parquet": a}, {"scores.parquet": b}))
    assert found.beyond(0.99) and not found.beyond(1.01)
    b.loc[0, "entropy"] += 0.001
    assert only(pair({"scores.parquet": a}, {"scores.parquet": b})).beyond(1.01)  # no standard error


def test_examples_whose_standard_error_is_not_known_are_beyond_any_tolerance(pair):
    a = changed(examples(), loss_mean_std={0: np.nan})
    b = changed(a, loss_mean_mean={0: 0.0, 1: a["loss_mean_mean"][1] + 0.1})
    found = only(pair({"scores.parquet": a}, {"scores.parquet": b}))
    assert found.values[0].in_units == pytest.approx((0.4, 0.4)) and found.values[0].without_unit == 1
    assert found.beyond(1e9)


def test_examples_that_lost_their_value(pair):
    found = pair(
        {"x.parquet": examples()}, {"x.parquet": changed(examples(), entropy={4: np.nan, 5: np.inf})}
    )
    (values,) = only(found).values
    assert (values.moved, values.lost) == (2, 2) and np.isnan(values.largest)
    assert "2 missing or infinite on one side" in in_words(found, 10)


def test_trajectories_are_joined_by_epoch_and_example(pair):
    a = pd.DataFrame({"epoch": np.repeat([1, 2], 3), "example": [0, 1, 2] * 2, "loss": np.arange(6.0)})
    b = changed(a, loss={4: 4.5}).sample(frac=1, random_state=0)
    (values,) = only(pair({"trajectory.parquet": a}, {"trajectory.parquet": b})).values
    assert values.most[:4] == ("epoch=2, example=1", "loss", 4, 4.5)


def test_lists_of_examples(pair):
    a = pd.DataFrame({"example_id": ["x", "y"], "slots": [["O", "B"], ["O"]]})
    b = pd.DataFrame({"example_id": ["x", "y"], "slots": [["O", "B"], ["B"]]})
    (word,) = only(pair({"pool.parquet": a}, {"pool.parquet": b})).words
    assert word == ("example_id=y", "slots", "['O']", "['B']")


def test_keys_of_json_and_yaml(pair):
    a = {"loss": 0.5, "steps": 10, "loads": [[1, 2], []], "provenance": {"code": "ab", "data": "d"}}
    b = {"loss": 0.75, "steps": 10, "loads": [[1, 3], []], "provenance": {"code": "cd"}, "new": None}
    found = pair(
        {"metrics.json": a, "config.yaml": "x:\n  y: 1\n"}, {"metrics.json": b, "config.yaml": "x:\n  y: 2\n"}
    )
    yaml, json = found.differences
    assert [number[1:4] for number in yaml.numbers] == [("x.y", 1, 2)]
    assert [number[1:4] for number in json.numbers] == [("loss", 0.5, 0.75), ("loads[0][1]", 2, 3)]
    assert [word[1:] for word in json.words] == [("provenance.code", "ab", "cd")]
    assert json.missing == ["only the first has the key provenance.data", "only the second has the key new"]


def test_arrays(tmp_path):
    weights = np.arange(6, dtype=np.float32).reshape(2, 3)
    for name, more, kept in (("a", 0, np.zeros(2)), ("b", 0.5, np.zeros(3))):
        (tmp_path / name).mkdir()
        moved = weights + np.array([[0, 0, 0], [0, 0, more]], np.float32)
        arrays = {"w": moved, "same": weights, "kept": kept, f"only_{name}": kept}
        save_file(arrays, tmp_path / name / "model.safetensors")
    found = only(compare(tmp_path / "a", tmp_path / "b"))
    (values,) = found.values
    assert (values.column, values.moved, values.values, values.largest) == ("w", 1, 6, 0.5)
    assert values.most[:4] == ("[1, 2]", "w", 5, 5.5)
    assert [word[:] for word in found.words] == [("kept", "shape", "(2,)", "(3,)")]
    assert found.missing == ["only the first has the array only_a", "only the second has the array only_b"]


def test_arrays_of_half_precision_are_told_as_not_compared(tmp_path, capsys):
    head = b'{"w":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}'
    for name, value in (("a", b"\0\x3f"), ("b", b"\0\x40")):
        (tmp_path / name).mkdir()
        content = len(head).to_bytes(8, "little") + head + value
        (tmp_path / name / "model.safetensors").write_bytes(content)
    code, lines = run(capsys, tmp_path / "a", tmp_path / "b")
    assert code == 1 and "the array w is not compared" in lines[2]


def test_pictures_and_pages_differ_or_do_not(pair):
    found = pair({"f.rst": "one\n", "f.html": "<html></html>"}, {"f.rst": "two\n", "f.html": "<html></html>"})
    assert in_words(found, 10).splitlines()[1:] == ["differs: f.rst"]
    assert found.beyond(0) == ["f.rst"] and found.beyond(0.1) == []


# Folders


def test_files_of_one_folder_alone_are_told_by_folder(pair):
    more = {f"difficulty/digits/mlp/seed={seed}/metrics.json": {"x": 1} for seed in range(3)}
    found = pair({"index.csv": FRAME}, {"index.csv": FRAME, "claims.csv": FRAME, **more})
    assert found.only_a == {} and found.only_b == {"claims.csv": 1, "difficulty/": 3}
    assert in_words(found, 10).splitlines() == [
        f"0 of 5 files differ; 4 are only in {found.b}; no number in a table moved",
        f"only in {found.b}: claims.csv",
        f"only in {found.b}: difficulty/ (3 files)",
    ]
    assert found.beyond(1e9)


def test_a_folder_inside_the_other_is_not_part_of_it(tmp_path):
    write(tmp_path, {"index.csv": FRAME, "before/index.csv": FRAME})
    assert compare(tmp_path, tmp_path / "before").same and compare(tmp_path / "before", tmp_path).same


def test_what_runs_cost_and_the_report_do_not_count(pair):
    kept = {"index.csv": FRAME}
    times = {
        "seed=0/resources.json": {"a": 1},
        "influence/tables/cost.csv": FRAME,
        "figures/score_cost.rst": "2 s",
    }
    assert pair(kept | times, kept | {"report.html": "<html></html>"}).same


def test_files_that_were_set_aside_are_no_difference(tmp_path):
    write(tmp_path / "a", {"index.csv": FRAME, "x.parquet": FRAME})
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    shutil.copy(tmp_path / "b/x.parquet", tmp_path / "b/copy")
    set_aside(tmp_path / "b/x.parquet")
    shutil.move(tmp_path / "b/copy", tmp_path / "b/x.parquet")
    assert compare(tmp_path / "a", tmp_path / "b").same
    (tmp_path / "b/x.parquet").unlink()
    assert compare(tmp_path / "a", tmp_path / "b").only_a == {"x.parquet": 1}


ARRAY = b'{"w":{"dtype":"Q","shape":[1],"data_offsets":[0,1]}}'
DAMAGE = {
    "x.csv": b"a,b\n1,2,3\n1,2,3,4\n",
    "x.parquet": b"PAR1 what is this PAR1",
    "x.json": b"{[\n}\n",
    "x.yaml": b"a: [1\n",
    "x.safetensors": len(ARRAY).to_bytes(8, "little") + ARRAY + b"x",
}


@pytest.mark.parametrize(
    ("name", "content"), [*DAMAGE.items(), *((name, b"") for name in (*DAMAGE, "x.pdf"))]
)
def test_damaged_files_are_named_in_a_line(tmp_path, capsys, name, content):
    whole = {"x.csv": FRAME, "x.parquet": FRAME, "x.json": {"a": 1}, "x.yaml": "a: 1\n", "x.pdf": "%%EOF"}
    write(tmp_path / "a", whole)
    save_file({"w": np.zeros(2)}, tmp_path / "a/x.safetensors")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    damaged = tmp_path / "b" / name
    damaged.write_bytes(content)
    for order in ("ab", "ba"):
        code, lines = run(capsys, *(tmp_path / folder for folder in order), "--tolerance", 9)
        assert code == 1 and lines[0].startswith("1 of 6 files differs; 1 cannot be read; no number")
        assert lines[1] == f"{name}:" and lines[2].startswith(f"  cannot be compared: {damaged}")
        assert len(lines) == 4
    assert damaged.exists()  # only named


def test_folders_that_hold_nothing(tmp_path):
    with pytest.raises(StudyError, match="nothing to compare"):
        compare(tmp_path / "nowhere", tmp_path / "nowhere")


# The command


def test_the_command(tmp_path, capsys):
    a, b = write(tmp_path / "a", {TABLE: FRAME}), tmp_path / "b"
    shutil.copytree(a, b)
    assert run(capsys, a, b) == (0, ["the results are the same"])
    write(b, {TABLE: changed(estimate={0: 0.5 + ERROR, 1: 0.6 - 2 * ERROR, 2: 0.7 + ERROR / 2})})
    code, lines = run(capsys, a, b, "--most", 2, "--output", tmp_path / "moved.csv")
    assert code == 1 and lines == [
        "1 of 1 file differs; 3 numbers moved, the largest by 2 standard errors: "
        f"{TABLE}, model=mlp, score=el2n, estimate",
        f"{TABLE}:",
        "  model=mlp, score=el2n: estimate was 0.6, is 0.527965 (-0.072, 2 standard errors)",
        "  model=mlp, score=loss: estimate was 0.5, is 0.536017 (+0.036, 1 standard error)",
        "  and 1 more",
    ]
    table = pd.read_csv(tmp_path / "moved.csv")
    assert list(table) == ["file", "row", "column", "a", "b", "difference", "standard_errors"]
    assert table["standard_errors"].to_numpy() == pytest.approx([-2, 1, 0.5], rel=1e-4)
    assert set(table["file"]) == {TABLE} and len(table) == 3
    assert run(capsys, a, b, "--tolerance", 1.99)[0] == 1
    code, lines = run(capsys, a, b, "--tolerance", 2.01)
    assert code == 0 and lines[-1] == "nothing moved by more than 2.01 standard errors"


def test_whatever_has_no_standard_error_is_beyond_any_tolerance(tmp_path, capsys):
    a = write(tmp_path / "a", {TABLE: FRAME.assign(p=0.5)})
    b = write(tmp_path / "b", {TABLE: FRAME.assign(p=0.51)})
    code, lines = run(capsys, a, b, "--tolerance", 100)
    assert code == 1 and lines[-1].startswith("1 file or folder differs by more than 100 standard errors")
    assert "  model=mlp, score=el2n: p was 0.5, is 0.51 (+0.01, +2 %)" in lines


@pytest.mark.parametrize("option", ["--tolerance=-1", "--tolerance=nan", "--most=-1"])
def test_options_that_make_no_sense_are_refused(tmp_path, capsys, option):
    with pytest.raises(SystemExit) as left:
        main(["diff", str(tmp_path), str(tmp_path), option])
    assert left.value.code == 2 and "is less than" in capsys.readouterr().err

"""A result says what made it, a changed one is found, and what would change it now is named."""

import csv
import hashlib
import json
import re

import pytest

from study import manifest, paths
from tests.project import Project, snapshot

TABLE = paths.table("difficulty", "runs_needed")
RUN = paths.run_folder("difficulty", "digits", "mlp", 0)


def test_the_manifest_lists_every_result_with_its_digest(project):
    with (project.folder / paths.MANIFEST).open(newline="") as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    assert rows.keys() == snapshot(project.folder).keys()
    for name, content in snapshot(project.folder).items():
        assert rows[name]["sha256"] == hashlib.sha256(content).hexdigest()
        assert int(rows[name]["bytes"]) == len(content)
    assert rows[TABLE]["rule"] == "collect_table" and re.fullmatch("[0-9a-f]{16}", rows[TABLE]["code"])
    assert (
        rows[f"{RUN}/metrics.json"]["code"]
        == json.loads((project.folder / RUN / "metrics.json").read_text())["provenance"]["code"]
    )


def test_a_result_says_what_made_it(project):
    said = project.study("provenance", TABLE)
    assert said.code == 0, said.text
    metrics = json.loads((project.folder / RUN / "metrics.json").read_text())["provenance"]
    for told in (
        "rule collect_table",
        "python -m study collect --chapter difficulty --table runs_needed",
        "study 'smoke' from smoke.yaml",
        "as it was written",
        f"18 of them runs of models, data {metrics['data']}".partition(",")[0],
        metrics["data"],
        metrics["code"],
        f"torch {metrics['packages']['torch']}",
        "device     cpu",
        "now        it would be the same",
    ):
        assert told in said.text, said.text


def test_a_changed_formula_or_version_is_named(project, copied, edited):
    edited("workflow/study/analysis/ranks.py", "def ", "MADE_UP = 1\n\n\ndef ")
    metrics = copied / RUN / "metrics.json"
    text = metrics.read_text()
    metrics.write_text(re.sub(r'"torch": "[^"]+"', '"torch": "0.1"', text))
    said = project.study("provenance", TABLE, folder=copied)
    assert said.code == 0 and "it would be made again, or differ:" in said.text, said.text
    assert re.search(r"its code or settings are others now: results/\S+ and \d+ more", said.text), said.text
    assert "torch was 0.1" in said.text


@pytest.mark.parametrize(
    ("file", "told"),
    [("results/nowhere.csv", "there is no such file"), ("results/README.md", "no rule of this study makes")],
)
def test_what_is_no_result_says_so(project, copied, file, told):
    (copied / "results/README.md").write_text("mine\n")
    said = project.study("provenance", file, folder=copied)
    assert said.code == 1 and told in said.text and "Traceback" not in said.text, said.text


@pytest.mark.parametrize("ending", ["csv", "pdf", "png", "rst"])
def test_one_flipped_bit_is_found_in_files_without_a_checksum_and_mended(project: Project, copied, ending):
    before = snapshot(copied)
    name = paths.figure("difficulty", "digits", "runs_needed", ending)
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    assert "CHANGED" in project.study("provenance", name, folder=copied).text
    found = project.study("verify", folder=copied)
    assert found.code == 1 and f"{name}: " in found.text and "1 damaged file" in found.text, found.text
    ran = project.snakemake("--", name, folder=copied)
    assert ran.code == 0, ran.text
    (copied / f"{name}.damaged").unlink()
    assert snapshot(copied) == before
    assert project.study("verify", folder=copied).code == 0


def test_parts_that_were_made_later_join_the_manifest(tmp_path):
    """What was there keeps its digest, what has gone goes, what is made anew gets a new one."""
    (tmp_path / "results").mkdir()

    def file(name: str, text: str) -> str:
        (tmp_path / name).write_text(text)
        return name

    def listed() -> dict[str, str]:
        return {name: row["sha256"] for name, row in manifest.read(tmp_path).items()}

    def digest(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    names = [file(f"results/{name}.csv", f"{name}\n") for name in "abc"]
    manifest.record([manifest.Made(name, "rule", "", "", True) for name in names], tmp_path)
    for name in names:
        file(name, "other\n")
    (tmp_path / names[2]).unlink()
    manifest.record([manifest.Made(names[1], "rule", "", "", True)], tmp_path)
    assert listed() == {names[0]: digest("a\n"), names[1]: digest("other\n")}
    manifest.record([manifest.Made(names[0], "rule", "", "", False)], tmp_path)
    assert listed()[names[0]] == digest("a\n")
    (tmp_path / paths.MANIFEST).write_text("file,by")
    manifest.record([manifest.Made(names[0], "rule", "", "", False)], tmp_path)
    assert listed() == {names[0]: digest("other\n")}

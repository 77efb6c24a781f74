"""A result says what made it, a changed one is found, and what would change it now is named."""

import csv
import hashlib
import json
import os
import re
import time
from pathlib import Path

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


def as_it_lies(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a folder but Snakemake's own, with its time."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] != ".snakemake"
    }


def test_looking_at_damage_changes_nothing(project, copied):
    """A cut file, one that is damaged inside, one from the future; they are named, and stay as they are."""
    damaged, metrics, ahead = copied / TABLE, copied / RUN / "metrics.json", copied / paths.INDEX
    damaged.write_bytes(damaged.read_bytes()[:-3])
    metrics.write_bytes(b"x" + metrics.read_bytes())
    os.utime(ahead, (time.time() + 86400,) * 2)
    before = as_it_lies(copied)
    said = project.study("provenance", TABLE, folder=copied)
    assert said.code == 1 and "Traceback" not in said.text, said.text
    assert f"error: a result file is damaged: it is cut off or empty\n  where:    {TABLE}\n" in said.text
    assert "python -m study verify" in said.text
    said = project.study("provenance", paths.INDEX, folder=copied)
    assert said.code == 1 and "it is not JSON" in said.text and f"{RUN}/metrics.json" in said.text, said.text
    for look in ("--summary", "--unlock", "--list-rules", "--lint"):
        project.snakemake(look, folder=copied)
    assert as_it_lies(copied) == before


def test_a_second_snakemake_mends_nothing(project, copied):
    """It may not move files under the first, nor take a cut file for made."""
    damaged = copied / TABLE
    damaged.write_bytes(damaged.read_bytes()[:-3])
    lock = copied / ".snakemake/locks/0.output.lock"
    lock.parent.mkdir(exist_ok=True)
    lock.write_text(f"{TABLE}\n")
    before = as_it_lies(copied)
    refused = project.snakemake("--", TABLE, folder=copied)
    assert refused.code != 0 and "Traceback" not in refused.text, refused.text
    assert "another Snakemake is at work" in refused.text and "--unlock" in refused.text, refused.text
    assert as_it_lies(copied) == before
    lock.unlink()
    ran = project.snakemake("--", TABLE, folder=copied)
    assert ran.code == 0 and f"{TABLE} is cut off: it is set aside" in ran.text, ran.text


def test_what_a_killed_snakemake_made_is_healthy(project, copied, edited):
    """A formula changes, and Snakemake is killed when all is made but the manifest is not written."""
    name = paths.figure("difficulty", "digits", "runs_needed", "rst")
    before = (copied / name).read_bytes()
    edited("workflow/study/plotting/runs_needed_caption.py", "{runs} each. ", "{runs} for each. ")
    last = "    made = (\n        Made(\n"
    killed = f"    os.kill(os.getpid(), 9)\n{last}"
    edited("workflow/rules/common.smk", last, killed)
    assert project.snakemake("--", name, folder=copied).code != 0
    assert (copied / name).read_bytes() != before
    edited("workflow/rules/common.smk", killed, last)
    assert project.snakemake("--unlock", folder=copied).code == 0
    ran = project.snakemake("--", name, folder=copied)
    assert ran.code == 0, ran.text
    said = project.study("provenance", name, folder=copied)
    assert "CHANGED" not in said.text, said.text
    verified = project.study("verify", folder=copied)
    assert verified.code == 0, verified.text


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


def test_what_is_to_be_made_leaves_the_manifest(tmp_path):
    """It gets the digest of what is there at the end, whoever made that; damaged manifests are left."""
    manifest.forget(["results/a.csv"], tmp_path)
    assert not (tmp_path / paths.MANIFEST).exists()
    (tmp_path / "results").mkdir()
    names = ["results/a.csv", "results/b.csv"]
    for name in names:
        (tmp_path / name).write_text("before\n")
    manifest.record([manifest.Made(name, "rule", "", "", True) for name in names], tmp_path)
    rows = manifest.read(tmp_path)
    manifest.forget([names[0], "results/new.csv"], tmp_path)
    assert manifest.read(tmp_path) == {names[1]: rows[names[1]]}
    for name in names:
        (tmp_path / name).write_text("after\n")  # one by a process that was killed, one by a hand
    manifest.record([manifest.Made(name, "rule", "", "", False) for name in names], tmp_path)
    assert manifest.read(tmp_path)[names[0]]["sha256"] == hashlib.sha256(b"after\n").hexdigest()
    assert manifest.read(tmp_path)[names[1]] == rows[names[1]]
    (tmp_path / paths.MANIFEST).write_text("file,by")
    manifest.forget(names, tmp_path)
    assert (tmp_path / paths.MANIFEST).read_text() == "file,by"

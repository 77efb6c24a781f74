"""Nothing is unpickled, no code of others runs, and nothing is written but the study's own folders.

As Python's audit events show it, in a process of its own; what libraries in other languages write is found by
looking at the folders afterwards.
"""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.bad_input.cases_config import check
from tests.bad_input.cases_hub import card, hub
from tests.bad_input.cases_images import POSTSCRIPT, folder_of, own
from tests.bad_input.cases_models import encoder, remote_code, remote_tokenizer, save_model
from tests.bad_input.cases_results import AGGREGATE, METRICS, SCORES, finished
from tests.bad_input.cases_texts import REPOSITORY, corpus, ranking
from tests.bad_input.folders import changed, configured, owning, plain
from tests.bad_input.hostile import archive, unpickling
from tests.bad_input.watched import MARKER, Seen, Watched, code, harm, watched
from tests.tiny_texts import text_study
from tests.unit.data.pictures import grey, pngs

from study import paths

OWN = (paths.RESULTS, paths.WORK, paths.LOGS)
KINDS = ("unpickled", "ran", "asked", "started")


def _pictures(folder: Path) -> list[list[str]]:
    """Prepare pictures of one's own, train a model on them, and look at its scores."""
    rows = []
    for number, picture in enumerate(pngs(grey(24, size=8))):
        (folder / f"{number}.png").write_bytes(picture)
        rows.append(f"{number}.png,{number % 2}\n")
    (folder / "own.csv").write_text("image,label\n" + "".join(rows))
    study = owning(plain(), {"source": "files", "format": "csv", "train": ["own.csv"]})
    config = configured(folder, changed(study, "difficulty.seeds", 4))
    model = "--chapter difficulty --dataset own --model mlp"
    commands = ("prepare --dataset own", f"train {model} --seeds 0 1 2 3", f"analyse aggregate {model}")
    return [[*command.split(), *config] for command in commands]


def _texts(folder: Path) -> list[list[str]]:
    """Prepare texts of one's own, and train a model of others, of a local folder, on them."""
    save_model(folder / "theirs")
    lines = "".join(f"a {'dark lamp' if k % 2 else 'song'} {k},{k % 2}\n" for k in range(24))
    (folder / "own.csv").write_text("text,label\n" + lines)
    start = {"architecture": "encoder", "start": "theirs", "positions": 24}
    data = {"source": "files", "format": "csv", "train": ["own.csv"], "text_columns": ["text"]}
    study = owning(text_study(models={"own": start}).model_dump(mode="json"), data, "influence")
    config, model = configured(folder, study), "--chapter influence --dataset own --model own"
    commands = (
        f"encoder {model}",
        "tune --chapter influence --task own --model own",
        f"train {model} --seeds 0",
    )
    return [[*command.split(), *config] for command in ("prepare --dataset own", *commands)]


def _repository(folder: Path) -> list[list[str]]:
    """Prepare a folder in the hub's layout."""
    return [hub(card("license: mit"))(folder)]


@pytest.fixture(scope="module")
def right(tmp_path_factory) -> Watched:
    """What is right, done from data to results that are read again."""
    root, commands = tmp_path_factory.mktemp("right"), []
    for name, make in (("pictures", _pictures), ("texts", _texts), ("repository", _repository)):
        folder = root / name
        folder.mkdir()
        commands += [(folder, command) for command in [*make(folder), ["verify"]]]
    return watched(root, commands)


def _pickled(name: str, format: str) -> Callable[[Path], list[str]]:
    """A pickle as a data set."""
    return own(format, name, _itself)


def _itself(path: Path) -> None:
    path.write_bytes(harm(path.parent))


def _typed(path: Path) -> None:
    unpickling(path, harm(path.parent))


def _objects(path: Path) -> None:
    file = io.BytesIO()
    np.save(file, np.array([1], dtype=object))
    head = file.getvalue()[: file.getvalue().index(b"\n") + 1]
    path.write_bytes(head + harm(path.parent))


def _weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(harm(folder.parent))


def _tensor(path: Path) -> None:
    archive(path, "0.pth", harm(path.parents[1]))


def _result(place: Path) -> Callable[[Path], object]:
    return lambda folder: (folder / place).write_bytes(harm(folder))


def _tagged(folder: Path) -> list[str]:
    return check(f"name: !!python/object/apply:os.system ['touch {folder / MARKER}']\n")(folder)


def _tagged_card(theirs: Path) -> None:
    card(f"license: !!python/object/apply:os.system ['touch {theirs.parent / MARKER}']")(theirs)


def _script(theirs: Path) -> None:
    (theirs / f"{theirs.name}.py").write_text(code(theirs.parent))


HOSTILE = {
    "a tag that calls a function": _tagged,
    "a card with a tag that calls a function": hub(_tagged_card),
    "a loading script": hub(_script, data=False),
    "a loading script beside data": hub(_script),
    "a pickle as a csv": _pickled("own.csv", "csv"),
    "a pickle as lines of json": _pickled("own.jsonl", "jsonl"),
    "a pickle as a parquet file": _pickled("own.parquet", "parquet"),
    "an array of pickled objects": own("csv", "own.npy", _objects),
    "a column of a pickled type": own("parquet", "own.parquet", _typed),
    "a picture that is a program": folder_of("1.eps", POSTSCRIPT),
    "weights that are pickled": encoder(_weights),
    "weights that are a pickle by another name": encoder(
        lambda theirs: (theirs / "model.safetensors").write_bytes(harm(theirs.parent))
    ),
    "a model that brings code": encoder(lambda theirs: remote_code(theirs, code(theirs.parent))),
    "a tokenizer that brings code": encoder(lambda theirs: remote_tokenizer(theirs, code(theirs.parent))),
    "an archive of pickled tensors": corpus("theirs/own.tar", _tensor, REPOSITORY),
    "a pool that is a pickle": ranking(pool=_itself, pool_file="pool.pkl"),
    "scores that are a pickle": finished(AGGREGATE, _result(SCORES)),
    "metrics that are a pickle": finished("index", _result(METRICS)),
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Watched:
    """What is hostile, each in a folder of its own."""
    root, commands = tmp_path_factory.mktemp("hostile"), []
    for name, make in HOSTILE.items():
        folder = root / name.replace(" ", "-")
        folder.mkdir()
        commands.append((folder, make(folder)))
    return watched(root, commands)


def elsewhere(found: Watched) -> dict[str, list[str]]:
    """What was written outside of the folders that a study may write, by command."""
    written = {
        each.name: [path for path in each.of("written") if not allowed(Path(path), each, found.root)]
        for each in found.commands
    }
    return {name: places for name, places in written.items() if places}


def allowed(path: Path, by: Seen, root: Path) -> bool:
    """Whether a command may write a path: one of the study's own, or one that is named here."""
    if path == Path("/dev/null") or any(path.is_relative_to(by.folder / name) for name in OWN):
        return True
    if path.parent == root / "tmp":
        # Python's tempfile tries its folder with an empty file; torch makes its cache where it is imported.
        return path.name.startswith("torchinductor_") or not path.exists()
    # rank-pool works beside the file that it is asked for.
    return by.command.startswith("rank-pool") and path.parent == by.folder and not path.exists()


def left(found: Watched) -> list[Path]:
    """Files in the home and in the folder for temporary files, whoever wrote them."""
    return [path for name in ("home", "tmp") for path in (found.root / name).rglob("*") if path.is_file()]


def without_counting(seen: dict[str, list[str]]) -> dict[str, list[str]]:
    """What was seen but for one child process: joblib counts the machine's cores by `lscpu`, once."""
    found = {name: [what for what in whats if "'lscpu'" not in what] for name, whats in seen.items()}
    return {name: whats for name, whats in found.items() if whats}


def test_what_is_right_is_done(right):
    assert [each.command for each in right.commands if each.code] == [], right.said


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_unpickled_run_asked_or_started(right, kind):
    assert without_counting(right.of(kind)) == {}


def test_only_the_studys_folders_are_written(right):
    assert elsewhere(right) == {}
    assert left(right) == []


def test_what_is_hostile_is_refused(hostile):
    assert [each.folder.name for each in hostile.commands if each.code != 1] == [], hostile.said
    assert hostile.said.count("\nerror: ") + hostile.said.startswith("error: ") == len(HOSTILE)


def test_what_is_hostile_leaves_no_marker(hostile):
    assert list(hostile.root.rglob(MARKER)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_hostile_is_unpickled_run_asked_or_started(hostile, kind):
    assert without_counting(hostile.of(kind)) == {}


def test_what_is_hostile_writes_nothing_elsewhere(hostile):
    assert elsewhere(hostile) == {}
    assert left(hostile) == []


def test_whatever_is_done_on_purpose_is_noticed(tmp_path):
    """Each of the checks above can fail: this script does all that must not be done."""
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "h.pkl").write_bytes(harm(folder))
    (folder / "script.py").write_text(
        "import os, pickle, shutil, socket, subprocess\n"
        "pickle.load(open('h.pkl', 'rb'))\n"
        "open('../opened', 'w').close()\n"
        "os.rename('../opened', '../renamed')\n"
        "os.mkdir('../made')\n"
        "shutil.rmtree('../made')\n"
        "os.remove('../renamed')\n"
        "subprocess.run(['true'])\n"
        "socket.socket().connect_ex(('127.0.0.1', 9))\n"
    )
    script = str(folder / "script.py")
    found = watched(tmp_path, [(folder, ["script", script])])
    (done,) = found.commands
    assert (folder / MARKER).exists()
    assert all(done.of(kind) for kind in KINDS), done
    (places,) = elsewhere(found).values()
    assert {Path(path).name for path in places} >= {"opened", "renamed", "made"}
    assert "posix.system" in done.of("unpickled") and script in done.of("ran")
    assert {what.split(" ")[0] for what in done.of("started")} >= {"os.system", "subprocess.Popen"}

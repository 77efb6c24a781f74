"""The warm Python does as Python does."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.warm import warm_python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="jobs are ordinary processes elsewhere")
TELL = """
import json, os, sys
print(json.dumps([sys.argv[1:], os.getcwd(), os.environ["TOLD"], __name__, sys.path[0], sys.stdin.read()]))
print("in its log", file=sys.stderr)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    with warm_python(tmp_path_factory.mktemp("warm"), ["json"]) as path:
        yield path


def both(python, command, folder, **environment):
    """What a command leaves behind that the warm and the ordinary Python run."""
    found = []
    for each in (python, sys.executable):
        done = subprocess.run(
            [each, *command],
            cwd=folder,
            env={**os.environ, **environment},
            input="asked",
            capture_output=True,
            text=True,
        )
        found.append((done.returncode, done.stdout, done.stderr))
    return found


@pytest.mark.parametrize("command", [["tell.py", "a", "b c"], ["-m", "tell", "a"]])
def test_arguments_folder_environment_and_streams_are_its_own(python, tmp_path, command):
    (tmp_path / "tell.py").write_text(TELL)
    warm, ordinary = both(python, command, tmp_path, TOLD="so")
    assert warm == ordinary and json.loads(warm[1])[1:4] == [str(tmp_path), "so", "__main__"]


def test_modules_are_those_of_the_environment_and_of_now(python, tmp_path):
    script = tmp_path / "in_a_folder/script.py"
    script.parent.mkdir()
    script.write_text("import sys, told\nsys.exit(told.words)")
    for words in ("one", "another"):
        (tmp_path / "told.py").write_text(f"words = {words!r}")
        warm, ordinary = both(python, [str(script)], "/", PYTHONPATH=str(tmp_path))
        assert warm == ordinary == (1, "", f"{words}\n")


def test_a_fault_ends_with_its_traceback(python, tmp_path):
    (tmp_path / "script.py").write_text("raise ValueError('why')")
    warm, ordinary = both(python, ["script.py"], tmp_path)
    assert warm[0] == ordinary[0] == 1 and warm[2].endswith(ordinary[2].partition("\n")[2])


def test_a_killed_process_is_told(python, tmp_path):
    (tmp_path / "script.py").write_text("import os\nos.kill(os.getpid(), 9)")
    assert both(python, ["script.py"], tmp_path)[0][0] == 128 + signal.SIGKILL


def test_it_ends_with_whoever_asked_for_it(python, tmp_path):
    (tmp_path / "script.py").write_text("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)")
    with subprocess.Popen([python, "script.py"], cwd=tmp_path, stdout=subprocess.PIPE) as asking:
        job = int(asking.stdout.readline())
        asking.kill()
    deadline = time.monotonic() + 10
    while os.path.exists(f"/proc/{job}") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not os.path.exists(f"/proc/{job}")

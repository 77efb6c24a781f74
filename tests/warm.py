"""A Python whose processes are forked from one that has imported the large libraries.

Importing torch and transformers takes a process some five seconds of CPU time, and the tiny studies have
hundreds of jobs. The file that `warm_python` writes is started like Python, and asks a server for a fork of
itself, which takes over arguments, folder, environment and streams, and imports the study's own code anew.
All forks have the server's seed of hashes: what compares the bytes of two processes runs the ordinary Python.
"""

import atexit
import contextlib
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

LIBRARIES = (
    *("matplotlib.backends.backend_agg", "matplotlib.backends.backend_pdf", "pandas", "pyarrow.parquet"),
    *("scipy.stats", "sklearn.linear_model", "snakemake.cli", "torch._dynamo"),
    *("transformers.models.bert.modeling_bert", "transformers.models.mixtral.modeling_mixtral"),
)
CLIENT = """#!{python} -IS
import json, os, socket, sys

server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
server.connect({address!r})
request = [sys.argv, os.getcwd(), dict(os.environ)]
socket.send_fds(server, [json.dumps(request).encode()], [0, 1, 2])
sys.exit(int(server.recv(8) or 1))
"""
LARGEST = 2**18  # bytes of a request


@contextlib.contextmanager
def warm_python(
    folder: Path, libraries: Sequence[str] = LIBRARIES, environment: Mapping[str, str] = os.environ
) -> Iterator[str]:
    """The path of a Python in an empty folder, for as long as its server runs."""
    address, client = str(folder / "socket"), folder / "python"
    client.write_text(CLIENT.format(python=sys.executable, address=address))
    client.chmod(0o755)
    no_threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "MKL", "OPENBLAS")}  # as jobs have it
    no_threads["JE_ARROW_MALLOC_CONF"] = "background_thread:false"
    with subprocess.Popen(
        [sys.executable, __file__, address, *libraries],
        env={**environment, **no_threads},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as server:
        assert server.stdout.readline() == b"ready\n"
        yield str(client)


def serve(address: str) -> list:
    """Fork for every client and tell it how its fork ended, until stdin is closed.

    Returns:
        In a fork: what its client asks for.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(address)
    listener.listen(64)
    gc.collect()
    gc.freeze()  # pages of what was imported stay shared
    assert len(os.listdir("/proc/self/task")) == 1, "a process with threads cannot be forked"
    print("ready", flush=True)
    forks: dict[
        socket.socket, tuple[int, int]
    ] = {}  # its number and its pidfd, by the connection of its client
    while True:
        watched = [listener, sys.stdin, *forks, *(ended for _, ended in forks.values())]
        ready, _, _ = select.select(watched, [], [])
        if sys.stdin in ready:
            sys.exit()
        for client, (fork, ended) in list(forks.items()):
            if ended in ready:
                del forks[client]
                tell(client, fork)
                os.close(ended)
            elif client in ready:  # it was killed
                os.kill(fork, signal.SIGKILL)
        if listener in ready:
            client, _ = listener.accept()
            content, streams, _, _ = socket.recv_fds(client, LARGEST, 3)
            fork = os.fork()
            if fork == 0:
                for target, stream in enumerate(streams):
                    os.dup2(stream, target)
                for each in (listener, client, *forks):
                    each.close()
                return json.loads(content)
            forks[client] = fork, os.pidfd_open(fork)
            for stream in streams:
                os.close(stream)


def tell(client: socket.socket, fork: int) -> None:
    """Tell a client how its fork has ended."""
    code = os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])
    with client, contextlib.suppress(BrokenPipeError):
        client.send(b"%d" % (code if code >= 0 else 128 - code))


def become(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    """Go on as `python -m module ...` or `python script ...` would in a folder with an environment."""
    import numpy as np

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    np.random.seed()  # a new process draws its own, too
    sys.executable, *arguments = arguments
    more = [path for path in environment.get("PYTHONPATH", "").split(":") if path]
    if arguments[0] == "-m":
        sys.argv, sys.path[:1] = arguments[1:], [folder, *more]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        script = os.path.abspath(arguments[0])
        sys.argv, sys.path[:1] = arguments, [os.path.realpath(os.path.dirname(script)), *more]
        runpy.run_path(script, run_name="__main__")


class Exit:
    """Ends the process last of all, before Python takes modules down: that would copy what forks share."""

    code = 1  # of a fault

    def __call__(self) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(self.code)


def main(address: str, *libraries: str) -> None:
    """Import libraries and serve; a fork does what its client asks for, and ends as Python would."""
    leave = Exit()
    atexit.register(leave)  # before any library registers something, so that it is called after that
    for library in libraries:
        import_module(library)
    try:
        become(*serve(address))
        leave.code = 0
    except SystemExit as error:
        leave.code = error.code if isinstance(error.code, int) else int(error.code is not None)
        raise


if __name__ == "__main__":
    main(*sys.argv[1:])

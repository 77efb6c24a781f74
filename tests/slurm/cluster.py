"""A Slurm cluster of one node in a folder of its own, for as long as tests run.

Real daemons (munged, slurmctld, slurmd) on this machine: without accounting, without control groups, as root.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

TOOLS = ("munged", "slurmctld", "slurmd", "sbatch")
PLACE = Path("/etc/slurm/slurm.conf")  # the plugin's job steps drop the variable that names another one
TEMPORARY = Path(tempfile.gettempdir())
DEBIAN = "apt-get install --no-install-recommends slurm-wlm munge"
CONFIGURATION = """
ClusterName=tests
SlurmctldHost={host}
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser=root
AuthInfo=socket={folder}/munge/socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
ReturnToService=2
MinJobAge=7200
KillWait=10
JobRequeue=0
NodeName={host} CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def why_not() -> str:
    """What is missing for a cluster on this machine; empty where there is nothing."""
    missing = [tool for tool in TOOLS if path_of(tool) is None]
    if missing:
        return f"{', '.join(missing)} not installed ({DEBIAN})"
    if PLACE.exists() and TEMPORARY not in PLACE.resolve().parents:  # else a killed test left it behind
        return f"this machine has a configuration of its own, {PLACE}"
    return "" if os.geteuid() == 0 else "the daemons of Slurm need root"


def path_of(tool: str) -> str | None:
    """Where a tool is; daemons lie in places that users do not search."""
    return shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


@contextmanager
def cluster(folder: Path, cpus: int = 2) -> Iterator[dict[str, str]]:
    """Start a cluster; yield the environment in which its commands find it.

    `folder` has to be short: the path of a socket has no more than 107 characters.
    """
    host = socket.gethostname().partition(".")[0]
    for name in ("munge", "state", "spool"):
        (folder / name).mkdir(parents=True)
    (folder / "munge").chmod(0o711)
    configuration = folder / "slurm.conf"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    configuration.write_text(
        CONFIGURATION.format(
            host=host, folder=folder, controller=free_port(), node=free_port(), cpus=cpus, memory=memory
        )
    )
    environment = {**os.environ, "SLURM_CONF": str(configuration)}
    with ExitStack() as daemons:
        daemons.enter_context(linked(configuration))
        for command in daemon_commands(folder, host):
            daemons.enter_context(daemon(command, folder, environment))
        wait_until_idle(folder, environment)
        yield environment


@contextmanager
def linked(configuration: Path) -> Iterator[None]:
    """The configuration in its usual place."""
    PLACE.unlink(missing_ok=True)
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    PLACE.symlink_to(configuration)
    try:
        yield
    finally:
        PLACE.unlink()


def daemon_commands(folder: Path, host: str) -> Iterator[list[str]]:
    """The daemons, each in the foreground."""
    key = folder / "munge/key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    files = {"key-file": "key", "socket": "socket", "pid-file": "pid", "seed-file": "seed", "log-file": "log"}
    options = [f"--{option}={folder}/munge/{name}" for option, name in files.items()]
    yield [path_of("munged"), "--foreground", "--force", *options]
    yield [path_of("slurmctld"), "-D", "-i"]
    yield [path_of("slurmd"), "-D", "-N", host]


@contextmanager
def daemon(command: list[str], folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """A process that runs in the background; what it says is in a file of its name."""
    name = Path(command[0]).name
    with (folder / f"{name}.said").open("w") as said:
        process = subprocess.Popen(
            command, env=environment, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_idle(folder: Path, environment: Mapping[str, str]) -> None:
    """Wait until the node takes jobs."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        asked = subprocess.run(
            ["sinfo", "--noheader", "--format=%t"], env=environment, capture_output=True, text=True
        )
        if asked.stdout.strip() == "idle":
            return
        time.sleep(0.5)
    said = "\n".join(f"{path.name}: {path.read_text()[-2000:]}" for path in sorted(folder.glob("*.said")))
    raise AssertionError(f"the cluster did not start:\n{said}")


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("", 0))
        return listener.getsockname()[1]

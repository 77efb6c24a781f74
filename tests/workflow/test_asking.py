"""What jobs of the papers' study ask a cluster for."""

import json

from study import paths
from tests.project import run

# A dry run shows no resources of a job that has a message.
TELL = """
import json, sys
from snakemake.cli import main
from snakemake.executors.dryrun import Executor

def tell(self, job):
    for job.attempt in (1, 3):
        print(json.dumps([job.rule.name, job.attempt, dict(job.resources.items())]), flush=True)
    run(self, job)

run, Executor.run_job = Executor.run_job, tell
main(sys.argv[1:])
"""


def test_trainings_ask_for_gpus_of_one_node_and_for_more_when_they_failed_up_to_a_limit(checkout, tmp_path):
    limit = ("--config", "runtime={most_memory_mb: 20000}")
    shared = paths.run_folder("experts", "language", "lm-256", 0)
    wanted = [f"{shared}/metrics.json", paths.scores("difficulty", "cifar10", "resnet20")]
    arguments = ("--dry-run", *limit, "--", *wanted)
    python, _, _, *words = checkout.command(*arguments, config=("config/paper.yaml",), folder=tmp_path)
    ran = run([python, "-c", TELL, *words], checkout.root, checkout.environment())
    assert ran.code == 0, ran.text
    told = [json.loads(line) for line in ran.text.splitlines() if line.startswith('["')]
    asked = {
        (rule, attempt): [resources.get(name) for name in ("gpu", "nodes", "mem_mb", "runtime")]
        for rule, attempt, resources in told
    }
    gpus = {"difficulty_train_seeds_0_to_4": 1, "tune_on_questions": 8}
    gpus |= {"experts_train_corpus_seeds_0_to_0": 8}
    for rule, number in gpus.items():
        assert asked[rule, 1] == [number, 1, 16000, 2880]
        assert asked[rule, 3] == [number, 1, 20000, 4 * 2880]
    for rule in ("prepare_data", "difficulty_aggregate"):
        assert asked[rule, 1] == [None, None, 16000, 2880]
        assert asked[rule, 3] == [None, None, 20000, 4 * 2880]

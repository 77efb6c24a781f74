"""Rules are found for a file as Snakemake finds them."""

from hypothesis import given
from hypothesis import strategies as st
from snakemake.io import IOFile
from snakemake.output_index import OutputIndex

from rules_by_output import OutputsByEnding

PARTS = st.sampled_from(["a", "b", "/", "{x}", "{y}", "seed=1"])
NAMES = st.lists(PARTS, min_size=1, max_size=6).map("".join)


class Rule:
    """As much of a rule as indexes look at."""

    def __init__(self, outputs: list[str]) -> None:
        self.outputs = [IOFile(name, rule=None) for name in outputs]

    def products(self):
        return self.outputs


@given(st.lists(st.lists(NAMES, min_size=1, max_size=4), max_size=6), NAMES)
def test_as_in_snakemake(outputs, file):
    rules = [Rule(names) for names in outputs]
    file = file.replace("{x}", "a").replace("{y}", "bb/")
    assert OutputsByEnding(rules).match(file) == OutputIndex(rules).match(file)


def test_seeds_are_told_apart():
    rules = [Rule([f"results/{{dataset}}/seed={seed}/metrics.json"]) for seed in range(12)]
    assert OutputsByEnding(rules).match("results/digits/seed=11/metrics.json") == {rules[11]}
    assert OutputsByEnding(rules).match("results/digits/seed=12/metrics.json") == set()

"""Which rules may make a file: Snakemake's question to its own index of outputs, answered without a search.

Snakemake 9.27 goes through every output whose fixed beginning is that of the file. Rules here train batches
of seeds and name all their files, which begin alike: so it compares every file of a chapter with every file
of a model's seeds, and planning takes time as their square. Here the fixed ends of outputs are looked up.
"""

from collections import defaultdict
from typing import Any

from snakemake.common.prefix_lookup import PrefixLookup
from snakemake.output_index import OutputIndex


class OutputsByEnding(OutputIndex):
    """The same answers as its parent's, by a look for each length of a fixed end."""

    def __init__(self, rules: list[Any]) -> None:
        found: dict[str, dict[int, dict[str, set]]] = defaultdict(lambda: defaultdict(dict))
        for rule in rules:
            for product in rule.products():
                end = str(product.constant_suffix())
                of_length = found[str(product.constant_prefix())][len(end)]
                of_length.setdefault(end, set()).add(rule)
        self._lookup = PrefixLookup(entries=list(found.items()))

    def match(self, targetfile: str) -> set[Any]:
        """The rules with an output that begins and ends as the file does."""
        return {
            rule
            for _, by_length in self._lookup.match_iter(targetfile)
            for length, by_end in by_length.items()
            if length <= len(targetfile)
            for rule in by_end.get(targetfile[len(targetfile) - length :], ())
        }

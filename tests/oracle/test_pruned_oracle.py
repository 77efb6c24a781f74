"""Pruned runs, overlaps of hard sets, Gumbel draws and PVI, each from its definition and with loops."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.oracle.mutation import mutated

from study import paths
from study.analysis import hard_sets, pruned
from study.chapters.influence import reading
from study.config import parse_study
from study.files import write_parquet
from study.kinds import TEXT
from study.scores.registry import columns_of
from study.training import text_parts

SEEDS, FRACTIONS, RANKINGS = 5, (0.1, 0.5), ("pvi", "el2n_early", "aum_mean-gumbel")


def simulated(number: int = 0) -> pd.DataFrame:
    """Runs of two plans, in any order; a seed has a share in the accuracy of all its runs."""
    rng = np.random.default_rng(number)
    of_seed, rows = rng.normal(0, 0.05, SEEDS), []
    arms = [("", "full", 0.0), *(("", "random", f) for f in FRACTIONS)]
    arms += [(r, arm, f) for r in RANKINGS for arm in ("easy", "hard") for f in FRACTIONS]
    for plan in ("few", "many"):
        for place, (ranking, arm, fraction) in enumerate(arms):
            for seed in range(SEEDS):
                accuracy = 0.6 + 0.01 * place + of_seed[seed] + rng.normal(0, 0.02)
                rows.append((plan, ranking, arm, fraction, seed, round(100 * (1 - fraction)), accuracy))
    columns = ["plan", "ranking", "arm", "fraction", "seed", "examples", "accuracy"]
    return pd.DataFrame(rows, columns=columns).sample(frac=1, random_state=number)


def spared_by_hand(table: pd.DataFrame) -> dict[tuple, tuple[float, float]]:
    """{(plan, ranking, arm): (share, fraction that is told)}, share by share until one costs too much."""
    found = {}
    for row in table.itertuples():
        if row.against == "full":
            found.setdefault((row.plan, row.ranking, row.arm), {})[row.fraction] = row.low
    result = {}
    for key, lows in found.items():
        share = 0.0
        for fraction in sorted(lows):
            if lows[fraction] < -0.01:
                break
            share = fraction
        result[key] = (share, share or min(lows))
    return result


def values_by_key(runs: pd.DataFrame) -> dict[tuple, list[float]]:
    """The accuracies of each plan, ranking, arm and fraction, by seed."""
    found: dict[tuple, dict[int, float]] = {}
    for row in runs.itertuples():
        found.setdefault((row.plan, row.ranking, row.arm, row.fraction), {})[row.seed] = row.accuracy
    return {key: [values[seed] for seed in sorted(values)] for key, values in found.items()}


def holm_by_hand(p: list[float]) -> list[float]:
    """Of each hypothesis the smallest level at which stepping down from the smallest p-value rejects it."""
    adjusted = []
    for own in p:
        steps = [(sum(other >= q for other in p), q) for q in p if q <= own]
        adjusted.append(min(1.0, max(number * q for number, q in steps)))
    return adjusted


def wrong_rows(table_of, number: int = 0) -> list:
    """The rows that differ from scipy's t-test of the pairs, or that are missing or too many."""
    runs = simulated(number)
    table, wrong, expected, values = table_of(runs), [], {}, values_by_key(runs)
    for plan, arm, fraction in dict.fromkeys((plan, arm, fraction) for plan, _, arm, fraction in values):
        rankings = [""] if arm in ("full", "random") else list(RANKINGS)
        against = {"full": lambda r, p=plan: (p, "", "full", 0.0)} if arm != "full" else {}
        if arm in ("easy", "hard"):
            against["random"] = lambda r, p=plan, f=fraction: (p, "", "random", f)
        if arm == "easy":
            against["hard"] = lambda r, p=plan, f=fraction: (p, r, "hard", f)
        for ranking in rankings:
            own = values[plan, ranking, arm, fraction]
            low, high = stats.t.interval(0.95, SEEDS - 1, np.mean(own), stats.sem(own))
            nothing = [math.nan, math.nan]
            expected[plan, ranking, arm, fraction, ""] = [np.mean(own), low, high, *nothing]
        for name, other in against.items():
            tests = [stats.ttest_rel(values[plan, r, arm, fraction], values[other(r)]) for r in rankings]
            adjusted = holm_by_hand([test.pvalue for test in tests])
            for ranking, test, q in zip(rankings, tests, adjusted, strict=True):
                a, b = values[plan, ranking, arm, fraction], values[other(ranking)]
                low, high = test.confidence_interval()
                row = [np.mean(a) - np.mean(b), low, high, test.pvalue, q]
                expected[plan, ranking, arm, fraction, name] = row
    for row in table.itertuples():
        key = (row.plan, row.ranking, row.arm, row.fraction, row.against)
        numbers = [row.estimate, row.low, row.high, row.p, row.p_holm]
        fits = row.n == SEEDS and row.statistic == ("difference" if row.against else "accuracy")
        fits &= row.examples == round(100 * (1 - row.fraction))
        if not fits or not np.allclose(numbers, expected.pop(key, [math.inf] * 5), equal_nan=True):
            wrong.append(key)
    return wrong + list(expected)


@pytest.mark.parametrize("number", range(3))
def test_every_row_of_pruned_runs(number):
    assert wrong_rows(pruned.pruned_table, number) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('sort_values("seed"', 'sort_values("accuracy"'),
        ("difference = own - arms", "difference = -own + arms"),
        ('["plan", "arm", "fraction", "statistic", "against"]', '["plan", "arm", "statistic", "against"]'),
        ("holm(p.to_numpy())", "p"),
        ('RANDOM: (plan, "", RANDOM, fraction)', 'RANDOM: ("few", "", RANDOM, fraction)'),
        ("arm == EASY", "arm == HARD"),
        ("*paired_interval(own), np.nan", "*paired_interval(own), 1.0"),
    ],
)
def test_a_planted_mistake_in_pruned_runs_is_found(old, new):
    assert wrong_rows(mutated(pruned, (old, new)).pruned_table)


def mean_jaccard(n: int, a: int, b: int) -> float:
    """Over all pairs of sets: by symmetry over all second sets, with the first one fixed."""
    first, found = set(range(a)), []
    for second in itertools.combinations(range(n), b):
        either = first | set(second)
        found.append(len(first & set(second)) / len(either) if either else math.nan)
    return math.fsum(found) / len(found)


def wrong_chances(chance) -> list:
    sizes = [(n, a, b) for n in range(1, 8) for a in range(n + 1) for b in range(n + 1)]
    return [s for s in sizes if not np.isclose(chance(*s), mean_jaccard(*s), rtol=1e-9, equal_nan=True)]


def test_overlap_by_chance_over_all_sets():
    assert wrong_chances(hard_sets.jaccard_by_chance) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("max(0, a + b - examples)", "max(2, a + b - examples)"),
        ("min(a, b) + 1", "min(a, b)"),
        ("both / (a + b - both)", "both / (a + b)"),
        ("hypergeom(examples, a, b)", "hypergeom(examples, a, a)"),
    ],
)
def test_a_planted_mistake_in_chances_is_found(old, new):
    assert wrong_chances(mutated(hard_sets, (old, new)).jaccard_by_chance)


def test_tables_of_hard_sets():
    rng = np.random.default_rng(3)
    scores = {name: rng.integers(0, 6, 20).astype(float) for name in "abc"}
    wrong = rng.random(20) < 0.3
    tops = {}
    for name, share in itertools.product(scores, (0.1, 0.3)):
        order = sorted(range(20), key=lambda i: (-scores[name][i], i))
        tops[name, share] = set(order[: round(20 * share)])
    for row in hard_sets.overlap_table(scores, (0.1, 0.3)).itertuples():
        a, b = tops[row.score_a, row.share], tops[row.score_b, row.share]
        assert row.jaccard == pytest.approx(len(a & b) / len(a | b)) and row.examples == 20
    bad = set(np.flatnonzero(wrong))
    table = hard_sets.found_table(scores, wrong, (0.1, 0.3))
    assert len(table) == 6 and (table["wrong"] == len(bad)).all()
    for row in table.itertuples():
        top = tops[row.score, row.share]
        assert row.precision == pytest.approx(len(top & bad) / len(top))
        assert row.recall == pytest.approx(len(top & bad) / len(bad))
        assert row.jaccard == pytest.approx(len(top & bad) / len(top | bad))


def chances_of_sets(weights: list[float], size: int) -> dict[tuple[int, ...], float]:
    """Of each set the chance that draws without replacement, in proportion to weights, end with it."""
    found: dict[tuple[int, ...], float] = {}
    for order in itertools.permutations(range(len(weights)), size):
        rest, chance = sum(weights), 1.0
        for chosen in order:
            chance, rest = chance * weights[chosen] / rest, rest - weights[chosen]
        found[tuple(sorted(order))] = found.get(tuple(sorted(order)), 0.0) + chance
    return found


HARDNESS = np.array([0.3, 2.0, -1.0, 0.5, 5.0])


def departure(left, pruned_end: str, size: int = 2, draws: int = 10_000) -> float:
    """Chi-square of the sets that are drawn, in standard deviations above its mean."""
    sign = 1 if pruned_end == "easy" else -1
    z = sign * (HARDNESS - HARDNESS.mean()) / np.sqrt(np.mean((HARDNESS - HARDNESS.mean()) ** 2))
    chances = chances_of_sets(np.exp(z).tolist(), size)
    rng, counts = np.random.default_rng(1), dict.fromkeys(chances, 0)
    for _ in range(draws):
        counts[tuple(left(HARDNESS, size, pruned_end, "gumbel", rng).tolist())] += 1
    chi = sum((counts[s] - draws * p) ** 2 / (draws * p) for s, p in chances.items())
    return (chi - len(chances) + 1) / math.sqrt(2 * (len(chances) - 1))


@pytest.mark.parametrize("end", ["easy", "hard"])
@pytest.mark.parametrize("size", [1, 2, 4])
def test_gumbel_draws_are_draws_without_replacement(end, size):
    assert departure(text_parts.left, end, size) < 4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hardness if pruned ==", "-hardness if pruned =="),
        ("(wanted - wanted.mean()) / (spread if spread > 0 else 1.0)", "wanted"),
        ("rng.gumbel(size=", "rng.normal(size="),
        ("wanted.std()", "wanted.std(ddof=1)"),
        ("rng.gumbel(size=len(wanted))", "2 * rng.gumbel(size=len(wanted))"),
    ],
)
def test_a_planted_mistake_in_draws_is_found(old, new):
    assert departure(mutated(text_parts, (old, new)).left, "easy") > 8


def test_a_cut_keeps_one_end_and_the_first_of_equals():
    hardness, rng = np.array([1.0, 3.0, 3.0, 0.0, 3.0, 1.0]), np.random.default_rng(0)
    assert text_parts.left(hardness, 2, "easy", "cut", rng).tolist() == [1, 2]
    assert text_parts.left(hardness, 2, "hard", "cut", rng).tolist() == [0, 3]
    assert text_parts.left(np.ones(4), 2, "hard", "gumbel", rng).size == 2  # nothing ranks
    assert rng.bit_generator.state != np.random.default_rng(0).bit_generator.state


def study():
    return parse_study(
        {
            "name": "tiny",
            "datasets": {"d": {"source": "generated", "family": "nlu"}},
            "models": {"m": {"architecture": "encoder"}},
            "influence": {"datasets": ["d"], "models": ["m"], "seeds": 3, "folds": 2, "fold_seeds": 2},
        }
    )


def written(rng) -> dict[tuple, np.ndarray]:
    """Files of all runs, with random p_y; returns p_y by variant and seed, and of folds who was inside."""
    found, n = {}, 6
    names = [(None, 3), ("null", 3), ("fold-0", 2), ("fold-1", 2), ("cadence", 3)]
    folds = {seed: rng.permutation(n) % 2 for seed in range(2)}
    for variant, seeds in names:
        for seed in range(seeds):
            p = found[variant, seed] = rng.uniform(0.05, 1, n)
            frame = {"example_id": [f"d:train:{k}" for k in range(n)], "content": "", "label": 0}
            frame |= {name: rng.random(n) for name in columns_of(TEXT)} if variant is None else {}
            frame |= {"loss_early" if variant is None else "loss": -np.log(p)}
            if variant and variant.startswith("fold"):
                found["inside", variant, seed] = frame["inside"] = folds[seed] != int(variant[-1])
            if variant == "cadence":
                frame |= {"forgetting_often": np.arange(n) + seed, "forgetting_rarely": seed}
            path = paths.run_folder("influence", "d", "m", seed, variant)
            write_parquet(f"{path}/examples.parquet", pd.DataFrame(frame))
    return found


def wrong_information(module) -> list[str]:
    """Which columns differ from V-information: log2 p(y | x) minus log2 p(y | nothing), run by run."""
    p, scores, wrong = written(np.random.default_rng(4)), module.all_scores(study(), "d", "m"), []
    pvi = [
        [math.log2(a) - math.log2(b) for a, b in zip(p[None, s], p["null", s], strict=True)] for s in range(3)
    ]
    cross = []
    for seed in range(2):
        row = [math.nan] * 6
        for fold, example in itertools.product(("fold-0", "fold-1"), range(6)):
            if not p["inside", fold, seed][example]:
                row[example] = math.log2(p[fold, seed][example] / p["null", seed][example])
        cross.append(row)
    often = [[k + seed for k in range(6)] for seed in range(3)]
    for name, expected in (("pvi", pvi), ("pvi_cross", cross), ("forgetting_often", often)):
        if not np.allclose(scores[name], expected):
            wrong.append(name)
    return wrong


def test_pvi_from_its_definition(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert wrong_information(reading) == []


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ('(null - found["loss_early"]) / np.log(2)', '(found["loss_early"] - null) / np.log(2)', "pvi"),
        ('(null - found["loss_early"]) / np.log(2)', 'null - found["loss_early"]', "pvi"),
        ('found["loss_early"]', 'found["loss_last"]', "pvi"),
        ('~frame["inside"]', 'frame["inside"]', "pvi_cross"),
        ("(null[:seeds] - ", "(null[1:] - ", "pvi_cross"),
    ],
)
def test_a_planted_mistake_in_pvi_is_found(tmp_path, monkeypatch, old, new, name):
    monkeypatch.chdir(tmp_path)
    assert wrong_information(mutated(reading, (old, new))) == [name]


@pytest.mark.parametrize("number", range(4))
def test_how_much_can_go(number):
    """Differences are moved so that some shares can go and others cannot, also below one that can."""
    table = pruned.pruned_table(simulated(number))
    rng = np.random.default_rng(number)
    table = table.assign(low=rng.choice([-0.03, -0.01, 0.005], len(table))).sample(frac=1, random_state=1)
    expected = spared_by_hand(table)
    assert len({share for share, _ in expected.values()}) == 3
    found = pruned.spared_table(table).set_index(["plan", "ranking", "arm"])
    assert {key: tuple(found.loc[key, ["share", "fraction"]]) for key in found.index} == expected
    for key, (_, fraction) in expected.items():
        row = table[(table[["plan", "ranking", "arm"]] == list(key)).all(axis=1)]
        row = row[(row["against"] == "full") & (row["fraction"] == fraction)].iloc[0]
        assert found.loc[key, ["estimate", "low", "high", "n"]].tolist() == [
            row[n] for n in ("estimate", "low", "high", "n")
        ]

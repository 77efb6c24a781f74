"""Figures of pruning, wrong labels, encoders and costs: legible, complete, and their numbers in words."""

import re
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr
from tests.unit.plotting.legibility import check_texts, drawn_values, shown_texts

from study.analysis.pruned import pruned_table
from study.files import read_csv, write_csv
from study.plotting import words
from study.plotting.influence.encoder_size import draw_encoder_size, score_agreement
from study.plotting.influence.noise import draw_noise_auroc, draw_noise_curves
from study.plotting.influence.pruning_curves import draw_pruning_curves
from study.plotting.influence.score_cost import draw_score_cost
from study.plotting.influence.train_size import draw_train_size
from study.plotting.style import SMALL

pytestmark = pytest.mark.filterwarnings("error")

_RANKED = ["vog_embedding_class", "pvi", "vog_embedding", "forgetting_often-gumbel", "el2n_early"]
_RANKED += ["tracin_last_layers", "vog_embedding-gumbel", "confidence_mean"]
_WORTH = [(3.0, -8.0), (1.5, -12.0), (2.5, -6.0), (1.0, -3.0), (1.2, -20.0), (0.5, -10.0), (0.8, -2.0)]
RANKINGS = dict(zip(_RANKED, [*_WORTH, (-1.0, -15.0)], strict=True))  # of easy and hard pruning, in points
SCORES = [
    *("vog_embedding", "vog_embedding_class", "el2n_early", "el2n_last", "forgetting_often", "pvi"),
    *("pvi_cross", "tracin_last_layers", "entropy_mean", "confidence_mean", "variability", "aum_mean"),
]
NOISY = {"nli-noisy-5": 0.05, "nli-noisy-15": 0.15, "nli-noisy-30": 0.3}
SIZED = {"nli-300": 300, "nli-750": 750, "nli-1500": 1500, "nli": 3000}
SHIFTS = {"nli-300": 6, "nli-750": 4, "nli-1500": 2, "nli-noisy-5": 3, "nli-noisy-15": 10, "nli-noisy-30": 16}
_KEYS = ("models", "rankings", "scores", "fractions", "noisy", "sized")
_FEW = (["bert"], list(RANKINGS)[:2], SCORES[:2], [0.5], ["nli-noisy-15"], ["nli-300", "nli"])
FEW = dict(zip(_KEYS, _FEW, strict=True))
_LONG = ["bert-small", "bert-medium", "a-long-name-of-a-model"]
_MANY = (_LONG, list(RANKINGS), SCORES, [0.1, 0.3, 0.5, 0.8], list(NOISY), list(SIZED))
MANY = dict(zip(_KEYS, _MANY, strict=True))
CASES = {"few": FEW, "many": MANY}
ENDS = ["estimate", "low", "high"]


def runs(rankings, fractions, plan="clean", examples=3000, height=0.86, arms=("easy", "hard")):
    """Runs of a plan: accuracy falls with the pruned share, more slowly for easy pruning.

    Hard pruning is worth more on small sets and where labels are wrong, by the plan's name.
    """
    jobs = [("", "full", 0.0, 0.0)] + [("", "random", fraction, 0.0) for fraction in fractions]
    for ranking, arm, fraction in product(rankings, arms, fractions):
        easy, hard = RANKINGS[ranking]
        gain = hard + SHIFTS.get(plan, 0) if arm == "hard" else easy - SHIFTS.get(plan, 0)
        jobs.append((ranking, arm, fraction, 0.01 * gain * fraction))
    rng = np.random.default_rng(examples)
    level, rows = rng.normal(0, 0.004, 5), []
    for (ranking, arm, fraction, gain), (seed, own) in product(jobs, enumerate(level)):
        accuracy = height - 0.09 * fraction**2 + gain + own + rng.normal(0, 0.003)
        rows.append((plan, ranking, arm, fraction, seed, round(examples * (1 - fraction)), accuracy))
    names = ["plan", "ranking", "arm", "fraction", "seed", "examples", "accuracy"]
    return pd.DataFrame(rows, columns=names)


def reread(frames, folder):
    write_csv(folder / "pruning.csv", pd.concat(frames))
    return read_csv(folder / "pruning.csv")


def pruning(case, folder, second_plan=False):
    """pruning.csv of a data set, as it is written and read."""
    frames = []
    for place, model in enumerate(case["models"]):
        found = [runs(case["rankings"], case["fractions"], height=0.86 + 0.02 * place)]
        if second_plan:
            found.append(runs(case["rankings"][:1], case["fractions"], plan="again", arms=("hard",)))
        frames.append(pruned_table(pd.concat(found)).assign(model=model))
    return reread(frames, folder)


def of_datasets(case, folder, sizes, rankings, arms=("easy", "hard"), fractions=None):
    """pruning.csv of the chapter."""
    frames = []
    for (dataset, examples), model in product(sizes.items(), case["models"]):
        found = runs(rankings, fractions or case["fractions"], dataset, examples, 0.7, arms)
        frames.append(pruned_table(found).assign(dataset=dataset, model=model))
    return reread(frames, folder)


def noise_table(case):
    rows = []
    for dataset, model, (place, score) in product(case["noisy"], case["models"], enumerate(case["scores"])):
        value, level = 0.93 - 0.04 * place - NOISY[dataset] / 3, NOISY[dataset]
        ends = (value, value - 0.03, value + 0.02)
        rows.append((dataset, model, score, *ends, 3000, "", level, 0.0, round(0.67 * level, 3)))
    names = ["dataset", "model", "score", *ENDS, "n", "reason", "redrawn", "flipped", "wrong"]
    return pd.DataFrame(rows, columns=names)


def cost_table(case):
    rows = [
        (model, score, 0.3 * 1.7**place * (place > 0), 10 * place, 3 * place, 10, 12.5 * 1.7**place + shift)
        for (shift, model), (place, score) in product(enumerate(case["models"]), enumerate(case["scores"]))
    ]
    names = ["model", "score", "training_epochs", "forward", "backward", "runs", "seconds"]
    return pd.DataFrame(rows, columns=names)


def rankings_table(models, scores, examples=400):
    rng = np.random.default_rng(2)
    common, frames = rng.normal(size=examples), []
    for model in models:
        spreads = 0.3 + 0.15 * np.arange(len(scores))
        values = common[:, None] + rng.normal(size=(examples, len(scores))) * spreads
        frames.append(pd.DataFrame(values.round(2), columns=scores).assign(model=model))
        frames[-1]["example_id"] = [f"nli:train:{row}" for row in range(examples)]
    return pd.concat(frames, ignore_index=True)


def encoders_table(models):
    """The first encoder has a twin from scratch."""
    table = pd.DataFrame({"model": models, "parameters": 236_611 * (1 + np.arange(len(models)))})
    table = table.assign(scratch=None, gain=np.nan, gain_low=np.nan, gain_high=np.nan)
    table.loc[0, ["scratch", "gain", "gain_low", "gain_high"]] = ["twin", 0.031, -0.012, 0.074]
    return table


def encoder_size(case, folder):
    models = case["models"]
    sizes = encoders_table(models)
    ranked = rankings_table(models, case["scores"])
    return draw_encoder_size(pruning(case, folder), ranked, sizes, models, case["scores"], "nli")


def drawings(case, folder):
    models, scores = case["models"], case["scores"]
    two = {**case, "models": models if len(models) > 1 else ["bert", "bert-large"]}
    noisy = {"nli": 3000} | dict.fromkeys(case["noisy"], 3000)
    sized = {name: SIZED[name] for name in case["sized"]}
    fractions = [0.05, *case["fractions"]][:3]
    return {
        "pruning_curves": lambda: draw_pruning_curves(pruning(case, folder), models, "nli"),
        "two_plans": lambda: draw_pruning_curves(pruning(case, folder, True), models, "nli"),
        "noise_curves": lambda: draw_noise_curves(
            of_datasets(case, folder, noisy, case["rankings"][:4], fractions=fractions),
            noise_table(case),
            models,
        ),
        "noise_auroc": lambda: draw_noise_auroc(noise_table(case), models, scores),
        "train_size": lambda: draw_train_size(
            of_datasets(case, folder, {**sized, "other": 9999}, case["rankings"]), models, list(sized), 0.5
        ),
        "encoder_size": lambda: encoder_size(two, folder),
        "score_cost": lambda: draw_score_cost(cost_table(case), models, scores, "nli"),
    }


@pytest.fixture(scope="module", params=[*product(CASES, drawings(FEW, None))], ids="-".join)
def drawing(request, tmp_path_factory):
    size, name = request.param
    return drawings(CASES[size], tmp_path_factory.mktemp(name))[name]()


def test_texts_are_legible(drawing):
    drawing.figure.draw_without_rendering()
    check_texts(drawing.figure)
    assert min(text.get_fontsize() for text in shown_texts(drawing.figure)) >= SMALL
    assert drawing.figure.get_figwidth() <= 7.01 and drawing.figure.get_figheight() < 10
    assert all(axes.has_data() or axes.texts for axes in drawing.figure.axes)


def test_what_is_drawn_are_the_points(drawing):
    drawn = drawn_values(drawing.figure)
    for column in {"x", "y", "estimate", "low", "high"} & set(drawing.points):
        rows = drawing.points
        if "arm" in rows and column != "estimate":  # these are lines, some without an interval
            rows = rows[~rows["arm"].isin(["full", "random"])]
        for value in rows[column].dropna():
            assert np.abs(drawn - value).min() < 1e-9, f"{column}: {value} is not drawn"


def test_captions_are_plain_prose_with_numbers(drawing):
    assert len(drawing.points) and len(re.findall(r"\d", drawing.caption)) >= 4
    assert drawing.caption.endswith(".")
    assert not re.search(r"\bnan\b|None|inf\b|np\.|\dseeds|  |\(\)", drawing.caption)


@pytest.fixture
def table(tmp_path):
    return pruning(MANY, tmp_path)


def estimate_of(table, **values):
    """`estimate` of the one row with these values."""
    found = table[np.logical_and.reduce([table[name] == value for name, value in values.items()])]
    assert len(found) == 1
    return found.iloc[0]


def test_pruning_curves_draw_the_table(table):
    points = draw_pruning_curves(table, MANY["models"], "nli").points
    shown = points[points["arm"].isin(["easy", "hard"])]
    assert len(shown) == 2 * 8 * 2 * 4  # models that fit, rankings, arms, shares
    for _, row in shown.iterrows():
        key = {name: row[name] for name in ("model", "ranking", "arm", "fraction")}
        found = estimate_of(table, **key, statistic="accuracy")
        assert np.allclose(row[ENDS].astype(float), 100 * found[ENDS].astype(float))
        test = estimate_of(table, **key, statistic="difference", against="random")
        assert row["differs"] == (test["p_holm"] <= 0.05)
    assert shown["differs"].any() and not shown["differs"].all()


def test_pruning_curves_tell_the_ends_and_who_is_left_out(table):
    caption = draw_pruning_curves(table, MANY["models"], "nli").caption
    tests = table[(table["model"] == "bert-small") & (table["against"] == "random")]
    for arm in ("easy", "hard"):
        mine = tests[(tests["arm"] == arm) & (tests["fraction"] == 0.5)]
        mine = mine.assign(**mine[ENDS] * 100)
        for place in (mine["estimate"].idxmin(), mine["estimate"].idxmax()):
            assert words.interval(mine.loc[place]) in caption
    hard = tests[tests["arm"] == "hard"]
    worse = int(((hard["p_holm"] <= 0.05) & (hard["estimate"] < 0)).sum())
    assert f"hardest pruned is better than random in 0 and worse in {worse} of {len(hard)}" in caption
    assert "Not shown: a-long-name-of-a-model" in caption


def test_no_pruning_is_random_turned_round(tmp_path):
    pruned = of_datasets(FEW, tmp_path, {"nli-noisy-15": 3000, "nli": 3000}, ["pvi"], arms=("hard",))
    points = draw_noise_curves(pruned, noise_table(FEW), ["bert"]).points
    assert set(points["dataset"]) == {"nli-noisy-15"} and set(points["arm"]) == {"full", "hard"}
    found = estimate_of(pruned, dataset="nli-noisy-15", arm="random", against="full")
    row = points.loc[points["arm"] == "full", ENDS].iloc[0]
    assert np.allclose(row.astype(float), -100 * found[["estimate", "high", "low"]].astype(float))
    found = estimate_of(pruned, dataset="nli-noisy-15", arm="hard", against="random")
    assert np.isclose(points.set_index("arm").loc["hard", "estimate"], 100 * found["estimate"])


def test_sizes_are_those_of_nothing_pruned(tmp_path):
    pruned = of_datasets(FEW, tmp_path, SIZED, ["pvi"])
    drawing = draw_train_size(pruned, ["bert"], list(SIZED), 0.5)
    assert sorted(set(drawing.points["examples"])) == sorted(SIZED.values())
    for _, row in drawing.points.iterrows():
        assert SIZED[row["dataset"]] == row["examples"]
        found = estimate_of(pruned, dataset=row["dataset"], arm="easy", against=row["against"])
        assert np.isclose(row["estimate"], 100 * found["estimate"])
    ends = drawing.points.sort_values("examples").groupby("against")["estimate"].agg(["first", "last"])
    for turned in (ends["first"] * ends["last"] < 0).astype(int):
        assert f"the sign turns in {turned} of 1 ranking" in drawing.caption


def test_agreement_is_spearmans_with_an_interval_that_covers():
    ranked = rankings_table(["a", "b"], SCORES[:3])
    found = score_agreement(ranked, ["a", "b"], SCORES[:3]).set_index("score")
    for score in SCORES[:3]:
        one, other = (ranked.loc[ranked["model"] == model, score] for model in ("a", "b"))
        assert np.isclose(found.loc[score, "estimate"], spearmanr(one, other).statistic)
        rng, values = np.random.default_rng(0), []
        for _ in range(200):
            rows = rng.integers(0, len(one), len(one))
            values.append(spearmanr(one.to_numpy()[rows], other.to_numpy()[rows]).statistic)
        ends = np.percentile(values, [2.5, 97.5])
        assert np.abs(ends - found.loc[score, ["low", "high"]].to_numpy(dtype=float)).max() < 0.03


def test_examples_without_a_value_do_not_count():
    ranked = rankings_table(["a", "b"], SCORES[:2])
    ranked.loc[5, SCORES[0]] = np.nan
    ranked[SCORES[1]] = 1.0
    found = score_agreement(ranked, ["a", "b"], SCORES[:2])
    assert list(found["score"]) == SCORES[:1] and list(found["n"]) == [399]


def test_costs_tell_both_ends():
    cost, drawing = cost_table(MANY), draw_score_cost(cost_table(MANY), MANY["models"], SCORES, "nli")
    assert np.allclose(sorted(drawing.points["training_epochs"]), sorted(cost["training_epochs"]))
    dear = (cost.groupby("score")["training_epochs"].mean() > 1).sum()
    assert f"{dear} of 12 cost more than one epoch" in drawing.caption


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_undefined_numbers_are_left_out(share, tmp_path):
    """Rows without an estimate or an interval are no reason to stop; nor is a table of nothing else."""
    rng = np.random.default_rng(0)

    def holes(frame, columns=ENDS):
        kept = frame.copy()
        kept.loc[rng.random(len(frame)) < share, columns] = np.nan
        kept.loc[rng.random(len(frame)) < 0.3, kept.columns.intersection(["low", "high"])] = np.nan
        return kept

    models, noisy = MANY["models"], dict.fromkeys(NOISY, 3000)
    chapter = of_datasets(MANY, tmp_path, noisy | SIZED, ["pvi", "el2n_early"])
    marred = rankings_table(models, SCORES).assign(vog_embedding=np.nan)
    sizes = encoders_table(models)
    drawn = [
        draw_pruning_curves(holes(pruning(MANY, tmp_path)), models, "nli"),
        draw_noise_curves(holes(chapter), noise_table(MANY), models),
        draw_noise_auroc(holes(noise_table(MANY)), models, SCORES),
        draw_train_size(holes(chapter), models, list(SIZED), 0.5),
        draw_score_cost(holes(cost_table(MANY), ["training_epochs", "seconds"]), models, SCORES, "nli"),
        draw_encoder_size(holes(pruning(MANY, tmp_path)), marred, sizes, models, SCORES, "nli"),
    ]
    for found in drawn:
        found.figure.draw_without_rendering()
        assert found.caption.endswith(".") and not re.search(r"\bnan\b", found.caption)


def test_what_pretraining_gains_is_told(tmp_path):
    told = encoder_size(MANY, tmp_path).caption
    assert f"paired by seed: {MANY['models'][0]} over twin 3.1 % [−1.2, 7.4]." in told


def test_one_encoder_alone_is_not_compared(tmp_path):
    assert "none" in encoder_size(FEW, tmp_path).caption

"""Figures of the pool, its scores and what strategies take: legible, complete, their numbers in words."""

import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from scipy.stats import spearmanr
from tests.unit.plotting.legibility import check_texts, drawn_values, shown_texts

from study.analysis.detection import auroc
from study.chapters.selection.reading import mean_rows
from study.config.selection import PoolSettings, SelectionSettings
from study.files import read_csv, write_csv, write_parquet
from study.plotting import words
from study.plotting.selection import parts
from study.plotting.selection.arms import label
from study.plotting.selection.densities import draw_score_densities
from study.plotting.selection.pool_funnel import draw_pool_funnel
from study.plotting.selection.pools import read_pools, unit
from study.plotting.selection.quality import OTHER, draw_selected_quality
from study.plotting.selection.scores import draw_entropy_el2n
from study.plotting.style import SMALL
from study.selection.arms import EVERYTHING, TRUTH
from study.selection.pool import KEPT, funnel, kept_by_threshold, marked
from study.selection.strategies import RANDOM

pytestmark = pytest.mark.filterwarnings("error")

HOW = PoolSettings()
SIZE = 0.5
THRESHOLDS = (0.7, 0.9, 0.95)
SCORES = ["entropy_joint", "el2n_joint_mean"]
COLUMNS = [*SCORES, *(f"{who}_{score}" for who in ("teacher", "scorer") for score in SCORES)]
LANGUAGES = ["english", "mirrored", "fronted", "a-language-with-a-long-name", "sw-KE", "cy-GB"]
DOMAINS = [
    *("alarm", "audio", "calendar", "cooking", "datetime", "email", "general", "iot", "lists", "music"),
    *("news", "play", "qa", "recommendation", "social", "takeaway", "transport", "weather"),
]
DEFAULT = [how.name for how in SelectionSettings(datasets=["english"], model="bert").strategies]
FEW = {"languages": 1, "slots": False, "utterances": 150, "domains": 3, "strategies": DEFAULT[:1]}
MANY = {"languages": 6, "slots": True, "utterances": 800, "domains": 18, "strategies": DEFAULT, "repeats": 5}
THREE = {"languages": 3, "slots": True, "utterances": 300, "domains": 8, "strategies": DEFAULT}
ALL_RIGHT = {**THREE, "languages": 2, "wrong": 0.0}
SURE_OF_NOTHING = {**THREE, "languages": 4, "surest": 0.93}
CASES = {
    **{"few": FEW, "many": MANY, "three": THREE, "all right": ALL_RIGHT},
    "sure of nothing": SURE_OF_NOTHING,
}


def pools_of(case):
    """{(language, repeat): a pool}, in which wrong labels have higher entropy."""
    found, n = {}, case["utterances"]
    names = ["domain", "intent", *(["slots"] if case["slots"] else [])]
    for place, language in enumerate(LANGUAGES[: case["languages"]]):
        for repeat in range(case.get("repeats", 3)):
            rng = np.random.default_rng([place, repeat])
            right = {f"right_{name}": rng.random(n) >= case.get("wrong", 0.2) for name in names}
            every = np.logical_and.reduce(list(right.values()))
            table = pd.DataFrame({"text": [f"text {k}" for k in rng.integers(2 * n, size=n)], **right})
            confidence = np.minimum(rng.beta(8, 1, n), case.get("surest", 1.0)) - 0.02 * ~every
            scores = {
                column: rng.beta(2, 5, n) + (0.1 if "entropy" in column else 0.02) * ~every
                for column in COLUMNS
            }
            domain = rng.choice(DOMAINS[: case["domains"]], n, p=shares(case["domains"]))
            table = table.assign(right_all=every, confidence=confidence, domain=domain, **scores)
            streams = {name: np.random.default_rng([place, repeat, ord(name[0])]) for name in "td"}
            chances = 1 / (1 + rng.permutation(n))
            found[language, repeat] = marked(table, HOW, chances, lambda name, s=streams: s[name[0]])
    return found


def shares(domains):
    weights = 1 / (1 + np.arange(domains))
    return weights / weights.sum()


def of_languages(pools, table):
    """A table of each language, from its repeats' pools, one below the other."""
    parts_ = {name: [pool for (own, _), pool in pools.items() if own == name] for name, _ in pools}
    return pd.concat([table(own).assign(dataset=name) for name, own in parts_.items()], ignore_index=True)


def pool_table(own):
    """As pool.csv."""
    table = pd.concat([part for pool in own for part in (funnel(pool), kept_by_threshold(pool, THRESHOLDS))])
    metrics = [column for column in table if column not in ("step", "threshold")]
    return mean_rows(table, ["step", "threshold"], metrics)


def agreement_table(own):
    """As score_agreement.csv."""
    agreed, found = [], []
    for pool in own:
        rows = pool[pool["reason"] == KEPT]
        rank = {
            by: spearmanr(*(rows[f"{prefix}{score}"] for score in SCORES)).statistic
            for by, prefix in (
                *(("spearman_scorer", "scorer_"), ("spearman_teacher", "teacher_"), ("spearman_scorers", "")),
            )
        }
        agreed.append(
            {"score": "", **rank, "spearman_difference": rank["spearman_teacher"] - rank["spearman_scorer"]}
        )
        wrong = ~rows["right_all"].to_numpy()
        found += [{"score": score, "auroc": auroc(rows[score].to_numpy(), wrong)} for score in SCORES]
    metrics = [f"spearman_{who}" for who in ("scorer", "teacher", "difference", "scorers")]
    tables = (
        mean_rows(pd.DataFrame(agreed), ["score"], metrics),
        mean_rows(pd.DataFrame(found), ["score"], ["auroc"]),
    )
    return pd.concat(tables)


def quality_table(own, strategies):
    """As quality.csv: every arm takes utterances at random."""
    rows, mixes = [], []
    for repeat, pool in enumerate(own):
        kept = pool[pool["reason"] == KEPT]
        rng = np.random.default_rng(repeat)
        for arm in (EVERYTHING, RANDOM, TRUTH, *strategies):
            taken = kept if arm == EVERYTHING else kept.iloc[rng.permutation(len(kept))[:20]]
            about = {"strategy": arm, "size": np.nan if arm == EVERYTHING else SIZE}
            measured = [name for name in pool if name.startswith("right_")]
            rows.append(about | taken[[*measured, "frequency"]].mean().to_dict())
            mixes.append(about | taken["domain"].value_counts(normalize=True).to_dict())
    keys = ["strategy", "size"]
    means, mix = pd.DataFrame(rows), pd.DataFrame(mixes)
    domains = sorted(mix.columns.drop(keys))
    mix[domains] = mix[domains].fillna(0.0)
    of_domains = mean_rows(mix, keys, domains).rename(columns={"metric": "domain"}).assign(metric="share")
    return pd.concat([mean_rows(means, keys, list(means.columns.drop(keys))).assign(domain=""), of_domains])


def written(table, folder):
    """As it is read from the chapter's table."""
    write_csv(folder / "table.csv", table)
    return read_csv(folder / "table.csv")


def drawings(case, folder):
    """All of a study's tables, and the four figures."""
    pools, languages = pools_of(case), LANGUAGES[: case["languages"]]
    files = {key: folder / key[0] / f"repeat={key[1]}" / "pool.parquet" for key in pools}
    for key, file in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_parquet(file, pools[key])
    tables = {
        "pool": written(of_languages(pools, pool_table), folder),
        "agreement": written(of_languages(pools, agreement_table), folder),
        "quality": written(of_languages(pools, lambda own: quality_table(own, case["strategies"])), folder),
        "first": read_pools([str(files[name, 0]) for name in languages], COLUMNS),
        "pools": read_pools([str(file) for file in files.values()], SCORES),
    }
    agreement = tables["agreement"]
    return tables, {
        "pool_funnel": draw_pool_funnel(tables["pool"], languages, HOW),
        "entropy_el2n": draw_entropy_el2n(tables["first"], agreement, languages, SCORES),
        "score_densities": draw_score_densities(tables["pools"], agreement, languages, SCORES),
        "selected_quality": draw_selected_quality(tables["quality"], languages, case["strategies"], SIZE),
    }


@pytest.fixture(scope="module")
def drawn_once(tmp_path_factory):
    """A function of a case's name: its tables and figures."""
    return cache(lambda name: drawings(CASES[name], tmp_path_factory.mktemp("study")))


@pytest.fixture(scope="module", params=CASES)
def drawn(request, drawn_once):
    return CASES[request.param], *drawn_once(request.param)


@pytest.fixture(scope="module")
def three(drawn_once):
    return drawn_once("three")


def check(drawing):
    drawing.figure.draw_without_rendering()
    check_texts(drawing.figure)
    assert min(text.get_fontsize() for text in shown_texts(drawing.figure)) >= SMALL
    assert drawing.figure.get_figwidth() <= 7.01 and drawing.figure.get_figheight() < 11
    for axes in drawing.figure.axes:
        assert axes.lines or axes.collections or axes.patches or axes.texts, "an empty panel"
        assert axes.get_window_extent().height > 0.5 * drawing.figure.dpi
    assert len(re.findall(r"\d", drawing.caption)) >= 4 and drawing.caption.endswith(".")
    assert not re.search(r"\bnan\b|None|inf\b|np\.", drawing.caption)


def of(table, **values):
    """The rows of a table with these values."""
    return table[np.logical_and.reduce([table[name] == value for name, value in values.items()])]


def two_digits(value):
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def percent_of(row):
    low, high = 100 * np.clip([row["low"], row["high"]], 0, 1)
    return f"{100 * row['estimate']:.1f} % [{low:.1f}, {high:.1f}]"


def test_figures_are_legible(drawn):
    for drawing in drawn[2].values():
        check(drawing)


def test_the_funnel_draws_what_the_table_says(drawn):
    case, tables, figures = drawn
    points, figure = figures["pool_funnel"].points, figures["pool_funnel"].figure
    wanted = tables["pool"][tables["pool"]["metric"].isin(["share", *parts.PARTS])].dropna(subset="estimate")
    assert ("right_slots" in set(points["metric"])) == case["slots"]
    assert sorted(points["estimate"]) == pytest.approx(sorted(100 * wanted["estimate"]))
    assert sorted(points["low"]) == pytest.approx(sorted(100 * wanted["low"].clip(0)))
    rates = points[points["metric"] != "share"]
    values = drawn_values(figure)
    for value in rates[["estimate", "low", "high"]].to_numpy().ravel():
        assert np.abs(values - value).min() < 1e-9, f"{value} is not drawn"
    bars = sorted(
        patch.get_width() for axes in figure.axes for patch in axes.patches if patch.get_height() == 0.62
    )
    assert bars == pytest.approx(sorted(points.loc[points["metric"] == "share", "estimate"]))


def test_a_threshold_that_keeps_none_in_some_repeat_is_said(drawn):
    case, _, figures = drawn
    drawing = figures["pool_funnel"]
    lost = len(of(drawing.points, metric="share")) - len(of(drawing.points, metric="right_all"))
    assert lost == ("surest" in case) * case["languages"]
    texts = [text.get_text() for text in shown_texts(drawing.figure)]
    assert texts.count("none in some repeat") == lost
    assert (f"accuracies in {lost} rows" in drawing.caption) == (lost > 0)


def test_the_caption_of_the_funnel_states_detector_and_numbers(three):
    tables, figures = three
    caption = figures["pool_funnel"].caption
    assert "simulated: it signals 50 % of the wrong hypotheses and 5 % of the right ones" in caption
    assert "from a confidence of 0.9" in caption and "Means over 3 repeats, with 95 % intervals" in caption
    own = of(tables["pool"], dataset="mirrored")
    last = of(own, step="said before").set_index("metric")
    assert f"all parts {percent_of(last.loc['right_all'])}" in caption
    assert f"{words.number(last.loc['utterances', 'estimate'])} are in the pool" in caption
    alone = of(own, threshold=0.7).set_index("metric")
    assert (
        f"0.7 keeps {percent_of(alone.loc['share'])} ({percent_of(alone.loc['right_all'])} right)" in caption
    )


def test_repeated_texts_that_are_kept_are_said(three):
    how = HOW.model_copy(update={"deduplicate": False, "recall": 0.8, "false_alarms": 0.0})
    caption = draw_pool_funnel(three[0]["pool"], LANGUAGES[:3], how).caption
    assert "kept as often as they are said" in caption
    assert "80 % of the wrong hypotheses and 0 % of the right" in caption


def test_scatters_show_every_utterance_of_the_first_pool(drawn):
    case, tables, figures = drawn
    axes = figures["entropy_el2n"].figure.axes
    assert len(axes) == 2 * case["languages"]
    titled = {panel.get_title(loc="left").replace("\n", " "): panel for panel in axes}
    for language in LANGUAGES[: case["languages"]]:
        own = of(tables["first"], dataset=language)
        for by, prefix in (("scorer", "scorer_"), ("teacher", "teacher_")):
            panel = titled[f"{language}: by {'one' if by == 'scorer' else 'the'} {by}"]
            shown = np.concatenate(
                [c.get_offsets() for c in panel.collections if isinstance(c, PathCollection)]
            )
            wanted = own[[f"{prefix}{score}" for score in SCORES]].to_numpy()
            assert np.array_equal(shown[np.lexsort(shown.T)], wanted[np.lexsort(wanted.T)])
            low, high = np.array([panel.get_xlim(), panel.get_ylim()]).T
            assert (wanted >= low).all() and (wanted <= high).all()
            row = of(tables["agreement"], dataset=language, metric=f"spearman_{by}").iloc[0]
            assert panel.texts[0].get_text().startswith(f"Spearman {two_digits(row['estimate'])} [")


def test_wrong_labels_are_told_from_right_ones(three):
    tables, figures = three
    points = figures["entropy_el2n"].points
    for right, marks in ((True, "o"), (False, "x")):
        assert (points["right"] == right).sum() == 2 * (tables["first"]["right_all"] == right).sum(), marks
    labels = [text.get_text() for text in figures["entropy_el2n"].figure.legends[0].get_texts()]
    assert labels == ["right weak label", "wrong weak label"]


def test_captions_of_scores_state_the_tables_numbers(three):
    tables, figures = three
    agreement = tables["agreement"]
    first, pools = (of(tables[name], dataset="fronted") for name in ("first", "pools"))
    caption = figures["entropy_el2n"].caption
    row = of(agreement, dataset="fronted", metric="spearman_teacher").iloc[0]
    assert f"fronted ({len(first)} weak labels, {100 * first['right_all'].mean():.1f} % right" in caption
    assert re.search(rf"{re.escape(two_digits(row['estimate']))} \[[^]]*\] by the teacher", caption)
    caption = figures["score_densities"].caption
    row = of(agreement, dataset="fronted", metric="auroc", score="entropy_joint").iloc[0]
    assert f"fronted ({len(pools)} weak labels" in caption
    assert f"entropy {row['estimate']:.2f} [{row['low']:.2f}, {min(1, row['high']):.2f}]" in caption
    tested = agreement[agreement["metric"] == "auroc"]
    assert f"Of 6 intervals {(tested['low'] > 0.5).sum()} lie above 0.5" in caption


def test_densities_add_up_and_share_their_bins(drawn):
    case, tables, figures = drawn
    points, pools = figures["score_densities"].points, tables["pools"]
    groups = points.groupby(["dataset", "score", "right"])
    assert np.allclose(groups["share"].sum(), 1)
    for (language, score, right), bins in groups:
        own = pools.loc[(pools["dataset"] == language) & (pools["right_all"] == right), score]
        assert (bins["labels"] == len(own)).all()
        inside = (own >= bins["low_edge"].iloc[4]) & (own < bins["high_edge"].iloc[4])
        assert bins["share"].iloc[4] == pytest.approx(inside.mean())
    assert points.groupby("score")["low_edge"].nunique().eq(30).all()
    drawn_shares = drawn_values(figures["score_densities"].figure)
    assert all(np.abs(drawn_shares - 100 * share).min() < 1e-9 for share in points["share"])
    assert len(figures["score_densities"].figure.axes) == 2 * case["languages"]


def test_a_pool_without_wrong_labels_has_no_auroc(drawn_once):
    drawing = drawn_once("all right")[1]["score_densities"]
    assert drawing.points["right"].all() and "entropy undefined, EL2N undefined" in drawing.caption
    assert [text.get_text() for text in drawing.figure.legends[0].get_texts()] == ["right weak labels"]
    assert all(axes.texts[0].get_text() == "AUROC undefined" for axes in drawing.figure.axes)


def test_an_empty_pool_is_said_not_drawn(three):
    tables, _ = three
    agreement = tables["agreement"]
    for draw, pools in ((draw_entropy_el2n, tables["first"]), (draw_score_densities, tables["pools"])):
        some = draw(pools[pools["dataset"] != "mirrored"], agreement, LANGUAGES[:3], SCORES)
        check(some)
        assert "Not shown: mirrored (no utterance is in the pool)." in some.caption
        none = draw(pools[:0], agreement, LANGUAGES[:3], SCORES)
        assert not none.figure.axes and "english, mirrored, fronted" in none.caption


def test_what_strategies_take_is_as_the_table_says(drawn):
    case, tables, figures = drawn
    drawing = figures["selected_quality"]
    points, table = drawing.points, tables["quality"]
    table = table[table["strategy"] != TRUTH]
    wanted = table[table["metric"].isin(["right_domain", "right_all"])]
    rates = points[points["metric"] != "share"]
    assert sorted(rates["estimate"]) == pytest.approx(sorted(100 * wanted["estimate"]))
    values = drawn_values(drawing.figure)
    for value in rates[["estimate", "low", "high"]].to_numpy().ravel():
        assert np.abs(values - value).min() < 1e-9, f"{value} is not drawn"
    mix = points[points["metric"] == "share"]
    assert np.allclose(mix.groupby(["dataset", "strategy"])["estimate"].sum(), 100)
    music = mix[mix["domain"] == "alarm"].set_index(["dataset", "strategy"])["estimate"]
    of_table = table[table["domain"] == "alarm"].set_index(["dataset", "strategy"])["estimate"]
    assert np.allclose(music.sort_index(), 100 * of_table.sort_index())
    assert mix["domain"].nunique() == min(case["domains"], 10)
    assert (OTHER in set(mix["domain"])) == (case["domains"] > 9)
    named = [text.get_text() for axes in drawing.figure.axes for text in axes.get_yticklabels()]
    assert {label(arm) for arm in (RANDOM, EVERYTHING, *case["strategies"])} == set(named)


def test_the_caption_of_quality_states_the_tables_numbers(three):
    tables, figures = three
    caption, table = figures["selected_quality"].caption, of(tables["quality"], dataset="english")
    assert "Added are 50 % as many utterances as there are gold ones; means over 3 repeats" in caption
    right = of(table, metric="right_all").set_index("strategy")
    assert f"english, weak labels right in all parts: random {percent_of(right.loc[RANDOM])}" in caption
    own = right.loc[DEFAULT, "estimate"]
    for arm in (own.idxmin(), own.idxmax()):
        assert f"{percent_of(right.loc[arm])} ({label(arm)})" in caption
    mix = of(table, metric="share").pivot(index="strategy", columns="domain", values="estimate")
    moved = (mix.loc[DEFAULT] - mix.loc[RANDOM]).abs().sum(axis=1) / 2
    assert f"is {label(moved.idxmax())}: {100 * moved.max():.1f} % of the utterances" in caption


def test_other_sizes_are_not_drawn(three):
    table = three[0]["quality"]
    other = table[table["size"] == SIZE].assign(size=0.25, estimate=0.123)
    both = draw_selected_quality(pd.concat([table, other]), LANGUAGES[:3], DEFAULT, SIZE)
    pd.testing.assert_frame_equal(both.points, three[1]["selected_quality"].points)
    none = draw_selected_quality(table[:0], LANGUAGES[:3], DEFAULT, SIZE)
    assert not none.figure.axes


def test_scores_have_units():
    assert unit("entropy_joint") == "share of the maximum" and unit("el2n_joint_mean") == "probability"
    assert (
        unit("entropy_slots_sum") == "shares of the maximum, summed"
        and unit("margin_intent") == "probability"
    )

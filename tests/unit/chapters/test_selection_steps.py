"""Steps of the chapter `selection`, on small files made here: their tables against plain loops."""

import math
import statistics
import warnings
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study import paths
from study.chapters.selection import agreement, claims, errors, extremes, grid, pool, quality, reading
from study.config import parse_study
from study.data.dataset import Dataset, data_digest, save, split
from study.data.text.packed import pack, text_hashes
from study.files import read_csv, write_csv, write_parquet

CLASSES = ("music", "alarm", "books")
TOPS = ["top-entropy_joint", "top-el2n_joint_mean"]
SETTINGS = {
    "datasets": ["north"],
    "model": "bert",
    "repeats": 3,
    "early_epoch": 1,
    "pool": {"gold": 0.1, "threshold": 0.6, "recall": 0.5},
    "strategies": [{"strategy": "top", "score": name.removeprefix("top-")} for name in TOPS],
    "sizes": [0.5],
}
N_TEST, N_POOL = 12, 40


def study_of(**changes):
    settings = SETTINGS | changes
    return parse_study(
        {
            "name": "tiny",
            "datasets": {name: {"source": "generated", "family": "nlu"} for name in settings["datasets"]},
            "models": {"bert": {"architecture": "encoder", "layers": 1, "dim": 8, "heads": 2}},
            "selection": settings,
        }
    )


STUDY = study_of()


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def meanings(n, rng):
    """What utterances mean: domain, intent, and tags of slots of a word each."""
    domains = rng.integers(len(CLASSES), size=n)
    tags = rng.choice(["O", "O", "B-song", "B-time"], (n, 4))
    return pd.DataFrame(
        {
            "domain": [CLASSES[k] for k in domains],
            "intent": [f"{CLASSES[k]}_{rng.integers(2)}" for k in domains],
            "slots": [" ".join(row) for row in tags],
        }
    )


def prepared(name="north", traffic=True):
    """Writes a data set; gives what its test utterances mean, and how often they are said."""
    rng = np.random.default_rng(5)
    truth, said = meanings(N_TEST, rng), rng.permutation(N_TEST) + 1.0
    texts = pack([[f"text {k}" for k in range(N_TEST)]])
    labels = truth["domain"].map(CLASSES.index).to_numpy()
    facts = {key: truth[key].to_numpy(dtype=str) for key in ("intent", "slots")}
    facts |= {"traffic": said} if traffic else {}
    parts = [
        split(name, part, np.arange(N_TEST), texts, labels, facts=facts, hashes=text_hashes)
        for part in ("train", "test")
    ]
    digest = data_digest(*parts, len(CLASSES))
    save(Dataset(name, *parts, CLASSES, "made here", digest), paths.data_folder(name))
    return truth, said


def answers(truth, wrong, rng):
    """The truth, of which a share of every part is drawn anew."""
    other = meanings(len(truth), rng)
    ids = [f"north:test:{k}" for k in range(len(truth))]
    parts = {key: np.where(rng.random(len(truth)) < wrong, other[key], truth[key]) for key in truth}
    return pd.DataFrame({"example_id": ids} | parts)


def measured(truth, found, rows):
    """Error rates of some utterances, counted one by one; slots are single words."""
    wrong = {"dcer": 0, "icer": 0, "irer": 0}
    slot_errors = reference = given = 0
    truth, found = truth.to_dict("records"), found.to_dict("records")
    for row in rows:
        right, told = truth[row], found[row]
        tags = list(zip(right["slots"].split(), told["slots"].split(), strict=True))
        misses = sum(a != b for a, b in tags)
        reference += sum(a != "O" for a, _ in tags)
        given += sum(b != "O" for _, b in tags)
        slot_errors += misses
        wrong["dcer"] += right["domain"] != told["domain"]
        wrong["icer"] += right["intent"] != told["intent"]
        wrong["irer"] += any([*(right[part] != told[part] for part in ("domain", "intent")), misses])
    shares = {name: count / len(rows) for name, count in wrong.items()}
    mistakes, n = wrong["icer"] + slot_errors, len(rows)
    return shares | {"semer": mistakes / (n + reference), "f_semer": mistakes / (n + (reference + given) / 2)}


def rarest(said):
    """Rows that hold 40 % of what is said, the rarest first."""
    rows, held = [], 0.0
    for row in sorted(range(len(said)), key=lambda k: said[k]):
        if held >= 0.4 * sum(said):
            break
        rows.append(row)
        held += said[row]
    return rows


def t_interval(values):
    """Mean and 95 % interval, by the textbook."""
    mean, n = statistics.fmean(values), len(values)
    half = stats.t.ppf(0.975, n - 1) * statistics.stdev(values) / math.sqrt(n)
    return mean, mean - half, mean + half


ARMS = {
    ("nothing", math.nan): 0.5,
    ("everything", math.nan): 0.3,
    ("random", 0.5): 0.4,
    ("truth", 0.5): 0.1,
    (TOPS[0], 0.5): 0.2,
    (TOPS[1], 0.5): 0.45,
}
ADDED = {"nothing": 0, "everything": 30}


def write_understood(truth, slots=True):
    """Writes what models of all repeats understood; gives it by repeat and strategy."""
    found = {}
    for repeat in range(3):
        rng, parts = np.random.default_rng(repeat), []
        for (strategy, size), wrong in ARMS.items():
            told = answers(truth, wrong, rng)
            found[repeat, strategy] = told
            about = {"strategy": strategy, "size": size, "added": ADDED.get(strategy, 6)}
            parts.append(told.assign(**about)[[*about, *told.columns]])
        table = pd.concat(parts, ignore_index=True)
        write_parquet(
            paths.added("north", repeat, paths.UNDERSTOOD), table if slots else table.drop(columns="slots")
        )
    return found


def analysis(name, dataset="north"):
    return read_csv(paths.analysis("selection", dataset, f"{name}.csv"))


def one(table, **values):
    """The one row with these values; None stands for an empty field."""
    for key, value in values.items():
        table = table[table[key].isna() if value is None else table[key] == value]
    assert len(table) == 1, table
    return table.iloc[0]


def check_numbers(row, expected):
    np.testing.assert_allclose([row["estimate"], row["low"], row["high"]], expected, rtol=1e-4, atol=1e-9)


def test_errors_of_every_run_are_counted():
    truth, said = prepared()
    found = write_understood(truth)
    errors.run(STUDY, "north")
    runs, tail = analysis("errors"), rarest(said)
    assert len(runs) == 3 * len(ARMS) * (len(CLASSES) + 3)
    views = {"overall": range(N_TEST), "tail": tail, "head": [k for k in range(N_TEST) if k not in tail]}
    views |= {name: np.flatnonzero(truth["domain"] == name) for name in CLASSES}
    for (repeat, strategy), (view, rows) in product(found, views.items()):
        here = {"repeat": repeat, "strategy": strategy, "view": "domain" if view in CLASSES else view}
        row = one(runs, **here, domain=view if view in CLASSES else None)
        assert row["utterances"] == len(rows) and row["added"] == ADDED.get(strategy, 6)
        for metric, rate in measured(truth, found[repeat, strategy], rows).items():
            assert row[metric] == pytest.approx(rate, abs=1e-5), (repeat, strategy, view, metric)


def test_rates_are_means_over_repeats_with_t_intervals():
    truth, said = prepared()
    found = write_understood(truth)
    errors.run(STUDY, "north")
    table = analysis("selection")
    rates = table[table["statistic"] == "rate"]
    assert set(table["view"]) == {"overall", "head", "tail"} and (table["n"] == 3).all()
    for (strategy, size), view in product(ARMS, ("overall", "tail")):
        rows = range(N_TEST) if view == "overall" else rarest(said)
        per_repeat = [measured(truth, found[repeat, strategy], rows) for repeat in range(3)]
        for metric in per_repeat[0]:
            size_of = {"size": None if math.isnan(size) else size}
            row = one(rates, strategy=strategy, view=view, metric=metric, **size_of)
            check_numbers(row, t_interval([rates_of[metric] for rates_of in per_repeat]))
            assert row["added"] == ADDED.get(strategy, 6)


def test_changes_are_against_random_utterances_of_the_same_repeat():
    truth, _ = prepared()
    found = write_understood(truth)
    errors.run(STUDY, "north")
    table = analysis("selection")
    changes = table[(table["statistic"] == "change") & (table["view"] == "overall")]
    assert set(changes["strategy"]) == {name for name, _ in ARMS} - {"random"}
    assert (changes["size"] == 0.5).all()  # nothing and everything, too, are compared with random ones
    bounded = 0
    for strategy, metric in product(set(changes["strategy"]), ("dcer", "icer", "semer", "f_semer", "irer")):
        mine, other = (
            np.array([measured(truth, found[k, who], range(N_TEST))[metric] for k in range(3)])
            for who in (strategy, "random")
        )
        row = one(changes, strategy=strategy, metric=metric)
        assert row["estimate"] == pytest.approx(100 * (mine.mean() / other.mean() - 1), rel=1e-4)
        assert row["p"] == pytest.approx(stats.ttest_rel(mine, other).pvalue, rel=1e-4)
        if math.isnan(row["low"]):
            assert stats.ttest_1samp(other, 0).pvalue > 0.05
            continue
        for end in ("low", "high"):  # a ratio at the interval's end is just about rejected
            left = mine - (1 + row[end] / 100) * other
            t = left.mean() / (left.std(ddof=1) / math.sqrt(3))
            assert abs(t) == pytest.approx(stats.t.ppf(0.975, 2), rel=2e-3)
        bounded += 1
    assert bounded > 15


def test_only_strategies_are_adjusted_for_each_other():
    truth, _ = prepared()
    write_understood(truth)
    errors.run(STUDY, "north")
    table = analysis("selection")
    changes = table[table["statistic"] == "change"]
    assert changes.loc[~changes["strategy"].isin(TOPS), "p_holm"].isna().all()
    for _, rows in changes[changes["strategy"].isin(TOPS)].groupby(["view", "metric"]):
        smaller, larger = sorted(rows["p"])
        expected = [min(1, 2 * smaller), min(1, max(2 * smaller, larger))]
        assert sorted(rows["p_holm"]) == pytest.approx(expected, rel=1e-4)


def test_what_is_not_known_has_a_reason():
    truth, _ = prepared(traffic=False)
    write_understood(truth, slots=False)
    errors.run(study_of(slots=None), "north")
    table = analysis("selection")
    tail = table[table["view"] != "overall"]
    assert tail["estimate"].isna().all() and set(tail["reason"]) == {"the traffic is not known"}
    overall = table[table["view"] == "overall"]
    of_slots = overall[overall["metric"].isin(["semer", "f_semer", "slot_f1"])]
    assert of_slots["estimate"].isna().all() and set(of_slots["reason"]) == {"the corpus has no slots"}
    known = overall[overall["metric"].isin(["dcer", "icer", "irer"])]
    assert known["estimate"].notna().all() and known["reason"].isna().all()


def test_answers_to_other_utterances_are_noticed():
    truth, _ = prepared()
    write_understood(truth)
    path = paths.added("north", 1, paths.UNDERSTOOD)
    write_parquet(path, pd.read_parquet(path).iloc[::-1])
    with pytest.raises(AssertionError, match="other utterances"):
        errors.run(STUDY, "north")


def test_a_mean_is_not_known_where_one_repeat_is_not():
    table = pd.DataFrame(
        {"arm": ["a", "a", "b", "b", None], "x": [1.0, 3.0, 1.0, np.nan, 7.0], "y": [0.0, 1, 2, 4, 5]}
    )
    found = reading.mean_rows(table, ["arm"], ["x", "y"])
    assert found.columns[:2].tolist() == ["arm", "metric"] and len(found) == 6
    check_numbers(one(found, arm="a", metric="x"), t_interval([1, 3]))
    unknown = one(found, arm="b", metric="x")
    assert unknown["n"] == 2 and unknown[["estimate", "low", "high", "detectable"]].isna().all()
    check_numbers(one(found, arm="b", metric="y"), t_interval([2, 4]))
    alone = found[found["arm"].isna() & (found["metric"] == "x")].iloc[0]
    assert alone["estimate"] == 7 and math.isnan(alone["low"]) and alone["n"] == 1
    freedom = (stats.t.ppf(0.975, 1) + stats.t.ppf(0.8, 1)) * statistics.stdev([1, 3]) / math.sqrt(2)
    assert one(found, arm="a", metric="x")["detectable"] == pytest.approx(freedom)


def made_pool(repeat, dropped=("not said", "not confident", "defect signalled", "said before")):
    """A table of utterances that are not gold, with scores by which wrong labels are not easy to find."""
    rng = np.random.default_rng(100 + repeat)
    truth, weak = meanings(N_POOL, rng), meanings(N_POOL, rng)
    sure = rng.random((N_POOL, 3)) < 0.8
    weak = pd.DataFrame({key: np.where(sure[:, k], truth[key], weak[key]) for k, key in enumerate(truth)})
    parts = {f"right_{key}": truth[key] == weak[key] for key in truth}
    right_all = np.array([all(values) for values in zip(*parts.values(), strict=True)])
    confidence = rng.random(N_POOL)
    reason = rng.choice(["", *dropped], N_POOL, p=[0.6, *[0.4 / len(dropped)] * len(dropped)])
    told = {"example_id": [f"north:train:{k}" for k in range(N_POOL)]}
    told["text"] = [f"text {k}" for k in range(N_POOL)]
    scores = {name: rng.random(N_POOL) + 0.3 * ~right_all for name in ("entropy_joint", "el2n_joint_mean")}
    scores["margin_intent"] = 1 - scores["entropy_joint"]
    scores |= {
        f"{who}_{name}": values + 0.1 * rng.random(N_POOL)
        for who in ("teacher", "scorer")
        for name, values in scores.items()
    }
    frequency = np.where(reason == "not said", 0, 1 + rng.integers(5, size=N_POOL))
    return pd.DataFrame(
        told | dict(truth) | {f"weak_{key}": weak[key] for key in weak} | {"confidence": confidence} | parts
    ).assign(right_all=right_all, **scores, frequency=frequency, reason=reason)


def write_pools(make=made_pool, repeats=3):
    tables = [make(repeat) for repeat in range(repeats)]
    for repeat, table in enumerate(tables):
        write_parquet(paths.added("north", repeat, paths.POOL), table)
    return tables


STEPS = ("not said", "not confident", "defect signalled", "said before")


def left_after(table, step):
    """The rows that are left after a step, one by one."""
    gone = STEPS[: STEPS.index(step) + 1] if step else ()
    return [row for row in table.to_dict("records") if row["reason"] not in gone]


def of_rows(rows, whole):
    """What pool.csv says of some rows."""
    told = {
        "utterances": len(rows),
        "said": sum(row["frequency"] for row in rows),
        "share": len(rows) / whole,
    }
    for part in ("domain", "intent", "slots", "all"):
        told[f"right_{part}"] = statistics.fmean(row[f"right_{part}"] for row in rows)
    return told


def test_the_funnel_counts_what_each_step_leaves():
    tables = write_pools()
    pool.run(STUDY, "north")
    found = analysis("pool")
    funnel = found[found["threshold"].isna()]
    assert len(funnel) == 5 * 7
    for step in ("", *STEPS):
        numbers = [of_rows(left_after(table, step), N_POOL) for table in tables]
        for metric in numbers[0]:
            row = one(funnel, step=step or None, metric=metric)
            check_numbers(row, t_interval([float(each[metric]) for each in numbers]))
            assert row["n"] == 3


def test_each_threshold_alone_keeps_what_is_said_and_sure():
    tables = write_pools()
    pool.run(STUDY, "north")
    found = analysis("pool")
    assert sorted(found["threshold"].dropna().unique()) == [0.6, 0.7, 0.9, 0.95]  # 0.6: the study's own
    for threshold in (0.6, 0.9):
        kept = [
            [r for r in table.to_dict("records") if r["frequency"] > 0 and r["confidence"] >= threshold]
            for table in tables
        ]
        for metric in ("utterances", "said", "share", "right_all"):
            numbers = [float(of_rows(rows, N_POOL)[metric]) for rows in kept]
            check_numbers(one(found, threshold=threshold, metric=metric), t_interval(numbers))


def test_accuracy_is_unknown_where_a_threshold_leaves_nothing_in_some_repeat():
    def make(repeat):
        table = made_pool(repeat)
        return table.assign(confidence=0.92) if repeat == 1 else table.assign(confidence=1.0)

    write_pools(make)
    pool.run(STUDY, "north")
    found = analysis("pool")
    row = one(found, threshold=0.95, metric="right_all")
    assert math.isnan(row["estimate"]) and row["n"] == 3
    assert one(found, threshold=0.95, metric="utterances")["estimate"] > 0
    assert one(found, threshold=0.9, metric="right_all")["estimate"] > 0


def ranks(values):
    """Ranks from 1; no two of the values are equal here."""
    order = sorted(values)
    return [order.index(value) + 1 for value in values]


def spearman(one_score, other):
    return statistics.correlation(ranks(list(one_score)), ranks(list(other)))


def chance_that_wrong_is_higher(values, right):
    """AUROC by comparing all pairs."""
    wrong = [value for value, fine in zip(values, right, strict=True) if not fine]
    fine = [value for value, fine in zip(values, right, strict=True) if fine]
    return statistics.fmean((w > f) + 0.5 * (w == f) for w in wrong for f in fine)


def kept_rows(table):
    return table[[reason == "" for reason in table["reason"]]]


def test_how_alike_the_two_scores_rank_the_pool():
    kept = [kept_rows(table) for table in write_pools()]
    agreement.run(STUDY, "north")
    found = analysis("score_agreement")
    own, other, mean = (
        [spearman(rows[f"{who}entropy_joint"], rows[f"{who}el2n_joint_mean"]) for rows in kept]
        for who in ("teacher_", "scorer_", "")
    )
    check_numbers(one(found, metric="spearman_teacher"), t_interval(own))
    check_numbers(one(found, metric="spearman_scorers"), t_interval(mean))
    check_numbers(one(found, metric="spearman_scorer"), t_interval(other))
    differences = [a - b for a, b in zip(own, other, strict=True)]
    check_numbers(one(found, metric="spearman_difference"), t_interval(differences))
    assert found.loc[found["metric"] != "auroc", "score"].isna().all() and (found["n"] == 3).all()


def test_scores_of_which_a_low_value_counts_find_wrong_labels_by_their_low_end():
    kept = [kept_rows(table) for table in write_pools()]
    agreement.run(
        study_of(scores=["margin_intent", "entropy_joint"], strategies=[{"strategy": "stratified"}]), "north"
    )
    found = analysis("score_agreement")
    for score, sign in (("margin_intent", -1), ("entropy_joint", 1)):
        values = [chance_that_wrong_is_higher(sign * rows[score], rows["right_all"]) for rows in kept]
        check_numbers(one(found, metric="auroc", score=score), t_interval(values))
    low, high = (one(found, metric="auroc", score=name) for name in ("margin_intent", "entropy_joint"))
    assert low["estimate"] == pytest.approx(high["estimate"]) and high["estimate"] > 0.5


def test_two_scores_that_choose_alike_agree():
    """A margin that is 1 minus the entropy puts the same utterances first: both strategies take the same."""
    write_pools()
    agreement.run(
        study_of(scores=["margin_intent", "entropy_joint"], strategies=[{"strategy": "stratified"}]), "north"
    )
    assert one(analysis("score_agreement"), metric="spearman_scorers")["estimate"] == pytest.approx(1)


def test_without_wrong_labels_no_score_finds_any():
    write_pools(lambda repeat: made_pool(repeat).assign(right_all=True))
    agreement.run(STUDY, "north")
    found = analysis("score_agreement")
    assert found.loc[found["metric"] == "auroc", "estimate"].isna().all()
    assert found.loc[found["metric"] != "auroc", "estimate"].notna().all()


def chosen_from(tables):
    """Writes what two strategies take of each pool, and of all of it; gives it by repeat and strategy."""
    found = {}
    for repeat, table in enumerate(tables):
        ids = kept_rows(table)["example_id"].tolist()
        taken = {("everything", math.nan): ids, ("random", 0.5): ids[::2], (TOPS[0], 0.5): ids[:5]}
        parts = []
        for (strategy, size), some in taken.items():
            found[repeat, strategy] = some
            about = {"strategy": strategy, "size": size, "rank": range(1, len(some) + 1), "example_id": some}
            parts.append(pd.DataFrame(about | {"score": 0.5}))
        write_parquet(paths.added("north", repeat, paths.CHOSEN), pd.concat(parts, ignore_index=True))
    return found


def test_quality_of_what_is_taken():
    tables = write_pools()
    found = chosen_from(tables)
    quality.run(STUDY, "north")
    table = analysis("quality")
    assert table.columns[:4].tolist() == ["strategy", "size", "metric", "domain"]
    for strategy in ("everything", "random", TOPS[0]):
        size = None if strategy == "everything" else 0.5
        rows = [
            [row for row in tables[k].to_dict("records") if row["example_id"] in found[k, strategy]]
            for k in range(3)
        ]
        for metric in ("right_domain", "right_intent", "right_slots", "right_all", "frequency"):
            means = [statistics.fmean(float(row[metric]) for row in some) for some in rows]
            check_numbers(one(table, strategy=strategy, size=size, metric=metric), t_interval(means))
        for domain in CLASSES:
            shares = [statistics.fmean(row["domain"] == domain for row in some) for some in rows]
            row = one(table, strategy=strategy, size=size, metric="share", domain=domain)
            check_numbers(row, t_interval(shares))


def test_a_domain_that_one_repeat_lacks_has_a_share_of_0_there():
    def make(repeat):
        table = made_pool(repeat).assign(domain=["music", "alarm"] * (N_POOL // 2))
        return table.assign(domain="music") if repeat == 2 else table

    tables = write_pools(make)
    found = chosen_from(tables)
    quality.run(STUDY, "north")
    table = analysis("quality")
    shares = []
    for k in range(3):
        rows = [row for row in tables[k].to_dict("records") if row["example_id"] in found[k, "random"]]
        shares.append(statistics.fmean(row["domain"] == "alarm" for row in rows))
    assert shares[2] == 0 < shares[0]
    row = one(table, strategy="random", metric="share", domain="alarm")
    check_numbers(row, t_interval(shares))
    mix = table[(table["strategy"] == "random") & (table["metric"] == "share")]
    assert mix["estimate"].sum() == pytest.approx(1, abs=1e-5) and set(mix["domain"]) == {"music", "alarm"}


def test_an_utterance_that_is_taken_twice_counts_twice():
    tables = write_pools()
    for repeat, table in enumerate(tables):
        ids = kept_rows(table)["example_id"].tolist()[:2]
        about = {"strategy": "everything", "size": np.nan, "rank": [1, 2, 3], "score": np.nan}
        rows = pd.DataFrame(about | {"example_id": [ids[0], ids[0], ids[1]]})
        write_parquet(paths.added("north", repeat, paths.CHOSEN), rows)
    quality.run(STUDY, "north")
    first_two = [kept_rows(table)["frequency"].tolist()[:2] for table in tables]
    means = [(2 * a + b) / 3 for a, b in first_two]
    check_numbers(one(analysis("quality"), metric="frequency"), t_interval(means))


def test_extremes_are_of_the_first_pool_and_in_order():
    first = kept_rows(write_pools()[0])
    scores = ["margin_intent", "el2n_joint_mean"]
    extremes.run(study_of(scores=scores, strategies=[{"strategy": "stratified"}]), "north")
    table = analysis("extremes")
    assert len(table) == 2 * 2 * 10
    for score, low_first in (("margin_intent", True), ("el2n_joint_mean", False)):
        order = sorted(first.to_dict("records"), key=lambda row, s=score: row[s], reverse=not low_first)
        for end, wanted in (("most", order[:10]), ("least", order[::-1][:10])):
            rows = table[(table["score"] == score) & (table["end"] == end)]
            assert rows["place"].tolist() == list(range(1, 11))
            assert rows["example_id"].tolist() == [row["example_id"] for row in wanted]
            assert rows["value"].tolist() == pytest.approx([row[score] for row in wanted], rel=1e-4)
            for key in ("text", "domain", "weak_domain", "intent", "weak_intent", "slots", "weak_slots"):
                assert rows[key].tolist() == [row[key] for row in wanted]
            assert rows["frequency"].tolist() == [row["frequency"] for row in wanted]
    assert not set(table["example_id"]) - set(first["example_id"])  # what was dropped is not shown


def test_extremes_of_a_small_pool_without_slots():
    def make(repeat):
        table = made_pool(repeat).drop(columns=["slots", "weak_slots", "right_slots"])
        return table.assign(reason=["", "", ""] + ["not said"] * (N_POOL - 3))

    write_pools(make)
    extremes.run(study_of(slots=None), "north")
    table = analysis("extremes")
    assert len(table) == 2 * 2 * 3 and "slots" not in table and table["place"].max() == 3
    most, least = (
        table[(table["score"] == "entropy_joint") & (table["end"] == end)] for end in ("most", "least")
    )
    assert most["example_id"].tolist() == least["example_id"].tolist()[::-1]


GRID_STUDY = study_of(grid={"dataset": "north", "thresholds": [0.6, 0.9], "recalls": [0.5], "golds": [0.1]})
CHEAP, DEAR = (0.1, 0.6, 0.5), (0.1, 0.9, 0.5)  # gold, threshold, recall; the first is the study's own


def write_grid(truth, unfilled=(), steps=None):
    """Writes what models of the grid understood; repeats of `unfilled` could choose nothing at τ 0.9."""
    found = {}
    for repeat in range(3):
        rng, parts, pools = np.random.default_rng(repeat), [], []
        for key in (CHEAP, DEAR):
            arms = (
                ARMS
                if key == CHEAP
                else {arm: ARMS[arm] for arm in ARMS if arm[0] not in ("everything", "truth")}
            )
            setting = dict(zip(("gold", "threshold", "recall"), key, strict=True))
            for (strategy, size), wrong in arms.items():
                told = answers(truth, wrong, rng)
                if key == DEAR and repeat in unfilled and strategy != "nothing":
                    continue
                found[repeat, key, strategy] = told
                about = {"strategy": strategy, "size": size, "added": ADDED.get(strategy, 6)}
                parts.append(told.assign(**about, **setting)[[*about, *told.columns, *setting]])
            for place, step in enumerate(("", *STEPS)):
                left = 100 * key[1] - 10 * place + repeat
                row = setting | {
                    "step": step,
                    "utterances": left,
                    "share": left / 100,
                    "right_all": 0.5 + place / 10,
                }
                pools.append(row)
        write_parquet(paths.grid("north", repeat, paths.UNDERSTOOD), pd.concat(parts, ignore_index=True))
        write_csv(paths.grid("north", repeat, paths.POOLS), pd.DataFrame(pools))
    return found


def test_changes_of_every_setting_are_its_own():
    truth, _ = prepared()
    found = write_grid(truth)
    grid.run(GRID_STUDY, "north")
    table = analysis("grid")
    assert table.columns[:3].tolist() == ["gold", "threshold", "recall"]
    assert set(table["metric"]) == {"dcer", "icer", "semer", "f_semer", "irer"}
    for key, strategy, metric in product((CHEAP, DEAR), TOPS, ("dcer", "semer")):
        mine, other = (
            [measured(truth, found[k, key, who], range(N_TEST))[metric] for k in range(3)]
            for who in (strategy, "random")
        )
        where = {"threshold": key[1], "strategy": strategy, "metric": metric, "view": "overall"}
        row = one(table, **where, statistic="change")
        expected = 100 * (statistics.fmean(mine) / statistics.fmean(other) - 1)
        assert row["estimate"] == pytest.approx(expected, rel=1e-4) and row["n"] == 3
        check_numbers(one(table, **where, statistic="rate"), t_interval(mine))


def test_a_setting_that_one_repeat_could_not_fill_has_no_changes():
    truth, _ = prepared()
    found = write_grid(truth, unfilled=[1])
    grid.run(GRID_STUDY, "north")
    table = analysis("grid")
    dear = table[table["threshold"] == 0.9]
    assert set(dear["strategy"]) == {"nothing"} and set(dear["statistic"]) == {"rate"}
    rates = [measured(truth, found[k, DEAR, "nothing"], range(N_TEST))["dcer"] for k in range(3)]
    check_numbers(one(dear, metric="dcer", view="overall"), t_interval(rates))
    cheap = table[(table["threshold"] == 0.6) & (table["statistic"] == "change")]
    assert set(cheap["strategy"]) == {"nothing", "everything", "truth", *TOPS}


def test_pools_of_the_grid_are_means_over_repeats():
    truth, _ = prepared()
    write_grid(truth)
    grid.run(GRID_STUDY, "north")
    table = analysis("grid_pools")
    assert len(table) == 2 * 5 * 3
    for threshold, (place, step) in product((0.6, 0.9), enumerate(("", *STEPS))):
        where = {"threshold": threshold, "step": step or None}
        numbers = [100 * threshold - 10 * place + repeat for repeat in range(3)]
        check_numbers(one(table, **where, metric="utterances"), t_interval(numbers))
        right = 0.5 + place / 10
        check_numbers(one(table, **where, metric="right_all"), (right, right, right))


def change(strategy, metric, estimate, half, size=0.5, reason=""):
    """A row of selection.csv: the change of an error rate, its interval not wider on one side."""
    told = {"strategy": strategy, "metric": metric, "size": size, "reason": reason, "view": "overall"}
    ends = {"estimate": estimate, "low": estimate - half, "high": estimate + half, "n": 5, "detectable": half}
    return told | ends | {"statistic": "change"}


def rate(metric, estimate, reason=""):
    return change("random", metric, estimate, 0.01, reason=reason) | {"statistic": "rate"}


def judged(languages, scores=TOPS, **settings):
    """claims.csv, from rows of selection.csv and the two correlations by language."""
    tops = [{"strategy": "top", "score": name.removeprefix("top-")} for name in scores] or [
        {"strategy": "stratified"}
    ]
    study = study_of(datasets=list(languages), strategies=tops, **settings)
    for dataset, (rows, correlations) in languages.items():
        write_csv(paths.analysis("selection", dataset, "selection.csv"), pd.DataFrame(rows))
        told = [
            {"metric": name, "score": "", "n": 5, "detectable": 0.1}
            | {"estimate": value, "low": value - half, "high": value + half}
            for name, (value, half) in correlations.items()
        ]
        write_csv(paths.analysis("selection", dataset, "score_agreement.csv"), pd.DataFrame(told))
    claims.run(study)
    return read_csv(paths.table("selection", "claims"))


def correlations(teacher, scorer, half):
    return {
        "spearman_scorer": (scorer, 0.1),
        "spearman_teacher": (teacher, 0.1),
        "spearman_difference": (teacher - scorer, half),
    }


OTHERS = [
    change(TOPS[0], "dcer", 50, 1, size=1.0),
    change(TOPS[0], "dcer", 50, 1) | {"view": "tail"},
    change("nothing", "dcer", 50, 1),
    change(TOPS[0], "icer", 50, 1),
]
"""Rows of selection.csv of which no claim speaks."""
NORTH = [
    *(change(TOPS[0], "dcer", -5, 1), change(TOPS[1], "dcer", 4, 1), rate("dcer", 0.3)),
    *(change(TOPS[0], "semer", -2, 3), change(TOPS[1], "semer", -2, 1), rate("semer", 0.4)),
    *OTHERS,
]
SOUTH = [
    *(change(TOPS[0], "dcer", 1, 3), change(TOPS[1], "dcer", -6, 2), rate("dcer", 0.2)),
    *(change(TOPS[0], "semer", np.nan, np.nan, reason="the corpus has no slots"), rate("semer", np.nan)),
    change(TOPS[1], "semer", np.nan, np.nan, reason="the corpus has no slots"),
]
BOTH = {
    "north": (NORTH, correlations(0.9, 0.5, 0.1)),
    "south": (SOUTH, correlations(0.3, 0.6, 0.1)),
}


def claimed(table, claim, dataset, score=None):
    return one(table, id=claim, dataset=dataset, **({"score": score} if score else {}))


def test_verdicts_of_every_language_and_score():
    found = judged(BOTH)
    assert found["id"].value_counts().to_dict() == {"S1": 4, "S2": 2, "S3": 2}
    wanted = {
        ("S1", "north", "entropy_joint"): (-5, "supported"),
        ("S1", "north", "el2n_joint_mean"): (4, "contradicted"),
        ("S1", "south", "entropy_joint"): (1, "inconclusive"),
        ("S1", "south", "el2n_joint_mean"): (-6, "supported"),
        ("S2", "north", "entropy_joint"): (-2, "inconclusive"),
        ("S2", "north", "el2n_joint_mean"): (-2, "supported"),
        ("S3", "north", None): (0.4, "supported"),
        ("S3", "south", None): (-0.3, "contradicted"),
    }
    for key, (estimate, verdict) in wanted.items():
        row = claimed(found, *key)
        assert row["estimate"] == pytest.approx(estimate) and row["verdict"] == verdict, key
        assert row["n"] == 5 and row["scale"] == "tiny"
        assert row["ci_low"] < row["estimate"] < row["ci_high"]
    assert found.loc[found["id"] != "S3", "evidence"].str.endswith("gain_by_strategy.png").all()
    assert found.loc[found["id"] == "S3", "evidence"].str.endswith("entropy_el2n.png").all()
    assert (found.loc[found["id"] == "S1", "note"] == "50% of gold added").all()
    note = claimed(found, "S3", "north")["note"]
    assert note == "Spearman of entropy_joint and el2n_joint_mean: teacher 0.90, one scorer 0.50"


def test_the_two_scores_of_a_language_hold_together():
    """Either change alone is told from 0 at 5 %, but not after Holm; one alone is."""
    t = stats.t.ppf(0.975, 4)
    p = 0.04
    half = -5 / stats.t.ppf(p / 2, 4) * t  # of an interval around -5 whose test has this p
    rows = [change(top, "dcer", -5, half) for top in TOPS] + [rate("dcer", 0.3)]
    languages = {"north": (rows, correlations(0.9, 0.5, 0.1))}
    found = judged(languages)
    both = found[found["id"] == "S1"]
    assert (both["verdict"] == "inconclusive").all() and both["p_holm"].tolist() == pytest.approx(
        [0.08, 0.08], rel=1e-3
    )
    alone = judged(languages, scores=TOPS[:1])
    row = claimed(alone, "S1", "north")
    assert row["verdict"] == "supported" and row["p_holm"] == pytest.approx(0.04, rel=1e-3)


def test_without_a_top_strategy_nothing_is_judged_of_it():
    found = judged(BOTH, scores=[])
    for claim in ("S1", "S2"):
        row = one(found, id=claim)
        assert row["verdict"] == "not run" and math.isnan(row["estimate"])
        assert row["note"] == "no strategy takes the highest by a score"
    assert (found["id"] == "S3").sum() == 2


def test_a_top_strategy_by_a_third_score_is_not_judged():
    languages = {
        "north": ([change("top-entropy_intent", "dcer", -5, 1), rate("dcer", 0.3)], correlations(1, 0, 0.1))
    }
    found = judged(languages, scores=["top-entropy_intent"])
    assert one(found, id="S1")["verdict"] == "not run"


def test_without_slots_in_any_language_s2_is_not_run():
    found = judged({"south": (SOUTH, correlations(0.3, 0.6, 0.1))}, slots=None)
    row = one(found, id="S2")
    assert row["verdict"] == "not run" and row["note"] == "no language has slots"
    assert (found.loc[found["id"] == "S1", "dataset"] == "south").all()


def test_rates_near_the_floor_leave_no_room():
    rows = [*(change(top, "dcer", -5, 1) for top in TOPS), rate("dcer", 0.01)]
    found = judged({"north": (rows, correlations(0.9, 0.5, 0.1))})
    of_claim = found[found["id"] == "S1"]
    assert (of_claim["verdict"] == "inconclusive").all()
    assert of_claim["note"].str.endswith("all arms are within 2 points of floor or ceiling").all()


def test_why_there_is_no_interval_is_noted():
    rows = [change(TOPS[0], "dcer", -5, 1), rate("dcer", 0.3)]
    rows.append(change(TOPS[1], "dcer", np.nan, np.nan, reason="the error with random utterances is 0"))
    found = judged({"north": (rows, correlations(0.9, 0.5, 0.1))})
    row = claimed(found, "S1", "north", "el2n_joint_mean")
    assert row["verdict"] == "inconclusive" and math.isnan(row["estimate"])
    assert row["note"] == "50% of gold added; the error with random utterances is 0"
    assert claimed(found, "S1", "north", "entropy_joint")["verdict"] == "supported"


def test_a_table_without_any_reason_is_read_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        judged({"north": (NORTH, correlations(0.9, 0.5, 0.1))})

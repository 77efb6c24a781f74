"""Figures of the chapter `experts`: legible with few and many models, no panel empty, numbers in words."""

import re
from itertools import product

import numpy as np
import pandas as pd
import pytest
from tests.unit.plotting.legibility import check_texts, drawn_values, shown_texts

from study.analysis.theory import fooled, memorised
from study.config.theory import TheorySettings
from study.plotting.experts.ablations import draw_ablations
from study.plotting.experts.capacity import draw_phonebook_capacity
from study.plotting.experts.compute import draw_iso_flop
from study.plotting.experts.hops import draw_atlas_hops, draw_shortest_path
from study.plotting.experts.language import (
    draw_accuracy_at_equal_perplexity,
    draw_generalisation_gap,
    draw_perplexity_curves,
    draw_pretraining_by_parameters,
)
from study.plotting.experts.recall_curves import draw_bits_per_parameter, draw_recall_curves
from study.plotting.experts.routing import draw_routing
from study.plotting.experts.theory import draw_bounds, draw_fooling_pairs, draw_memorization_parameters
from study.plotting.experts.walls import draw_width_wall
from study.plotting.style import SMALL
from study.theory.bounds import bounds_table

pytestmark = pytest.mark.filterwarnings("error")

FEW = ["dense", "moe-4"]
MANY = ["dense", "dense-512", "moe-256-8", "moe-256-16", "moe-256-64", "moe-256-16-hash", "search-12-moe-16"]
SEEDS = 3
SMALL_THEORY = TheorySettings(
    fooled_vertices=8,
    fooled_widths=[1, 3],
    fooled_bits=[1, 8],
    layers=4,
    points=500,
    experts=[1, 4, 16],
    repeats=2,
)
SIZES = ["total_without_embeddings", "operations"]


def experts_of(model):
    return int(model.removesuffix("-hash").split("-")[-1]) if "moe" in model else 1


def noise(*shape):
    return 0.02 * np.random.default_rng(0).normal(size=shape)


def interval(value):
    return {"estimate": value, "low": value - 0.03, "high": value + 0.03, "n": SEEDS, "detectable": 0.05}


def parameters(models):
    rows = []
    for place, model in enumerate(models):
        k = experts_of(model)
        router = "hash" if "hash" in model else "learned"
        total = 3000 * k * (1 + place)
        rows.append(
            {"model": model, "experts": k, "top_k": 2, "dim": 16, "layers": 1, "router": router}
            | {"expert_width": 16 if k > 1 else 16 + 16 * place, SIZES[0]: total, SIZES[1]: 6.0 * total}
        )
    return pd.DataFrame(rows)


def capacity(models):
    bounds = ["", "above", "below", "above and below"]
    return pd.DataFrame(
        {"model": model, "estimate": 200.0 * 1.5**place, "low": np.nan, "high": np.nan, "n": SEEDS}
        | ({"low": 180.0 * 1.5**place, "high": 220.0 * 1.5**place} if not bounds[place % 4] else {})
        | {"bound": bounds[place % 4]}
        for place, model in enumerate(models)
    )


def books(models):
    rows = [
        {"model": model, "seed": seed, "entries": entries, "recall": float(np.clip(1.3 - place, 0, 1))}
        | {"bits_per_parameter": 1.0 + 0.1 * place, "strangers_right": 0.001, "flat": seed > 0, "epochs": 200}
        for model, (place, entries), seed in product(models, enumerate((180, 250, 350)), range(SEEDS))
    ]
    return pd.DataFrame(rows)


def paths_table(models):
    measures, kinds = ("optimal", "valid", "exact", "length_right"), ("held out", "larger", "denser")
    rows = [
        {"model": model, "kind": kind, "hops": hops, "measure": measure, "questions": 800}
        | interval(0.9 - 0.1 * hops - 0.05 * place)
        for (place, model), kind, hops, measure in product(enumerate(models), kinds, range(4), measures)
    ]
    return pd.DataFrame(rows)


def walks(models):
    rows = [
        {"model": model, "part": part, "hops": hops, "measure": "exact", "questions": 200}
        | interval(0.9 - 0.1 * hops)
        for model, part, hops in product(models, ("train", "test"), range(5))
        if not (part == "test" and hops == 1)
    ]
    return pd.DataFrame(rows)


def routers(models):
    mixtures = [model for model in models if "moe" in model]
    rows = [
        {"task": "phone-book", "dataset": "phone-book-350", "model": model, "seed": seed, "layer": 0}
        | {"experts": 4, "balance": 0.9, "idle_experts": seed, "collapsed": False}
        | {"largest_load": 0.3 + 0.1 * seed, "fair_load": 0.25}
        for model, seed in product(mixtures, range(SEEDS))
    ]
    return pd.DataFrame(rows)


def compute(models):
    rows = [
        {"task": task, "dataset": f"{task}-350", "model": model, "seed": seed, "epoch": epoch}
        | {"operations": 1.4e9 * epoch * (1 + place / 9), "accuracy": epoch / 12}
        for task, (place, model), seed, epoch in product(
            ("phone-book", "shortest-path", "atlas"), enumerate(models), range(SEEDS), range(1, 11)
        )
    ]
    equal = [
        {"task": task, "model": model, "operations": 1e10} | interval(0.5)
        for task, model in product(("phone-book", "shortest-path", "atlas"), models)
    ]
    return pd.DataFrame(rows), pd.DataFrame(equal)


def ablations(models):
    parts = [("router", "hash"), ("top_k", 8), ("expert_width", 1024), ("layers", 6)]
    rows = [
        {"task": dataset, "dataset": dataset, "model": model, "part": part, "value": value}
        | {"base_accuracy": 0.8, **interval(-0.1 * place)}
        for dataset in ("phone-book-350", "shortest-path", "atlas")
        for place, (model, (part, value)) in enumerate(zip(models[1:], parts, strict=False))
    ]
    return pd.DataFrame(rows)


def walls():
    rows = [
        {"vertices": n, "experts": k, "width": width, "initial": "learned", "seed": seed}
        | {"test_accuracy": min(1.0, 0.5 + width / n / 2), "train_accuracy": min(1.0, 0.55 + width / n / 2)}
        for n, k, width, seed in product((12, 20), (1, 4, 16), (5, 6, 7, 9, 12, 16, 20), range(SEEDS))
    ]
    rows += [
        {"vertices": n, "experts": 1, "width": n, "initial": initial, "seed": seed}
        | {"test_accuracy": 0.98, "train_accuracy": 0.99}
        for n, initial, seed in product((12, 20, 28), ("one_hot", "learned"), range(SEEDS))
        if (n, initial) not in {(12, "learned"), (20, "learned")}
    ]
    return pd.DataFrame(rows).assign(test_questions=2000)


def language(models, corpora=("reader",)):
    """Runs of language models, their sizes, readings and gains at equal perplexity."""
    runs, readings, gains = [], [], []
    for corpus, (place, model), seed in product(corpora, enumerate(models), range(SEEDS)):
        run = {"dataset": corpus, "model": model, "seed": seed}
        for part, category in (("facts", "knowledge"), ("sums", "reasoning"), ("chains", "reasoning")):
            for trained in (True, False):
                value = 0.1 + 0.05 * place + 0.2 * trained + noise(9)[seed]
                runs.append(run | {"task": part, "category": category, "trained": trained, "value": value})
        for epoch in range(1, 5):
            perplexity = 9 / epoch - 0.1 * place + noise(9)[seed]
            known = {"exact_knowledge": 0.1 * epoch + noise(9)[seed], "exact_knowledge_trained": 0.5}
            known |= {"exact_reasoning": 0.15 * epoch + noise(9)[seed]}
            readings.append(
                run | {"epoch": epoch, "tokens": 100_000 * epoch, "perplexity": perplexity} | known
            )
        if experts_of(model) > 1 and "hash" not in model:
            for category in ("knowledge", "reasoning"):
                told = {"dense": models[0], "category": category, "test_loss": 0.9, "gain": noise(9)[seed]}
                gains.append(run | told)
    sizes = pd.concat([parameters(models).assign(task=corpus) for corpus in corpora])
    return pd.DataFrame(runs), sizes, pd.DataFrame(readings), pd.DataFrame(gains)


def drawings(models):
    theory = TheorySettings()
    curves, equal = compute(models)
    read, read_sizes, readings, gains = language(models)
    two = language(models, ("language", "mathematics"))
    return {
        "pretraining": lambda: draw_pretraining_by_parameters(read, read_sizes, models, SIZES[0]),
        "pretraining_of_two": lambda: draw_pretraining_by_parameters(*two[:2], models, SIZES[0]),
        "gap": lambda: draw_generalisation_gap(read, read_sizes, models, SIZES[0]),
        "equal_perplexity": lambda: draw_accuracy_at_equal_perplexity(readings, gains, models),
        "perplexity": lambda: draw_perplexity_curves(readings, models),
        "perplexity_of_two": lambda: draw_perplexity_curves(two[2], models),
        "bounds": lambda: draw_bounds(bounds_table(theory.vertices, theory.heads, theory.bits)),
        "small_bounds": lambda: draw_bounds(bounds_table([8, 16], [1], [1, 8])),
        "fooling_pairs": lambda: draw_fooling_pairs(fooled(SMALL_THEORY, 0)),
        "memorization": lambda: draw_memorization_parameters(memorised(SMALL_THEORY, 0)),
        "bits_per_parameter": lambda: draw_bits_per_parameter(books(models), models),
        "width_wall": lambda: draw_width_wall(walls()),
        "capacity": lambda: draw_phonebook_capacity(capacity(models), parameters(models), models, SIZES),
        "recall_curves": lambda: draw_recall_curves(books(models), models),
        "shortest_path": lambda: draw_shortest_path(
            paths_table(models), parameters(models), models, SIZES[0]
        ),
        "atlas_hops": lambda: draw_atlas_hops(walks(models), models),
        "routing": lambda: draw_routing(routers(models), models),
        "iso_flop": lambda: draw_iso_flop(curves, equal, models),
        "ablations": lambda: draw_ablations(ablations(models), models[0], models),
    }


@pytest.fixture(scope="module", params=[*product(("few", "many"), drawings(FEW))], ids="-".join)
def drawing(request):
    size, name = request.param
    return drawings(FEW if size == "few" else MANY)[name]()


def test_texts_are_legible(drawing):
    drawing.figure.draw_without_rendering()
    check_texts(drawing.figure)
    assert min(text.get_fontsize() for text in shown_texts(drawing.figure)) >= SMALL
    assert drawing.figure.get_figwidth() <= 7.01


def test_what_is_drawn_are_the_points(drawing):
    """Every panel has a line, interval or matrix, and all estimates of the table are among what is drawn."""
    assert drawing.figure.axes and len(drawing.points) > 0
    drawn = drawn_values(drawing.figure)
    for column in {"estimate", "minimum_width", "fooled", "balance", "times_fair"} & set(drawing.points):
        wanted = drawing.points[column]
        if "measure" in drawing.points and set(drawing.points["measure"]) > {"optimal"}:
            wanted = wanted[drawing.points["measure"] == "optimal"]  # of several only this one is drawn
        for value in wanted.dropna():
            assert np.abs(drawn - value).min() < 1e-9, f"{column}: {value} is not drawn"


def test_captions_are_plain_prose_with_numbers(drawing):
    text = drawing.caption
    assert len(re.findall(r"\d", text)) >= 4 and text.endswith(".")
    assert not re.search(r"\bnan\b|None|inf\b|np\.|\dseeds|\dquestions", text)

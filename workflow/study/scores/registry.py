"""What every score column means: the one place that says so, without torch.

To add a pointwise score, write its function in `pointwise.py` and one line of `_POINTWISE` here: its `_mean`,
`_early` and `_last` columns follow. For any other, write one line of `_OTHERS`, and the code that fills it.
"""

from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import pandas as pd

from study.kinds import IMAGE, TEXT
from study.names import unknown


@dataclass(frozen=True)
class Score:
    """One score column of examples.parquet, or of over_runs.parquet."""

    column: str
    score: str  # the score that this column is one reading of
    formula: str  # for example x with label y, logits z, softmax p; T epochs
    hard: Literal["high", "low"]  # which end is the hard one
    taken: str  # when, over training
    unit: str
    coarse: bool  # a flag, a count or an epoch: ties decide its ranks, so it stays out of headline numbers
    family: str  # the kind of computation: pointwise, trajectory, forgetting, …; `user` for a user's own
    source: str  # paper and section
    per_run: bool = True  # each run has a value of its own; else one value over all runs

    def is_of(self, kind: str) -> bool:
        """Whether runs on examples of a kind have it."""
        return kind == _KINDS.get(self.family, kind)


# Families that only examples of one kind have.
_KINDS = {
    **dict.fromkeys(("gradient", "vog", "tracin", "depth", "prototype", "subsets", "over_runs"), IMAGE),
    **dict.fromkeys(("vog_embedding", "tracin_last_layers", "pvi", "forgetting_cadence"), TEXT),
}


_ANAND = "Anand et al. 2023 (arXiv 2311.16298), Sec. 3"
_BALDOCK = "Baldock et al. 2021 (arXiv 2106.09647)"
_ETHAYARAJH = "Ethayarajh et al. 2022 (arXiv 2110.08420), Sec. 2"
_FELDMAN = "Feldman & Zhang 2020 (arXiv 2008.03703)"
_JIANG = "Jiang et al. 2021 (arXiv 2002.03206), learning-speed proxies"
_JIANG_C = "Jiang et al. 2021 (arXiv 2002.03206)"
_KWOK = "Kwok et al. 2024 (arXiv 2401.01867)"
_MEDING = "Meding et al. 2022 (arXiv 2110.05922)"
_PAUL = "Paul et al. 2021 (arXiv 2107.07075), Sec. 2"
_PLEISS = "Pleiss et al. 2020 (arXiv 2001.10528), Sec. 3"
_PRUTHI = "Pruthi et al. 2020 (arXiv 2002.08484), TracInCP and Sec. 4.1"
_SORSCHER = "Sorscher et al. 2022 (arXiv 2206.14486), prototypes"
_SWAYAMDIPTA = "Swayamdipta et al. 2020 (arXiv 2009.10795), Sec. 2.1"
_TONEVA = "Toneva et al. 2019 (arXiv 1812.05159), Sec. 3"
_VOG = "Agarwal et al. 2022 (arXiv 2008.11600), Sec. 2"

_MEAN, _EARLY, _LAST = "mean over epochs 1…T", "early epoch, ⌈T/8⌉ by default", "epoch T"
_PRESENTATIONS, _EPOCHS = "own minibatches, before the update", "after epochs 1…T"
_CHECKPOINTS = "over checkpoints t"
_TRANSITIONS = "correct → wrong transitions; T + 1 if never correct"
_ALL_LAYERS = "‖∇_θ(−log p_y)‖₂, θ all parameters"
_LAST_LAYER = "‖p − onehot(y)‖₂ √(‖h‖² + 1), h the last layer's input"


def _pointwise(
    score: str, formula: str, hard: Literal["high", "low"], unit: str, source: str, *, coarse: bool = False
) -> list[Score]:
    """The three columns of a pointwise score."""
    return [
        Score(f"{score}_{reading}", score, formula, hard, taken, unit, coarse, "pointwise", source)
        for reading, taken in (("mean", _MEAN), ("early", _EARLY), ("last", _LAST))
    ]


_POINTWISE = [
    *_pointwise("loss", "−log p_y", "high", "nats", _JIANG),
    *_pointwise("accuracy", "1 if argmax z = y else 0", "low", "fraction", _JIANG, coarse=True),
    *_pointwise("confidence", "p_y", "low", "probability", _SWAYAMDIPTA),
    *_pointwise("max_confidence", "max_j p_j", "low", "probability", _JIANG),
    *_pointwise("entropy", "−Σ_j p_j log p_j", "high", "nats", _JIANG),
    *_pointwise("margin", "p_y − max_{j≠y} p_j", "low", "probability", _KWOK),
    *_pointwise("aum", "z_y − max_{j≠y} z_j", "low", "logits", _PLEISS),
    *_pointwise("el2n", "‖p − onehot(y)‖₂", "high", "probability", _PAUL),
]

# fmt: off
_OVER_RUNS = [
    Score("agreement", "agreement", "share of runs that are right at the end", "low",
          "over runs, epoch T", "fraction", True, "over_runs", _KWOK, per_run=False),
    Score("ddd", "ddd", "+1 if all runs are right at the end, −1 if all are wrong, else 0", "low",
          "over runs, epoch T", "flag", True, "over_runs", _MEDING, per_run=False),
    Score("memorization", "memorization", "P(right | trained on x) − P(right | not trained on x)", "high",
          "end of subset runs", "probability", True, "subsets", _FELDMAN, per_run=False),
    Score("c_score", "c_score", "P(right | not trained on x)", "low", "end of subset runs", "probability",
          True, "subsets", _JIANG_C, per_run=False),
    Score("pvi_cross", "pvi_cross", "as pvi, but p_y of runs that did not train on x", "low",
          "early epoch", "bits", False, "pvi", _ETHAYARAJH, per_run=False),
    Score("forgetting_often", "forgetting_often", _TRANSITIONS, "high",
          "many evaluations in each of the first epochs", "events", True, "forgetting_cadence", _ANAND,
          per_run=False),
    Score("forgetting_rarely", "forgetting_rarely", _TRANSITIONS, "high",
          "a tenth as many evaluations", "events", True, "forgetting_cadence", _ANAND, per_run=False),
    Score("prediction_depth_consensus", "prediction_depth_consensus",
          "mean over runs; as prediction_depth, but x is its own neighbour and the majority the target",
          "high", "over runs, epoch T", "probes", True, "depth", f"{_BALDOCK}, authors' code", per_run=False),
]
_OTHERS = [
    Score("variability", "variability", "std of p_y over epochs (ddof 0)", "high", _EPOCHS, "probability",
          False, "trajectory", _SWAYAMDIPTA),
    Score("forgetting", "forgetting", _TRANSITIONS, "high",
          _PRESENTATIONS, "events", True, "forgetting", _TONEVA),
    Score("forgetting_epoch", "forgetting_epoch", _TRANSITIONS,
          "high", _EPOCHS, "events", True, "forgetting", _TONEVA),
    Score("first_learned", "first_learned", "first correct epoch; T + 1 if none", "high", _EPOCHS, "epochs",
          True, "forgetting", _TONEVA),
    Score("consistently_learned", "consistently_learned", "first of the correct epochs that last; or T + 1",
          "high", _EPOCHS, "epochs", True, "forgetting", _BALDOCK),
    Score("unforgettable", "unforgettable", "1 if learned and never forgotten else 0", "low", _EPOCHS, "flag",
          True, "forgetting", _TONEVA),
    Score("grand_early", "grand", _ALL_LAYERS, "high", _EARLY,
          "nats per unit of θ", False, "gradient", _PAUL),
    Score("grand_last", "grand", _ALL_LAYERS, "high", _LAST,
          "nats per unit of θ", False, "gradient", _PAUL),
    Score("grand_last_layer_early", "grand_last_layer", _LAST_LAYER, "high", _EARLY,
          "nats per unit of θ", False, "gradient", _PAUL),
    Score("grand_last_layer_last", "grand_last_layer", _LAST_LAYER, "high", _LAST,
          "nats per unit of θ", False, "gradient", _PAUL),
    Score("vog", "vog", "mean over pixels of std_t g_t, g_t the channel mean of ∂z_y/∂x", "high",
          _CHECKPOINTS, "logits per unit of x", False, "vog", _VOG),
    Score("vog_class_normalised", "vog_class_normalised", "(vog − its class mean) / its class std", "high",
          _CHECKPOINTS, "class std", False, "vog", _VOG),
    Score("vog_prob", "vog_prob", "mean over pixels of var_t g_t (ddof 1), g_t of ∂p_y/∂x", "high",
          _CHECKPOINTS, "(probability per unit of x)²", False, "vog", _KWOK),
    Score("vog_loss", "vog_loss", "mean over pixels of var_t g_t (ddof 1), g_t of ∂(−log p_y)/∂x", "high",
          _CHECKPOINTS, "(nats per unit of x)²", False, "vog", _KWOK),
    Score("tracin_self", "tracin_self", "Σ_t η_t ‖∇_θ(−log p_y)‖₂², η the learning rate", "high",
          _CHECKPOINTS, "nats", False, "tracin", _PRUTHI),
    Score("vog_embedding", "vog_embedding",
          "mean over tokens and dimensions of var_t G_t (ddof 0), G_t = ∂z_y/∂(embeddings)", "high",
          _CHECKPOINTS, "(logits per unit of embedding)²", False, "vog_embedding", _ANAND),
    Score("vog_embedding_class", "vog_embedding_class",
          "(vog_embedding − its class mean) / its class std", "high",
          _CHECKPOINTS, "class std", False, "vog_embedding", _ANAND),
    Score("tracin_last_layers", "tracin_last_layers",
          "Σ_t η_t ‖∇_θ(−log p_y)‖₂², θ of the last encoder layer and the head", "high",
          _CHECKPOINTS, "nats", False, "tracin_last_layers", f"{_PRUTHI}; layers: {_ANAND}"),
    Score("pvi", "pvi", "log₂ p_y − log₂ p_y of a run on empty texts", "low",
          "early epoch", "bits", False, "pvi", _ETHAYARAJH, per_run=False),
    Score("prediction_depth", "prediction_depth",
          "probes up to the last where 30 nearest neighbours' labels outvote argmax z; 0 if none", "high",
          _LAST, "probes", True, "depth", _BALDOCK),
    Score("prototype", "prototype", "‖h − mean of h in class y‖₂, h the last layer's input", "high",
          _LAST, "units of h", False, "prototype", _SORSCHER),
    Score("self_prototype", "self_prototype", "‖h − nearest k-means centroid‖₂, usually as many as classes",
          "high", _LAST, "units of h", False, "prototype", _SORSCHER),
]

# Columns that say something about a score, and are none: no analysis takes them.
FLAGS: dict[str, Score] = {
    "never_learned": Score("never_learned", "never_learned", "1 if never correct: forgetting is T + 1 then",
                           "high", _PRESENTATIONS, "flag", True, "forgetting", _TONEVA),
}
# fmt: on

SCORES: dict[str, Score] = {score.column: score for score in (*_POINTWISE, *_OTHERS, *_OVER_RUNS)}


def columns_of(kind: str) -> tuple[str, ...]:
    """The columns of which each run on examples of a kind has its own."""
    return tuple(column for column, score in SCORES.items() if score.per_run and score.is_of(kind))


def register(name: str, hard: Literal["high", "low"], unit: str, coarse: bool, file: str) -> None:
    """Add a user's own score, one value per example, for the rest of this process."""
    source = f"the user's own file {file}"
    SCORES[name] = Score(name, name, "given", hard, "given", unit, coarse, "user", source, per_run=False)


def get(column: str, where: str = "") -> Score:
    """The score of a column.

    Raises:
        StudyError: there is no such column; names the nearest one and `where` it was asked for.
    """
    if column not in SCORES:
        raise unknown("score", column, SCORES, where)
    return SCORES[column]


def orient(column: str, values: np.ndarray) -> np.ndarray:
    """`values` of a column, of any shape, with the sign that makes high mean hard; float64."""
    values = np.asarray(values, dtype=np.float64)
    return values if get(column).hard == "high" else 0.0 - values


def table() -> pd.DataFrame:
    """What tables/scores.csv prints: one row per score and flag, one column per field of `Score`."""
    return pd.DataFrame([asdict(score) for score in (*SCORES.values(), *FLAGS.values())])

"""A transformer of depth 1 without normalisation, as the theorems on length-2 paths have it, to be trained.

Its attention is uniform: what a head with content-dependent weights could add, an embedding can hold
already, but for the weights' common denominator (Jelassi et al. 2024, section 3, builds its own solution
with uniform attention too). Averages are multiplied by their number of tokens, so that they are sums.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from study.models.decoder import Predictions

_CLASSES = 2


class DepthOne(nn.Module):
    """Summed embeddings, then one of K multilayer perceptrons with one hidden layer, chosen by a router.

    Args:
        tokens: number of different tokens.
        width: m, of the embeddings.
        experts: K; 1: a dense model, without router.
        hidden: width of the perceptrons' hidden layer.
        one_hot: start with the embedding of the dense construction: tokens i and i + tokens / 2 (the edges
            of one vertex) both are the unit vector i. Needs width >= tokens / 2.

    Raises:
        ValueError: one_hot, and the width is too small.
    """

    def __init__(self, tokens: int, width: int, experts: int, hidden: int, one_hot: bool = False) -> None:
        super().__init__()
        self.embedding = nn.EmbeddingBag(tokens, width, mode="sum")
        if one_hot:
            if width < tokens // 2:
                raise ValueError(f"{tokens // 2} unit vectors do not fit into a width of {width}")
            with torch.no_grad():
                self.embedding.weight.copy_(torch.eye(tokens // 2, width).repeat(2, 1))
        self.router = nn.Linear(width, experts, bias=False) if experts > 1 else None
        self.experts = Perceptrons(experts, width, hidden)

    def forward(self, tokens: Tensor) -> Predictions:
        """(B, L) tokens -> logits (B, 2) of the two classes, and the router's (B, K)."""
        summed = self.embedding(tokens)
        if self.router is None:
            return Predictions(self.experts(summed, torch.zeros(len(summed), dtype=torch.int64)), ())
        router_logits = self.router(summed)
        weight, chosen = router_logits.softmax(dim=1).max(dim=1)
        return Predictions(weight[:, None] * self.experts(summed, chosen), (router_logits,))


class Perceptrons(nn.Module):
    """K perceptrons with one hidden layer, each applied to the rows that are sent to it.

    Rows are laid out as one block per expert, padded to the fullest one: a few products of blocks instead of
    K small ones.
    """

    def __init__(self, experts: int, width: int, hidden: int) -> None:
        super().__init__()
        self.count = experts
        # As nn.Linear starts: uniform, within one over the root of the inputs.
        for name, fan_in, fan_out in (("first", width, hidden), ("second", hidden, _CLASSES)):
            bound = fan_in**-0.5
            for part, shape in (("weight", (experts, fan_in, fan_out)), ("bias", (experts, 1, fan_out))):
                drawn = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
                self.register_parameter(f"{name}_{part}", drawn)

    def forward(self, rows: Tensor, chosen: Tensor) -> Tensor:
        """(B, m) rows and the expert of each, (B,) -> (B, 2)."""
        mine = functional.one_hot(chosen, self.count)
        place = (mine.cumsum(dim=0) * mine).sum(dim=1) - 1  # of a row among those of its expert
        fullest = int(mine.sum(dim=0).max())
        slots = chosen * fullest + place
        blocks = rows.new_zeros(self.count * fullest, rows.shape[1]).index_copy(0, slots, rows)
        blocks = blocks.view(self.count, fullest, -1)
        hidden = torch.baddbmm(self.first_bias, blocks, self.first_weight).relu()
        return torch.baddbmm(self.second_bias, hidden, self.second_weight).view(-1, _CLASSES)[slots]

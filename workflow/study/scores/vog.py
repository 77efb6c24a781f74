"""VoG: variance of input gradients over checkpoints (Agarwal et al. 2022, arXiv 2008.11600, Sec. 2).

Shapes: N examples in all, B in a batch, C channels, K classes.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from study.errors import StudyError
from study.scores.accumulator import Accumulator
from study.scores.gradient import frozen, logit_gradient

FORMS = ("logit", "prob", "loss")  # what is differentiated: z_y, p_y, −log p_y


def input_gradients(model: nn.Module, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """One forward pass in eval mode and two backward passes to the inputs, none to parameters.

    Args:
        model: maps (B, ...) to logits (B, K) without mixing examples; left as it was.
        inputs: (B, ...).
        labels: (B,) int64.

    Returns:
        Logits z (B, K), ∂z_y/∂x and ∂(−log p_y)/∂x, both shaped like the inputs. The gradient of p_y is −p_y
        times the latter.
    """
    with frozen(model), torch.enable_grad():
        x = inputs.detach().requires_grad_()
        logits = model(x)
        label = functional.one_hot(labels, logits.shape[1]).to(logits.dtype)
        (of_logit,) = torch.autograd.grad(logits, x, label, retain_graph=True)
        (of_loss,) = torch.autograd.grad(logits, x, logit_gradient(logits.detach(), labels))
    return logits.detach(), of_logit, of_loss


class VogAccumulator(Accumulator):
    """Running variances of each pixel's gradient over checkpoints, by Welford's update in float32.

    A pixel's gradient is the mean over channels. Memory is six numbers a pixel, whatever the number of
    checkpoints.

    Args:
        n_examples: N.
        pixel_shape: the inputs' shape without examples and channels, such as (H, W).
        labels: (N,), the classes within which `vog_class_normalised` standardises.
    """

    def __init__(self, n_examples: int, pixel_shape: tuple[int, ...], labels: np.ndarray) -> None:
        self._labels = np.asarray(labels)
        shape = (n_examples, *pixel_shape)
        moments = {
            f"{moment}_{form}": np.zeros(shape, np.float32) for form in FORMS for moment in ("mean", "m2")
        }
        super().__init__(checkpoints=np.zeros((), np.int64), **moments)

    def begin_checkpoint(self) -> None:
        """What follows, until the next call, is of one more checkpoint; it sees each example once."""
        self._arrays["checkpoints"] += 1

    def update(
        self,
        where: slice | np.ndarray,
        logits: Tensor,
        labels: Tensor,
        of_logit: Tensor,
        of_loss: Tensor,
    ) -> None:
        """Take in what `input_gradients` returned for a batch, (B, C, *pixel_shape) gradients.

        Args:
            where: positions of the batch's examples among all N, none twice.
            labels: (B,) int64, the batch's labels.
        """
        of_logit, of_loss = of_logit.mean(1), of_loss.mean(1)
        p = logits.softmax(1).gather(1, labels[:, None]).view(-1, *(1 for _ in of_loss.shape[1:]))
        for form, gradient in zip(FORMS, (of_logit, -p * of_loss, of_loss), strict=True):
            self._add(form, where, gradient.cpu().numpy())

    def _add(self, form: str, where: slice | np.ndarray, gradient: np.ndarray) -> None:
        k = int(self._arrays["checkpoints"])
        mean, m2 = self._arrays[f"mean_{form}"], self._arrays[f"m2_{form}"]
        change = gradient - mean[where]
        mean[where] += change / np.float32(k)
        change *= change
        change *= np.float32((k - 1) / k)
        m2[where] += change

    def columns(self) -> dict[str, np.ndarray]:
        """`vog`, `vog_class_normalised`, `vog_prob` and `vog_loss`, (N,) float64 each.

        `vog` is the root of the population variance, `vog_prob` and `vog_loss` are unbiased variances
        without a root; all are means over pixels. A class whose examples all have the same `vog` (such as
        a class of one) is normalised to 0. Gradients that are not finite, or whose squares are not, give
        values that are not finite either.

        Raises:
            StudyError: fewer than two checkpoints.
        """
        k = int(self._arrays["checkpoints"])
        if k < 2:
            raise StudyError(
                f"the variance of gradients over {k} checkpoint{'s' * (k != 1)} is not defined",
                where="difficulty.recording.vog_checkpoints",
                expected="at least 2 checkpoints",
                do="take gradients at more checkpoints, or set it to null to leave VoG out",
            )
        n = len(self._labels)
        m2 = {form: self._arrays[f"m2_{form}"].reshape(n, -1) for form in FORMS}
        vog = np.sqrt(m2["logit"] / np.float32(k)).mean(1, dtype=np.float64)
        prob, loss = (m2[form].mean(1, dtype=np.float64) / (k - 1) for form in ("prob", "loss"))
        normalised = within_classes(vog, self._labels)
        return {"vog": vog, "vog_class_normalised": normalised, "vog_prob": prob, "vog_loss": loss}


def within_classes(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(value − mean of its class) / std of its class (ddof 0), and 0 where a class does not vary."""
    result = np.zeros_like(values)
    for label in np.unique(labels):
        members = labels == label
        chosen = values[members]
        if chosen.min() < chosen.max():
            result[members] = (chosen - chosen.mean()) / chosen.std()
    return result

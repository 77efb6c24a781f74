"""Squared norms of per-example weight gradients, layer by layer.

A weight gradient is a sum over positions of (input × output gradient), and one batched backward pass already
holds both factors for every example. So a rule gets a layer, its input x and the gradient g of its output,
and returns for each example the squared L2 norm of the gradient of the layer's own parameters (Goodfellow
2015, arXiv 1510.01799, for linear layers; Rochette et al. 2019, arXiv 1912.06015, for convolutions).

A rule returns None where the layer's settings are outside of what it covers. Supporting one more layer is one
function and one line of `RULES`.

Shapes: B examples, T positions (tokens or pixels), I inputs and O outputs of a layer, C channels, H × W
pixels, Ho × Wo output pixels, kernels of kh × kw.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

Rule = Callable[[nn.Module, Tensor, Tensor], Tensor | None]

# Bytes of intermediate results that a rule holds at a time. On a CPU, what stays in cache (whole batches ran
# up to five times slower); on an accelerator, what keeps it busy.
CPU_WORKSPACE, DEVICE_WORKSPACE = 2**21, 2**28
ELEMENTWISE = 5  # time of one addition in a sum of shifted matrices, in multiply-adds of a matrix product


def chunk_size(x: Tensor, floats: int) -> int:
    """How many examples fit the workspace at `floats` numbers of x's kind an example, at least one."""
    return max(
        1, (CPU_WORKSPACE if x.device.type == "cpu" else DEVICE_WORKSPACE) // (floats * x.element_size())
    )


def in_chunks(f: Callable[[Tensor, Tensor], Tensor], x: Tensor, g: Tensor, floats: int) -> Tensor:
    """f(x, g), example by example as many at a time as fit the workspace at `floats` numbers an example."""
    size = chunk_size(g, floats)
    if size >= len(x):
        return f(x, g)
    return torch.cat([f(*pair) for pair in zip(x.split(size), g.split(size), strict=True)])


def squares(x: Tensor) -> Tensor:
    """(B, ...) -> (B,): sum of squares of each example's numbers."""
    return torch.linalg.vector_norm(x.flatten(1), dim=1).square()  # one pass, no intermediate


def token_squares(x: Tensor, g: Tensor) -> Tensor:
    """(B, T, I), (B, T, O) -> (B,): ‖Σ_t x_t g_tᵀ‖², by the matrix itself or by Σ_ts (x_t·x_s)(g_t·g_s)."""
    (_, T, inputs), outputs = x.shape, g.shape[2]
    if inputs * outputs <= T * (inputs + outputs):
        return in_chunks(lambda x, g: squares(x.mT @ g), x, g, inputs * outputs)
    return in_chunks(lambda x, g: ((x @ x.mT) * (g @ g.mT)).sum((1, 2)), x, g, 2 * T * T)


def _linear(layer: nn.Linear, x: Tensor, g: Tensor) -> Tensor:
    if x.ndim == 2:
        return squares(x) * squares(g) if layer.bias is None else (squares(x) + 1) * squares(g)
    x, g = x.flatten(1, -2), g.flatten(1, -2)
    total = token_squares(x, g)
    return total if layer.bias is None else total + squares(g.sum(1))


def _embedding(layer: nn.Embedding, index: Tensor, g: Tensor) -> Tensor | None:
    if index.ndim < 2 or layer.scale_grad_by_freq or layer.max_norm is not None:
        return None
    index, g = index.flatten(1), g.flatten(1, -2)

    def chunk(index: Tensor, g: Tensor) -> Tensor:  # positions that looked up the same row add up
        same = index[:, :, None] == index[:, None, :]
        if layer.padding_idx is not None:
            same &= (index != layer.padding_idx)[:, :, None]
        return ((g @ g.mT) * same).sum((1, 2))

    return in_chunks(chunk, index, g, 2 * index.shape[1] ** 2)


@dataclass(frozen=True)
class Grid:
    """How a convolution's outputs (Ho × Wo) see its inputs (H × W); pairs are (vertical, horizontal)."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    before: tuple[int, int]  # zeros above and to the left
    after: tuple[int, int]  # zeros below and to the right; negative where the last inputs are not seen
    outputs: tuple[int, int]

    @classmethod
    def of(cls, layer: nn.Conv2d, inputs: tuple[int, int], outputs: tuple[int, int]) -> "Grid":
        kernel, stride, dilation = layer.kernel_size, layer.stride, layer.dilation
        before = layer.padding
        if before == "same":
            before = tuple((k - 1) * d // 2 for k, d in zip(kernel, dilation, strict=True))
        elif before == "valid":
            before = (0, 0)
        spans = ((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))
        seen = ((o - 1) * s + span for o, s, span in zip(outputs, stride, spans, strict=True))
        after = tuple(n - b - i for n, b, i in zip(seen, before, inputs, strict=True))
        return cls(kernel, stride, dilation, before, after, outputs)

    def pad(self, x: Tensor) -> Tensor:
        """(B, H, W, C) with the zeros that the convolution sees, and without the inputs that it does not."""
        (top, left), (bottom, right) = self.before, self.after
        return functional.pad(x, (0, 0, left, right, top, bottom)).contiguous()


def _conv2d(layer: nn.Conv2d, x: Tensor, g: Tensor) -> Tensor | None:
    if layer.groups != 1 or layer.padding_mode != "zeros" or x.ndim != 4:
        return None
    grid = Grid.of(layer, tuple(x.shape[2:]), tuple(g.shape[2:]))
    x, g = x.permute(0, 2, 3, 1), g.permute(0, 2, 3, 1)  # no copy where the memory is channels_last
    if grid.stride != (1, 1) or grid.kernel == (1, 1):
        total = _strided_squares(x, g, grid)
    else:
        total = _dense_squares(x, g, grid)
    return total if layer.bias is None else total + squares(g.sum((1, 2)))


def _strided_squares(x: Tensor, g: Tensor, grid: Grid) -> Tensor:
    """‖weight gradient‖² of each example: the patches are tokens of a linear layer."""
    (kh, kw), (sh, sw), (dh, dw), (Ho, Wo) = grid.kernel, grid.stride, grid.dilation, grid.outputs
    C, filters = x.shape[3], g.shape[3]

    def chunk(x: Tensor, g: Tensor) -> Tensor:
        x = grid.pad(x)
        b, h, w, _ = x.stride()
        patches = x.as_strided((len(x), Ho, Wo, kh, kw, C), (b, h * sh, w * sw, h * dh, w * dw, 1))
        return token_squares(patches.reshape(len(x), Ho * Wo, -1), g.reshape(len(x), Ho * Wo, filters))

    return in_chunks(chunk, x, g, kh * kw * C * (Ho * Wo + filters))


def _dense_squares(x: Tensor, g: Tensor, grid: Grid) -> Tensor:
    """‖weight gradient‖² of each example for stride 1, by the cheaper of two ways."""
    (kh, kw), (dh, dw), (Ho, Wo) = grid.kernel, grid.dilation, grid.outputs
    channels, filters = x.shape[3], g.shape[3]
    pitch = max(Wo, x.shape[2] + max(grid.before[1], grid.after[1]))
    outputs = Ho * pitch
    inputs = outputs + (kh - 1) * dh * pitch + (kw - 1) * dw
    product = Ho * Wo * kh * kw * channels * filters
    gram = inputs**2 * (channels + ELEMENTWISE * kw) + outputs**2 * (filters + ELEMENTWISE * kh)
    if product <= gram:
        return _strip_squares(x, g, grid)
    return in_chunks(lambda x, g: _shifted_gram(x, g, grid, pitch), x, g, 2 * inputs**2 + 2 * outputs**2)


def _strip_squares(x: Tensor, g: Tensor, grid: Grid) -> Tensor:
    """By the weight gradient itself, one product per kernel row.

    Only the kernel's columns are copied out: a kernel row's patches are the strips of all input rows from
    that row on, a view. That is a third of the copying of whole 3 × 3 patches. Buffers are reused.
    """
    (kh, kw), (dh, dw), (Ho, Wo), (top, left) = grid.kernel, grid.dilation, grid.outputs, grid.before
    (B, H, W, C), filters = x.shape, g.shape[3]
    rows, columns = Ho + (kh - 1) * dh, Wo + (kw - 1) * dw
    n = min(B, chunk_size(x, kw * C * (rows * Wo + kh * filters)))
    padded = x.new_zeros(n, rows, columns, C)
    inside = padded[:, top : top + H, left : left + W]
    b, h, w, _ = padded.stride()
    patches = padded.as_strided((n, rows, Wo, kw, C), (b, h, w, w * dw, 1))
    strips = x.new_empty(patches.shape)
    flat = strips.view(n, rows * Wo, kw * C).mT
    windows = [flat[:, :, start : start + Ho * Wo] for start in range(0, kh * dh * Wo, dh * Wo)]
    product = x.new_empty(kh, n, kw * C, filters)
    total = x.new_empty(kh, B)
    for start in range(0, B, n):
        chosen = slice(min(start, B - n), min(start, B - n) + n)  # the last chunk overlaps the one before
        inside.copy_(x[chosen])
        strips.copy_(patches)
        outputs = g[chosen].reshape(n, Ho * Wo, filters)
        for window, out in zip(windows, product, strict=True):
            torch.bmm(window, outputs, out=out)
        torch.linalg.vector_norm(product, dim=(2, 3), out=total[:, chosen])
    return total.square_().sum(0)


def _shifted_gram(x: Tensor, g: Tensor, grid: Grid, pitch: int) -> Tensor:
    """By inner products between positions, for few positions and many channels.

    Σ_ts (patch_t·patch_s)(g_t·g_s), where patch_t·patch_s is a sum over the kernel's offsets o of inner
    products x_{t+o}·x_{s+o} of single pixels. With rows laid out `pitch` apart, zeros between them, each
    offset is a shift of the whole matrix of inner products.
    """
    (kh, kw), (dh, dw), (Ho, Wo) = grid.kernel, grid.dilation, grid.outputs
    (n, H, W, C), (top, left) = x.shape, grid.before
    T = Ho * pitch
    columns = T + (kh - 1) * dh * pitch
    flat = x.new_zeros(n, max(columns + (kw - 1) * dw, top * pitch + left + H * pitch), C)
    flat[:, top * pitch + left :][:, : H * pitch].unflatten(1, (H, pitch))[:, :, :W] = x
    g = functional.pad(g, (0, 0, 0, pitch - Wo)).reshape(n, T, -1)
    gram = _diagonal_sum(flat @ flat.mT, columns, range(0, kw * dw, dw))
    gram = _diagonal_sum(gram, T, range(0, kh * dh * pitch, dh * pitch))
    return gram.mul_(g @ g.mT).sum((1, 2))


def _diagonal_sum(matrix: Tensor, size: int, offsets: range) -> Tensor:
    """Σ_o matrix[o : o + size, o : o + size], for a batch of matrices."""
    first, *others = (matrix[:, o : o + size, o : o + size] for o in offsets)
    total = first + others.pop() if others else first.clone()
    for other in others:
        total += other
    return total


def _batch_norm(layer: nn.BatchNorm1d | nn.BatchNorm2d, x: Tensor, g: Tensor) -> Tensor | None:
    if layer.running_mean is None or layer.training:  # statistics of the batch mix its examples
        return None
    mean = layer.running_mean.view(-1, *(1 for _ in x.shape[2:]))
    deviation = (layer.running_var + layer.eps).sqrt()
    positions = tuple(range(2, x.ndim))
    return in_chunks(
        lambda x, g: _affine_squares(x - mean, g, positions, layer.bias, deviation), x, g, x[0].numel()
    )


def _group_norm(layer: nn.GroupNorm, x: Tensor, g: Tensor) -> Tensor:
    def chunk(x: Tensor, g: Tensor) -> Tensor:
        normalised = functional.group_norm(x, layer.num_groups, eps=layer.eps)
        return _affine_squares(normalised, g, tuple(range(2, x.ndim)), layer.bias)

    return in_chunks(chunk, x, g, x[0].numel())


def _layer_norm(layer: nn.LayerNorm, x: Tensor, g: Tensor) -> Tensor:
    def chunk(x: Tensor, g: Tensor) -> Tensor:
        normalised = functional.layer_norm(x, layer.normalized_shape, eps=layer.eps)
        positions = tuple(range(1, x.ndim - len(layer.normalized_shape)))
        return _affine_squares(normalised, g, positions, layer.bias)

    return in_chunks(chunk, x, g, x[0].numel())


def _affine_squares(
    x: Tensor, g: Tensor, positions: tuple[int, ...], bias: Tensor | None, deviation: Tensor | float = 1.0
) -> Tensor:
    """Of a scale (times x / deviation, which must not be used again) and a bias that all positions share."""

    def total(t: Tensor) -> Tensor:
        return t.sum(positions) if positions else t

    scale = squares(total(x.mul_(g)) / deviation)
    return scale if bias is None else scale + squares(total(g))


RULES: dict[type[nn.Module], Rule] = {
    nn.Linear: _linear,
    nn.Embedding: _embedding,
    nn.Conv2d: _conv2d,
    nn.BatchNorm1d: _batch_norm,
    nn.BatchNorm2d: _batch_norm,
    nn.GroupNorm: _group_norm,
    nn.LayerNorm: _layer_norm,
}

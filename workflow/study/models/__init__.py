"""Architectures: each has `features(x) -> (B, D)`, `head: nn.Linear` and `forward(x) = head(features(x))`.

`probes(x)` yields what the stem (where there is one) and then each block puts out, (B, ...) each.
"""

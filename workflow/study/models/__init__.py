"""Architectures: each has `features(x) -> (B, D)`, `head: nn.Linear` and `forward(x) = head(features(x))`."""

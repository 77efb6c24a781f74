"""Which architectures tests of models of images have to cover."""

from study.kinds import IMAGE, kind_of
from study.models.registry import ARCHITECTURES

OF_IMAGES = {name for name in ARCHITECTURES if kind_of(name) == IMAGE}

"""Which architectures tests of models of images have to cover."""

from study.kinds import IMAGE, kinds_of
from study.models.registry import ARCHITECTURES

OF_IMAGES = {name for name in ARCHITECTURES if IMAGE in kinds_of(name)}

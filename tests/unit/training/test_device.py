"""Devices that are not there."""

import pytest
import torch

from study.errors import StudyError
from study.training.device import prepare_device


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there():
    assert prepare_device("auto", 1).type == "cpu"
    with pytest.raises(StudyError, match="no GPU is available"):
        prepare_device("cuda", 1)

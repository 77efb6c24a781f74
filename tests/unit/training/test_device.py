"""Devices that are not there, and full precision on those that are."""

import pytest
import torch

from study.errors import StudyError
from study.training.device import prepare_device


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there():
    assert prepare_device("auto", 1).type == "cpu"
    with pytest.raises(StudyError, match="no GPU is available"):
        prepare_device("cuda", 1)


def test_no_product_is_rounded_to_tf32():
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    prepare_device("cpu", 1)
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32

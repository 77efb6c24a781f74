"""Devices that are not there, and full precision on those that are."""

import pytest
import torch

from study.errors import StudyError
from study.training.device import check_precision, prepare_device


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


def test_a_gpu_without_bfloat16_is_refused_and_nothing_else(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Tesla V100")
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: including_emulation)
    for precision, device in (("float32", "cuda"), ("float32", "cpu"), ("bfloat16", "cpu")):
        check_precision(precision, torch.device(device), "lm")
    with pytest.raises(StudyError, match="Tesla V100 has no bfloat16") as error:
        check_precision("bfloat16", torch.device("cuda"), "lm")
    assert error.value.where == "lm: training.precision"
    assert error.value.do == "set precision to float32"

"""Choosing a device."""

from __future__ import annotations

import pytest
import torch

from medvos.errors import InputError
from medvos.models.device import choose_device


@pytest.fixture
def a_computer(monkeypatch):
    def with_devices(cuda: bool = False, mps: bool = False) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return with_devices


def test_auto_prefers_cuda_then_mps_then_the_cpu(a_computer):
    a_computer(cuda=True, mps=True)
    assert choose_device("auto").type == "cuda"
    a_computer(mps=True)
    assert choose_device("auto").type == "mps"
    a_computer()
    assert choose_device("auto").type == "cpu"


def test_a_device_that_is_not_there_is_refused(a_computer):
    a_computer()
    for name in ("cuda", "mps"):
        with pytest.raises(InputError, match=f"'{name}'.*--device auto or cpu"):
            choose_device(name)
    assert choose_device("cpu").type == "cpu"


def test_a_device_of_no_such_name_is_refused():
    with pytest.raises(InputError, match="no device 'tpu'; choose auto, cpu, cuda or mps"):
        choose_device("tpu")

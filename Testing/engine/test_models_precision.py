"""The number format of the networks."""

from __future__ import annotations

import pytest
import torch

from medvos.errors import InputError
from medvos.models import precision
from medvos.models.cstm.config import CstmConfig
from medvos.models.cstm.network import Cstm, Entry, Memory
from medvos.models.store import resolve
from medvos.provenance import provenance_of

TINY = CstmConfig(matching="dense")


@pytest.fixture
def fast_bfloat16(monkeypatch):
    """A computer whose CPU has instructions for bfloat16; any other computes the same with it, only slower."""
    monkeypatch.delenv(precision.PRECISION, raising=False)
    monkeypatch.setattr(precision, "_multiplies_bfloat16", lambda: True)


def segmented(network: Cstm) -> tuple[torch.Tensor, Entry]:
    image = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    masks = torch.zeros(1, 3, 64, 64)
    masks[0, 0, 20:40, 20:40] = 1
    with torch.no_grad():
        frame = network.encode_frame(image)
        entry = Entry.of(frame, network.encode_masks(frame, masks))
        return network.segment(frame, Memory.of([entry]), torch.ones(1, 3, dtype=torch.bool)).logits, entry


@pytest.mark.usefixtures("fast_bfloat16")
def test_with_instructions_for_bfloat16_convolutions_are_reduced_and_what_is_matched_and_returned_is_single():
    torch.manual_seed(0)
    network = Cstm(TINY).eval()
    reduced, entry = segmented(network)
    assert network.encode_frame(torch.rand(1, 3, 64, 64)).f8.dtype == torch.bfloat16
    assert {tensor.dtype for tensor in (entry.k8, entry.k16, *entry.values, reduced)} == {torch.float32}


@pytest.mark.usefixtures("fast_bfloat16")
def test_training_stays_in_single_precision():
    network = Cstm(TINY).train()
    assert network.encode_frame(torch.rand(2, 3, 64, 64)).f8.dtype == torch.float32


@pytest.mark.usefixtures("fast_bfloat16")
def test_a_context_of_the_caller_is_not_switched_off():
    network = Cstm(TINY).train()
    with torch.autocast("cpu", torch.bfloat16):
        assert network.encode_frame(torch.rand(2, 3, 64, 64)).f8.dtype == torch.bfloat16


@pytest.mark.parametrize("matching", ["dense", "plmm"])
def test_matching_is_single_in_mixed_training_too(matching):
    torch.manual_seed(0)
    network = Cstm(CstmConfig(matching=matching)).train()
    frame = network.encode_frame(torch.rand(2, 3, 64, 64))
    memory = Memory.of([Entry.of(frame, network.encode_masks(frame, torch.rand(2, 3, 64, 64)))])
    expected = network.read(frame, memory)
    with torch.autocast("cpu", torch.bfloat16):
        for found, same in zip(network.read(frame, memory), expected, strict=True):
            assert torch.equal(found, same)


@pytest.mark.usefixtures("fast_bfloat16")
def test_single_precision_can_be_asked_for(monkeypatch):
    assert precision.is_reduced(torch.device("cpu"))
    monkeypatch.setenv(precision.PRECISION, "single")
    assert not precision.is_reduced(torch.device("cpu"))


def test_another_word_for_a_precision_is_refused(monkeypatch):
    monkeypatch.setenv(precision.PRECISION, "float32")
    with pytest.raises(InputError, match="MEDVOS_PRECISION is 'float32'; set it to single"):
        precision.is_reduced(torch.device("cpu"))


@pytest.mark.usefixtures("fast_bfloat16")
@pytest.mark.parametrize(("model", "network", "stated"), [("cstm", "cstm", "bfloat16"), ("mvo", "mvo", "float32")])
def test_a_result_states_the_format(model: str, network: str, stated: str, monkeypatch: pytest.MonkeyPatch):
    info = resolve(model, network)
    assert provenance_of(info, torch.device("cpu"), [])["precision"] == stated
    monkeypatch.setenv(precision.PRECISION, "single")
    assert provenance_of(info, torch.device("cpu"), [])["precision"] == "float32"


@pytest.mark.usefixtures("fast_bfloat16")
def test_other_devices_stay_in_single_precision():
    assert not precision.is_reduced(torch.device("cuda"))
    assert not precision.is_reduced(torch.device("mps"))


@pytest.fixture
def a_computer(monkeypatch):
    """A function that sets which instructions torch tells of; None takes the question out of torch."""

    def set_up(**supported: bool | None) -> None:
        for name in precision.INSTRUCTIONS:
            answer = supported.get(name)
            if answer is None:
                monkeypatch.delattr(torch.cpu, f"_is_{name}_supported", raising=False)
            else:
                monkeypatch.setattr(torch.cpu, f"_is_{name}_supported", lambda answer=answer: answer, raising=False)
        precision._multiplies_bfloat16.cache_clear()

    monkeypatch.delenv(precision.PRECISION, raising=False)
    yield set_up
    monkeypatch.undo()
    precision._multiplies_bfloat16.cache_clear()


@pytest.mark.parametrize(
    ("supported", "reduced"),
    [
        ({"amx_tile": True, "avx512_bf16": True}, True),
        ({"amx_tile": True}, True),  # as an earlier torch tells
        ({"amx_tile": False, "avx512_bf16": True}, True),  # AMD since Zen 4
        ({"amx_tile": False, "avx512_bf16": False}, False),
        ({}, False),  # a torch that cannot tell
    ],
)
def test_the_instructions_of_the_cpu_decide(supported, reduced, a_computer):
    a_computer(**supported)
    assert precision.is_reduced(torch.device("cpu")) == (reduced and torch.backends.mkldnn.is_available())

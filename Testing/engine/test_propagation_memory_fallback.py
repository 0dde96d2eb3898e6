"""Propagation where memory is short."""

from __future__ import annotations

import pytest
import torch
from tiny_network import a_cine, a_network, a_seed

from medvos.propagation import memory_fallback
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.memory_fallback import Segmented, run_with_fallback
from medvos.propagation.settings import PropagationSettings

GPU, CPU = torch.device("meta"), torch.device("cpu")  # a device that is not the CPU but is on every machine


@pytest.fixture(
    params=[torch.cuda.OutOfMemoryError("no memory"), RuntimeError("MPS backend out of memory (allocated: 9)")]
)
def attempts(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> list[tuple[str, PropagationSettings]]:
    """What was tried; only the CPU has enough memory."""
    tried: list[tuple[str, PropagationSettings]] = []

    def attempt(inputs, network, device, settings, progress, on_slice, second, threads):
        tried.append((device.type, settings))
        if device.type != "cpu":
            raise request.param
        return Segmented([], device)

    monkeypatch.setattr(memory_fallback, "_attempt", attempt)
    return tried


@pytest.fixture
def an_input() -> PropagationInputs:
    cine = a_cine()
    return PropagationInputs.of(cine, a_seed(cine, (0, 1)), a_network().config)


def test_batches_get_smaller_until_the_cpu_takes_over(attempts, an_input):
    settings = PropagationSettings(mirrored=False, batch=32)
    done = run_with_fallback(an_input, a_network(), GPU, settings)
    assert [(device, tried.batch) for device, tried in attempts] == [
        ("meta", 32),
        ("meta", 8),
        ("meta", 2),
        ("meta", 1),
        ("cpu", 32),
    ]
    assert not any(tried.mirrored for _, tried in attempts)
    assert done.device == CPU
    assert done.notes == ("The GPU's memory was too small: the CPU was used.",)


def test_a_cpu_that_is_out_of_memory_is_the_end(an_input, monkeypatch):
    def attempt(*_):
        raise torch.cuda.OutOfMemoryError("no memory")

    monkeypatch.setattr(memory_fallback, "_attempt", attempt)
    with pytest.raises(torch.cuda.OutOfMemoryError):
        run_with_fallback(an_input, a_network(), CPU, PropagationSettings())


def test_other_faults_of_the_network_come_through(an_input, monkeypatch):
    def attempt(*_):
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(memory_fallback, "_attempt", attempt)
    with pytest.raises(RuntimeError, match="shapes differ"):
        run_with_fallback(an_input, a_network(), GPU, PropagationSettings())


def test_short_of_memory_the_cpu_does_one_pass_at_a_time(an_input, monkeypatch):
    tried: list[int] = []

    def attempt(*arguments):
        tried.append(arguments[-1])
        if arguments[-1] > 1:
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: 9 bytes")
        return Segmented([], CPU)

    monkeypatch.setattr(memory_fallback, "_attempt", attempt)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    run_with_fallback(an_input, a_network(), CPU, PropagationSettings())
    assert tried == [4, 1]

"""Running a job when memory is short."""

from __future__ import annotations

import pytest
import torch
from tiny_network import a_cine, a_network, a_seed

from medvos.propagation import run as run_module
from medvos.propagation.job import Job
from medvos.propagation.run import run
from medvos.propagation.settings import Settings

GPU, CPU = torch.device("meta"), torch.device("cpu")  # a device that is not the CPU but is on every machine


@pytest.fixture(
    params=[torch.cuda.OutOfMemoryError("no memory"), RuntimeError("MPS backend out of memory (allocated: 9)")]
)
def attempts(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> list[tuple[str, Settings]]:
    """What was tried; only the CPU has enough memory."""
    tried: list[tuple[str, Settings]] = []

    def attempt(job, network, device, settings, progress, on_slice):
        tried.append((device.type, settings))
        if device.type != "cpu":
            raise request.param
        return []

    monkeypatch.setattr(run_module, "_attempt", attempt)
    return tried


@pytest.fixture
def a_job() -> Job:
    cine = a_cine()
    return Job.of(cine, a_seed(cine, (0, 1)), a_network().config)


def test_batches_get_smaller_until_the_cpu_takes_over(attempts, a_job):
    settings = Settings(mirrored=False, batch=32)
    done = run(a_job, a_network(), GPU, settings)
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


def test_a_cpu_that_is_out_of_memory_is_the_end(a_job, monkeypatch):
    def attempt(*_):
        raise torch.cuda.OutOfMemoryError("no memory")

    monkeypatch.setattr(run_module, "_attempt", attempt)
    with pytest.raises(torch.cuda.OutOfMemoryError):
        run(a_job, a_network(), CPU, Settings())


def test_other_faults_of_the_network_come_through(a_job, monkeypatch):
    def attempt(*_):
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(run_module, "_attempt", attempt)
    with pytest.raises(RuntimeError, match="shapes differ"):
        run(a_job, a_network(), GPU, Settings())

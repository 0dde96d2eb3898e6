from __future__ import annotations

import threading

import pytest
import torch

from medvos.cohort import gpu


def most_at_once(device: str, wanted: bool) -> int:
    """How many of three cases are inside together."""
    inside, most = 0, 0
    together = threading.Barrier(3)
    count = threading.Lock()

    def case() -> None:
        nonlocal inside, most
        together.wait()
        with gpu.gpu_in_turn(device, wanted):
            with count:
                inside += 1
                most = max(most, inside)
            threading.Event().wait(0.2)
            with count:
                inside -= 1

    cases = [threading.Thread(target=case) for _ in range(3)]
    for thread in cases:
        thread.start()
    for thread in cases:
        thread.join()
    return most


def test_a_gpu_is_used_by_one_case_at_a_time():
    assert most_at_once("cuda", wanted=True) == 1


@pytest.mark.parametrize(("device", "wanted"), [("cuda", False), ("cpu", True)])
def test_on_the_cpu_and_where_it_is_not_wanted_nobody_waits(device: str, wanted: bool):
    assert most_at_once(device, wanted) > 1


def test_auto_means_what_the_engine_would_take(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", environment["PYTHONPATH"])
    gpu.takes_gpu.cache_clear()
    assert gpu.takes_gpu("auto") == (torch.cuda.is_available() or torch.backends.mps.is_available())

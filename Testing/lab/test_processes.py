"""One function in several processes."""

from __future__ import annotations

import os
from functools import partial

import torch

from medvos_lab.processes import in_processes


def test_results_come_in_the_order_of_the_arguments_from_other_processes():
    assert list(in_processes(partial(pow, 2), [3, 1, 2], 2)) == [8, 2, 4]
    assert os.getpid() not in set(in_processes(_process, range(2), 2))
    assert set(in_processes(_process, range(2), 1)) == {os.getpid()}


def test_a_process_computes_with_one_thread():
    assert list(in_processes(_threads, range(2), 2)) == [1, 1]


def _process(_: int) -> int:
    return os.getpid()


def _threads(_: int) -> int:
    return torch.get_num_threads()

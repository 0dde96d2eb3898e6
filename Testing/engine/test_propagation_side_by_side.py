"""Two passes at the same time: results, reports in the caller's thread, and an end where one of them fails."""

from __future__ import annotations

import threading
import time

import pytest
import torch

from medvos.propagation.side_by_side import side_by_side


@pytest.fixture(autouse=True)
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_parts_run_at_the_same_time_with_a_share_of_the_threads_each():
    meeting = threading.Barrier(2, timeout=20)

    def part(tell):
        meeting.wait()  # never passed by parts that run one after the other
        return torch.get_num_threads(), threading.current_thread() is threading.main_thread()

    assert side_by_side([part, part], 2) == [(1, False), (1, False)]
    assert torch.get_num_threads() == 2
    later: list[int] = []
    thread = threading.Thread(target=lambda: later.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert later == [2]


@pytest.mark.parametrize("threads", [1, 2])
def test_what_a_part_tells_is_called_in_the_thread_of_the_caller(threads: int):
    told: list[tuple[int, bool]] = []

    def part(name: int):
        def work(tell):
            for _ in range(3):
                tell(lambda: told.append((name, threading.current_thread() is threading.main_thread())))
            return name

        return work

    assert side_by_side([part(0), part(1)], threads) == [0, 1]
    assert sorted(told) == [(0, True)] * 3 + [(1, True)] * 3


def test_parts_beyond_the_threads_run_one_after_the_other():
    order: list[str] = []

    def part(name: str):
        def work(tell):
            order.append(f"{name} begins")
            order.append(f"{name} ends")

        return work

    side_by_side([part("first"), part("second")], 1)
    assert order == ["first begins", "first ends", "second begins", "second ends"]


def _endless(tell):
    while True:
        tell(lambda: None)
        time.sleep(0.001)


def test_a_part_that_fails_ends_the_other_one():
    def fails(tell):
        raise MemoryError("of the part")

    with pytest.raises(MemoryError, match="of the part"):
        side_by_side([_endless, fails], 2)
    assert torch.get_num_threads() == 2


def test_a_report_that_raises_ends_all_parts():
    class Enough(Exception):
        pass

    def stop() -> None:
        raise Enough

    def tells(tell):
        tell(stop)
        return _endless(tell)

    with pytest.raises(Enough):
        side_by_side([_endless, tells], 2)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("medvos")]

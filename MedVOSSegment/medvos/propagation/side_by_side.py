"""Run independent parts of a work side by side, each in a thread of its own with its share of the cores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from threading import Event
from typing import TypeVar

import torch

T = TypeVar("T")
Call = Callable[[], None]
Tell = Callable[[Call], None]
"""Has a call made in the thread that began the work: reports of progress need not be safe for threads."""

WAKE_S = 0.2  # on Windows nothing interrupts a thread that waits without a limit


def side_by_side(parts: Sequence[Callable[[Tell], T]], threads: int) -> list[T]:
    """Run the parts, at the same time if there are threads for all of them; return their results in order.

    A part with one thread of PyTorch for itself never waits for another thread, as the layers of a network that is
    split over several do: on a machine that is also busy with other work the slowest of them would decide each time.

    Parameters
    ----------
    parts: each is called with a `Tell`, which it gives what concerns its caller, such as progress.
    threads: of PyTorch, for all parts together.

    Raises
    ------
    The exception of a part or of what it tells; the other parts end the next time they tell something.

    >>> side_by_side([lambda tell: 1, lambda tell: 2], threads=2)
    [1, 2]
    """
    if threads < len(parts) or len(parts) < 2:
        return [part(_at_once) for part in parts]
    calls: SimpleQueue[Call | None] = SimpleQueue()  # None: a part has ended
    stopped = Event()

    def tell(call: Call) -> None:
        if stopped.is_set():
            raise _Stopped
        calls.put(call)

    def begin(part: Callable[[Tell], T]) -> T:
        try:
            torch.set_num_threads(threads // len(parts))
            return part(tell)
        except BaseException:
            stopped.set()
            raise
        finally:
            calls.put(None)

    before = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(len(parts), "medvos") as pool:
            try:
                running = [pool.submit(begin, part) for part in parts]
                _make_calls(calls, len(parts))
            except BaseException:
                stopped.set()
                raise
    finally:
        # The number of a thread is its own, but the latest one that any thread has set is that of threads to come.
        torch.set_num_threads(before)
    errors = [future.exception() for future in running]
    for error in errors:
        if error is not None and not isinstance(error, _Stopped):
            raise error
    return [future.result() for future in running]


class _Stopped(Exception):
    """Ends a part because another one, or what was reported, has failed."""


def _at_once(call: Call) -> None:
    call()


def _make_calls(calls: SimpleQueue[Call | None], parts: int) -> None:
    """Make the calls in this thread until so many parts have ended."""
    while parts:
        try:
            call = calls.get(timeout=WAKE_S)
        except Empty:
            continue
        if call is None:
            parts -= 1
        else:
            call()

"""One function in several processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Argument = TypeVar("Argument")
Result = TypeVar("Result")


def in_processes(
    function: Callable[[Argument], Result], arguments: Iterable[Argument], workers: int
) -> Iterator[Result]:
    """Yield the results in the order of the arguments, each computed by one thread of one of ``workers`` processes.

    Parameters
    ----------
    function: at the top level of a module, or a `functools.partial` of one. arguments: that can be pickled.
    workers: processes; with one, this process computes.

    Example
    -------
    >>> list(in_processes(abs, [-1, 2], 2))
    [1, 2]
    """
    if workers <= 1:
        yield from map(function, arguments)
        return
    # A forked process could wait for ever for threads of torch that only its parent has.
    with ProcessPoolExecutor(workers, get_context("spawn"), _one_thread) as pool:
        yield from pool.map(function, arguments)


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)

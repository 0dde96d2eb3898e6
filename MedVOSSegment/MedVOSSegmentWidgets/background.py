"""Work that takes seconds, while the window stays alive."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import slicer

T = TypeVar("T")


def in_background(work: Callable[[], T]) -> T:
    """What `work` gives back, run in a thread while events are processed; it must not touch the scene or a widget."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        while not future.done():
            slicer.app.processEvents()
            # The thread gets the interpreter only while this one waits.
            time.sleep(0.01)
        return future.result()

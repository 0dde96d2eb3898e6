"""Functions that take seconds, run in a thread while the window stays alive."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import slicer

T = TypeVar("T")


def in_background(function: Callable[[], T]) -> T:
    """Run ``function`` in a thread while events are processed, and return its value.

    It must not touch the scene or a widget. Example: ``cine = in_background(lambda: read(path))``
    """
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(function)
        while not future.done():
            slicer.app.processEvents()
            # The thread gets the interpreter only while this one waits.
            time.sleep(0.01)
        return future.result()

"""A signal without Qt: connected listeners are called when it is emitted."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
Listener = Callable[[T], object]

logger = logging.getLogger(__name__)


class Signal(Generic[T]):
    """Calls its listeners with one value, in the order in which they connected and on the emitter's thread."""

    def __init__(self) -> None:
        self._listeners: dict[object, Listener[T]] = {}

    def connect(self, listener: Listener[T]) -> Callable[[], None]:
        """Call ``listener`` from now on; returns a function that ends it, which may be called more than once."""
        connection = object()
        self._listeners[connection] = listener

        def disconnect() -> None:
            self._listeners.pop(connection, None)

        return disconnect

    def emit(self, value: T) -> None:
        """Call all listeners with ``value``; one that raises is logged, and the others are still called.

        A listener that connects meanwhile is called from the next time on; one that disconnects is not called.
        """
        for connection, listener in list(self._listeners.items()):
            if connection not in self._listeners:
                continue
            try:
                listener(value)
            except Exception:
                logger.exception("A listener of a signal failed.")

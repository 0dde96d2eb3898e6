"""Sentences for the user in the language of the application, which this package does not know.

The shell hands in Slicer's translation; without it, in scripts and tests, sentences stay as they are written.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

Translate = Callable[[str, str], str]


def _as_written(_file: str, text: str) -> str:
    return text


_translate: Translate = _as_written


def use(translate: Translate | None) -> None:
    """Translate by ``translate(file, text)``, in which ``file`` is that of the source; None leaves texts as written.

    Sentences that are constants of a module are translated when it is imported, so call it before.
    """
    global _translate
    _translate = translate or _as_written


def tr(text: str) -> str:
    """Return ``text`` in the language of the application; the literal is what Slicer's tools extract.

    Example: ``tr("Phase {phase} has no image.").format(phase=3)``
    """
    return _translate(sys._getframe(1).f_code.co_filename, text)

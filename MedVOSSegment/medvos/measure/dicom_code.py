"""Coded concepts as DICOM stores them."""

from __future__ import annotations

from typing import NamedTuple

OWN_SCHEME = "99MEDVOS"


class Code(NamedTuple):
    """A concept: code value, coding scheme (``SCT``, ``LN``, ``DCM``, ...) and meaning, in pydicom's order.

    >>> Code("8821-1", "LN", "Left Ventricular ED Volume").scheme
    'LN'
    """

    value: str
    scheme: str
    meaning: str

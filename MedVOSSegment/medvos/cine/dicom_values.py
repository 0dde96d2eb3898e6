"""Numbers in DICOM headers as programs and people write them: with a comma, a unit, or a word in place of a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from medvos.errors import InputError

# Without these an image has no place or no intensities: another value in place of a number is no missing value.
NEEDED = (
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "NumberOfFrames",
    "RescaleSlope",
    "RescaleIntercept",
)
_NUMBER = re.compile(
    r"([+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?)\s*(?:mm|ms|msec|kg|m|t|tesla|deg|degrees?|°|bpm|/min|hz)?", re.I
)


def number(value: Any) -> float | None:
    """Return a finite float, or None where the value is none, such as ``n/a``; a comma or the unit of DICOM may stand.

    >>> number("37,5"), number("8 mm"), number("ANON")
    (37.5, 8.0, None)
    """
    if value is None:
        return None
    if isinstance(value, str | bytes):
        text = (value.decode("latin-1") if isinstance(value, bytes) else value).strip(" \0")
        found = _NUMBER.fullmatch(text)
        value = found[1].replace(",", ".") if found else "nan"
    result = float(value)
    return result if np.isfinite(result) else None


def decode_values(data: Any, keywords: Iterable[str], name: str) -> None:
    """Decode the elements of a header now, and put numbers in place of text where numbers belong.

    A secondary value that is no number is removed.

    Raises
    ------
    InputError: one of `NEEDED` holds something else than numbers.
    """
    for keyword in keywords:
        try:
            value = data.get(keyword)
        except (ValueError, TypeError, OverflowError):
            value = data.get_item(keyword).value  # the bytes of the file
        parts = value.split(b"\\") if isinstance(value, bytes) else value
        parts = [parts] if isinstance(parts, str) or not isinstance(parts, Sequence) else list(parts)
        if any(isinstance(part, str | bytes) for part in parts) and _is_numeric(keyword):
            _put(data, keyword, [number(part) for part in parts], name)


def _is_numeric(keyword: str) -> bool:
    from pydicom.datadict import dictionary_VR, tag_for_keyword

    return dictionary_VR(tag_for_keyword(keyword) or 0) in ("IS", "DS")


def _put(data: Any, keyword: str, numbers: list[float | None], name: str) -> None:
    from pydicom import DataElement
    from pydicom.tag import Tag

    del data[Tag(keyword)]
    if None not in numbers:
        data[Tag(keyword)] = DataElement(Tag(keyword), "FD", numbers if len(numbers) > 1 else numbers[0])
    elif keyword in NEEDED:
        raise InputError(f"{name} has no number in {keyword}: correct it, or export the image anew.")

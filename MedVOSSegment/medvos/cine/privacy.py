"""Remove patient identifiers from messages: descriptions and folder names may contain them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

HIDDEN = "***"
# Shorter parts of a name, and shorter numbers, are common in other texts.
SHORTEST_NAME, SHORTEST_ID = 3, 5


def identifiers_in(headers: Iterable[Any]) -> frozenset[str]:
    """Return the parts of every PatientName, and every PatientID, in lower case."""
    found: set[str] = set()
    for data in headers:
        parts = re.split(r"[\^=\s,]+", str(data.get("PatientName") or ""))
        found |= {part.casefold() for part in parts if len(part) >= SHORTEST_NAME or not part.isascii()}
        number = str(data.get("PatientID") or "").strip()
        found |= {number.casefold()} if len(number) >= SHORTEST_ID else set()
    return frozenset(found)


def without(identifiers: frozenset[str], text: str) -> str:
    """Return `text` with every identifier that is a word of its own replaced."""
    if not identifiers:
        return text
    words = "|".join(re.escape(word) for word in sorted(identifiers, key=len, reverse=True))
    return re.sub(rf"(?<![^\W_])(?:{words})(?![^\W_])", HIDDEN, text, flags=re.IGNORECASE)

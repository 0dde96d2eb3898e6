"""Order in which report and panel show slices: the base at the top."""

from __future__ import annotations


def from_the_base(slices: list[int], last: bool | None) -> list[int]:
    """Return ascending slice indices with the base first; unchanged where the base is not known.

    >>> from_the_base([0, 1, 2], True)
    [2, 1, 0]
    """
    return slices[::-1] if last else slices

"""Format numbers for a report."""

from __future__ import annotations


def number(value: float | None, decimals: int = 1) -> str:
    """Format a value with these digits after the decimal point, none from 100 on.

    >>> number(58.04), number(142.3)
    ('58.0', '142')
    """
    return "–" if value is None else f"{value:z.{_digits(value, decimals)}f}"


def pair(low: float, high: float, decimals: int = 1) -> str:
    """Format the ends of an interval, both with the digits of the upper one.

    >>> pair(97.2, 101.8)
    '97 to 102'
    """
    digits = _digits(high, decimals)
    return f"{low:.{digits}f} to {high:.{digits}f}"


def percentage(part: float | None) -> str:
    """Format a part as whole percent; empty if it is not known.

    >>> percentage(0.183), percentage(0.0), percentage(None)
    ('18 %', '0 %', '')
    """
    return "" if part is None else f"{100 * part:.0f} %"


def _digits(value: float, decimals: int) -> int:
    return 0 if abs(value) >= 99.95 else decimals

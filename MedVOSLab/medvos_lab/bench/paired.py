"""Comparison of two methods case by case."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import wilcoxon


def wilcoxon_p(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the two-sided p of Wilcoxon's signed-rank test of paired values; nan where no pair differs.

    The cases must be independent: several images of one patient are one case.

    Raises
    ------
    ValueError: the numbers of values differ.

    Example
    -------
    >>> wilcoxon_p([0.9, 0.8, 0.7, 0.9, 0.6, 0.8], [0.8, 0.7, 0.6, 0.7, 0.5, 0.6])
    0.03125
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} values cannot be paired")
    differences = np.subtract(first, second)
    if not np.any(differences):
        return float("nan")
    # Ties are cut from rounding errors, or the exact test takes equal differences for different ones.
    return float(wilcoxon(np.round(differences, 9)).pvalue)

"""Agreement of measures with their true values over the cases of a cohort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvos.cohort.record import Record
from medvos.measure.catalogue import RANKED

# Two points are always perfectly correlated, and tell nothing about the limits of others.
FEWEST = 3
SIDES = ("prediction", "truth")


@dataclass(frozen=True)
class Agreement:
    """Agreement of found with true values (Bland and Altman 1986).

    Attributes
    ----------
    name, unit: of the measure.
    cases: names of the n cases that have both values.
    found, truth: (n,) values in ``unit``.
    bias: mean of found minus true.
    bias_interval: 95 % confidence interval of the bias (Student's t); None for a single case.
    limits: limits of agreement, bias -+ 1.96 standard deviations of the differences; None for a single case.
    mean_error: mean absolute difference.
    correlation: Pearson's r; None for fewer than three cases, or if one side does not vary.
    icc: intraclass correlation of single values, absolute agreement, two-way (ICC(A,1) of McGraw and Wong 1996);
        None like ``correlation``.
    """

    name: str
    unit: str
    cases: tuple[str, ...]
    found: NDArray[np.float64]
    truth: NDArray[np.float64]
    bias: float
    bias_interval: tuple[float, float] | None
    limits: tuple[float, float] | None
    mean_error: float
    correlation: float | None
    icc: float | None


def agreements(records: Sequence[Record]) -> list[Agreement]:
    """Compute the agreement of every ranked measure that some case has beside its truth."""
    found = []
    for name in RANKED:
        pairs = {
            record.name: record.compared[name]
            for record in records
            if None not in [record.compared.get(name, {}).get(side) for side in SIDES]
        }
        if pairs:
            values = [[pair[side] for pair in pairs.values()] for side in SIDES]
            unit = next(iter(pairs.values()))["unit"]
            found.append(agreement(name, unit, tuple(pairs), np.array(values[0], float), np.array(values[1], float)))
    return found


def agreement(
    name: str, unit: str, cases: tuple[str, ...], found: NDArray[np.float64], truth: NDArray[np.float64]
) -> Agreement:
    """Compute the agreement of (n,) found and true values, n at least 1.

    >>> agreement("LVEF", "%", ("a", "b"), np.array([55.0, 60.0]), np.array([54.0, 62.0])).bias
    -0.5
    """
    differences = found - truth
    n, bias = len(differences), float(differences.mean())
    interval = limits = None
    if n > 1:
        from scipy import stats  # takes a second to import

        deviation = float(differences.std(ddof=1))
        margin = float(stats.t.ppf(0.975, n - 1)) * deviation / n**0.5
        interval = (bias - margin, bias + margin)
    if n >= FEWEST:
        limits = (bias - 1.96 * deviation, bias + 1.96 * deviation)
    related = n >= FEWEST and bool(np.ptp(found) and np.ptp(truth))
    return Agreement(
        name,
        unit,
        cases,
        found,
        truth,
        bias,
        interval,
        limits,
        float(np.abs(differences).mean()),
        float(np.corrcoef(found, truth)[0, 1]) if related else None,
        intraclass_correlation(np.stack([found, truth], axis=1)) if related else None,
    )


def intraclass_correlation(ratings: NDArray[np.float64]) -> float:
    """Compute ICC(A,1) of (n, k) values of n cases by k raters, from the mean squares of a two-way ANOVA."""
    n, k = ratings.shape
    of_cases, of_raters = ratings.mean(axis=1, keepdims=True), ratings.mean(axis=0, keepdims=True)
    rows = k * float(of_cases.var(ddof=1))
    columns = n * float(of_raters.var(ddof=1))
    error = float(((ratings - of_cases - of_raters + ratings.mean()) ** 2).sum()) / ((n - 1) * (k - 1))
    return (rows - error) / (rows + (k - 1) * error + k * (columns - error) / n)

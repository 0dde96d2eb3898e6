"""The numbers that a segmentation gives, each with its unit, its interval and, where it is not known, the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Measure:
    """One number. ``reason`` says why ``value``, or else ``interval``, is not known.

    Attributes
    ----------
    value: in ``unit``, or None.
    unit: ``mL``, ``%``, ``g`` or ``L/min``.
    interval: lower and upper end in ``unit``, or None.
    reason: one sentence, or None where nothing is missing.
    """

    value: float | None
    unit: str
    interval: tuple[float, float] | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Measures(Mapping[str, Measure]):
    """All measures of one cine by name (``measures["LVEF"].value``), and the curves they come from.

    Attributes
    ----------
    by_name: LVEDV, LVESV, LVSV, LVEF, LVM, RVEDV, RVESV, RVSV, RVEF, CO, MVO, in the order in which to show them.
    time_ms: (T,) ms from the first phase.
    volumes_ml: structure name to its (T,) volume in mL; NaN where a phase carries no label at all.
    bands_ml: structure name to the (2, T) lower and upper end of its volume in mL, where the uncertainty is known.
    ed, es: index of the end-diastolic and of the end-systolic phase, None where they cannot be told.
    """

    by_name: dict[str, Measure]
    time_ms: NDArray[np.float64]
    volumes_ml: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    ed: int | None = None
    es: int | None = None
    bands_ml: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Measure:
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)

"""Measures of a segmentation, each with its unit, its interval and, if it is not known, the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from medvos.measure.subject import Subject
from medvos.measure.wall import WallSegment


@dataclass(frozen=True)
class Measure:
    """One measure. ``reason`` states why ``value``, or else ``interval``, is not known.

    Attributes
    ----------
    value: in ``unit``, or None.
    unit: as in `medvos.measure.catalogue`.
    interval: lower and upper end of the 90 % interval in ``unit``, or None.
    reason: one sentence, or None if nothing is missing.
    unreliable: the part of what it is measured on, 0 to 1, that lies on slices with probably bad contours
        (`medvos.measure.reliability`); None where no contour has a score.
    """

    value: float | None
    unit: str
    interval: tuple[float, float] | None = None
    reason: str | None = None
    unreliable: float | None = None


@dataclass(frozen=True)
class Normal:
    """The reference range of a measure, with its value; `medvos.measure.verdict` compares the two.

    Attributes
    ----------
    low, high: ends of the range in the unit of the measure. value: the measure.
    group: the people to whom the range applies, in words. citation: where it was published.
    """

    low: float
    high: float
    value: float
    group: str
    citation: str


@dataclass(frozen=True)
class Beat:
    """One beat of an echo clip: ED and ES frame, volumes in mL (None without pixel spacing), EF in %."""

    ed: int
    es: int
    edv: float | None
    esv: float | None
    ef: float


@dataclass(frozen=True)
class Measures(Mapping[str, Measure]):
    """All measures of one cine by name (``measures["LVEF"].value``), and the curves they come from.

    Attributes
    ----------
    by_name: the measures of `medvos.measure.catalogue`, in its order; MVOM only if obstruction was segmented, HR only
        for an echo clip.
    time_ms: (T,) ms from the first phase.
    volumes_ml: structure name to its (T,) volume in mL; NaN where a phase carries no label at all.
    bands_ml: structure name to the (2, T) lower and upper end of its volume in mL, if the uncertainty is known.
    percent: structure name to its (T,) volume in % of the one at ED, for an echo clip, whose pixel size may be unknown.
    obstructed: segment number to its obstructed part at ED in %, if obstruction was segmented.
    doubts: why measures are doubted, or void, one sentence each (`medvos.measure.doubts`).
    ed, es: index of the end-diastolic and of the end-systolic phase, None if they are not known.
    wall: the 17 segments of the LV wall; empty for an echo view.
    normal: measure name to its reference range, for those that have one.
    no_normal: why there is no reference range at all, or None.
    held: measure name to the reason why it has no verdict, for those with a value that cannot be judged.
    subject: data of the person that indices, reference ranges and output were computed with.
    papillary: how the drawn contours count the papillary muscles, ``blood`` or ``muscle``; None where not recognised.
    beats: of an echo clip, in order of time; ED, ES and the measures are those of the beat with the median EF.
    """

    by_name: dict[str, Measure]
    time_ms: NDArray[np.float64]
    volumes_ml: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    ed: int | None = None
    es: int | None = None
    wall: tuple[WallSegment, ...] = ()
    normal: dict[str, Normal] = field(default_factory=dict)
    no_normal: str | None = None
    beats: tuple[Beat, ...] = ()
    bands_ml: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    percent: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    obstructed: dict[int, float] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    held: dict[str, str] = field(default_factory=dict)
    subject: Subject = field(default_factory=Subject)
    papillary: str | None = None

    def __getitem__(self, name: str) -> Measure:
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)

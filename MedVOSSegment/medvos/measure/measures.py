"""Measures of a segmentation, each with its unit, its interval and, if it is not known, the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.errors import InputError
from medvos.measure.subject import Subject
from medvos.measure.wall import WallSegment
from medvos.notebook import curves_svg, table_html
from medvos.packages import needs

SHOWN = ("LVEDV", "LVESV", "LVEF", "RVEF")  # in the short form
WITH_DOUBTS = "with the doubts"  # begins the reason why a verdict is held that the doubts could change


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
    doubts: why measures are doubted, or void, one sentence each (`medvos.measure.doubt`).
    ed, es: index of the end-diastolic and of the end-systolic phase, None if they are not known.
    wall: the 17 segments of the LV wall; empty for an echo view.
    normal: measure name to its reference range, for those that have one.
    no_normal: why there is no reference range at all, or None.
    held: measure name to the reason why it has no verdict, for those with a value that cannot be judged.
    ungraded: why the LVEF is not graded although it has a value, or None.
    moves: measure name to how far below and above its value doubts could move it, in its unit.
    subject: data of the person that indices, reference ranges and output were computed with.
    papillary: how the drawn contours count the papillary muscles, ``blood`` or ``muscle``; None where not
        recognised, ``nothing drawn`` where a network drew all.
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
    ungraded: str | None = None
    moves: dict[str, tuple[float, float]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Measure:
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    def __len__(self) -> int:
        return len(self.by_name)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Return value, unit, interval and reason of each measure by name, as plain values.

        >>> medvos.measure("results").to_dict()["LVEF"]["unit"]
        '%'
        """
        return {name: asdict(measure) for name, measure in self.by_name.items()}

    def to_frame(self) -> Any:
        """Return a `pandas.DataFrame`, a row for each measure: value, unit, low, high and reason.

        >>> medvos.measure("results").to_frame().loc["LVEF", "unit"]
        '%'

        Raises
        ------
        InputError: pandas is not installed.
        """
        try:
            import pandas
        except ModuleNotFoundError as error:
            raise InputError(needs("Measures.to_frame", "pandas")) from error

        rows = {name: _row(measure) for name, measure in self.by_name.items()}
        frame = pandas.DataFrame.from_dict(rows, orient="index", columns=["value", "unit", "low", "high", "reason"])
        return frame.rename_axis("measure")

    def __repr__(self) -> str:
        known = [f"{name} {_words(self.by_name[name])}" for name in SHOWN if name in self.by_name]
        return f"Measures({', '.join(known)}; {len(self)} in all)"

    def _repr_html_(self) -> str:
        rows = [
            (name, _number(one.value), _ends(one), one.unit)
            for name, one in self.by_name.items()
            if one.value is not None
        ]
        curves, unit = (self.volumes_ml, "mL") if self.volumes_ml else (self.percent, "% of ED")
        curve = curves_svg(self.time_ms, curves, unit, {"ED": self.ed, "ES": self.es})
        doubts = "".join(f"<p>Doubt: {escape(doubt)}</p>" for doubt in self.doubts)
        return curve + table_html(rows, ("measure", "value", "90 % interval", "unit")) + doubts


def _row(measure: Measure) -> list[Any]:
    low, high = measure.interval or (None, None)
    return [measure.value, measure.unit, low, high, measure.reason]


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f}"


def _words(measure: Measure) -> str:
    return f"{_number(measure.value)} {measure.unit}".rstrip() if measure.value is not None else "unknown"


def _ends(measure: Measure) -> str:
    return " to ".join(map(_number, measure.interval or ()))

"""One measure in a DICOM structured report (PS3.16, TID 300)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from medvos.export.codes import (
    COMMENT,
    CYCLE_POINT,
    END_DIASTOLE,
    END_SYSTOLE,
    LOWER,
    UPPER,
    unit_code,
)
from medvos.export.images import Image
from medvos.measure.catalogue import Needs, row_of
from medvos.measure.dicom_code import Code
from medvos.measure.measures import Measure

if TYPE_CHECKING:
    from highdicom.sr import ContentItem, Measurement, SourceImageForMeasurement

DIGITS = 4


POINTS = {"ED": END_DIASTOLE, "ES": END_SYSTOLE}


def measurement(name: str, measure: Measure, images: Mapping[Code, Sequence[Image]], notice: str = "") -> Measurement:
    """Return the measure with its unit, its source images, and its interval as distances from its value.

    Parameters
    ----------
    measure: its value is known.
    images: those of end-diastole and of end-systole.
    notice: added to measures of obstruction.
    """
    from highdicom.sr import CodeContentItem, Measurement, NumContentItem, TextContentItem
    from highdicom.sr.value_types import ContentSequence
    from pydicom.sr import coding

    row = row_of(name)
    unit, points = coding.Code(*unit_code(measure.unit)), [POINTS[phase] for phase in row.phases]
    value = round(float(measure.value or 0.0), DIGITS)
    item = Measurement(
        name=coding.Code(*row.code),
        value=value,
        unit=unit,
        referenced_images=[source for point in points for source in _sources(images[point])] or None,
    )
    more: list[ContentItem] = []
    if len(points) == 1:
        more.append(CodeContentItem(coding.Code(*CYCLE_POINT), coding.Code(*points[0]), "HAS CONCEPT MOD"))
    for code, end in zip((LOWER, UPPER), measure.interval or (), strict=False):
        distance = round(abs(float(end) - value), DIGITS)
        more.append(NumContentItem(coding.Code(*code), distance, unit, relationship_type="HAS PROPERTIES"))
    if notice and row.needs is Needs.OBSTRUCTION:
        more.append(TextContentItem(coding.Code(*COMMENT), notice, "HAS PROPERTIES"))
    if more:
        item[0].ContentSequence = ContentSequence([*item[0].get("ContentSequence", []), *more])
    return item


def _sources(images: Iterable[Image]) -> list[SourceImageForMeasurement]:
    """List each image once, with its frame numbers if it has several."""
    from highdicom.sr import SourceImageForMeasurement

    frames: dict[tuple[str, str], list[int]] = {}
    for image in images:
        frames.setdefault((image.sop_class, image.sop_instance), []).extend([image.number] if image.number else [])
    return [SourceImageForMeasurement(*uids, numbers or None) for uids, numbers in frames.items()]

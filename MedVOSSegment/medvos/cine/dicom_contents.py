"""The first step of reading DICOM: what is there. The second, the choice, is in `medvos.cine.dicom_views`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from medvos.cine.contents import SeriesRow
from medvos.cine.dicom_files import Header
from medvos.cine.dicom_frames import Frame, frame_count, frames_of
from medvos.cine.dicom_groups import Group, groups_of
from medvos.cine.dicom_places import placed
from medvos.cine.dicom_series import whole_series
from medvos.cine.dicom_slices import Slice, slices_of
from medvos.errors import InputError

NO_PLACE = "it has no place in the patient"


@dataclass(frozen=True)
class Contents:
    """`groups` of images, images without a place in the patient, files that are clips, and notes for the user."""

    groups: tuple[Group, ...]
    placeless: tuple[Frame, ...]
    clips: tuple[Header, ...]
    notes: tuple[str, ...]


def contents_of(headers: Sequence[Header], series: Sequence[int] = ()) -> Contents:
    """Return what the files hold; of the `series` with these numbers alone, where any are named.

    Raises InputError where a named series is not there.
    """
    frames: list[Frame] = []
    clips: list[Header] = []
    for header in headers:
        found = frames_of(header)
        frames += found
        if not found and frame_count(header) > 1:
            clips.append(header)
    have, placeless, notes = placed(_named(frames, series))
    whole, more = whole_series(have)
    return Contents(tuple(groups_of(slices_of(whole))), tuple(placeless), tuple(clips), (*notes, *more))


def rows_of(groups: Sequence[Group], placeless: Sequence[Frame], stack: Sequence[Slice]) -> tuple[SeriesRow, ...]:
    """Return one row for each group, and for each series without a place."""
    used = {id(slice_) for slice_ in stack}
    rows = [
        SeriesRow(
            frame.series_number,
            frame.description,
            group.images,
            len(group.slices),
            group.phases,
            group.shows + (f", inversion {inversion:g} ms" if inversion else ""),
            any(id(slice_) in used for slice_ in group.slices),
            group.why_not,
        )
        for group in groups
        for frame in [group.first.first]
        for inversion in [frame.protocol.inversion_time]
    ]
    lacking: dict[tuple[int, str], int] = {}
    for frame in placeless:
        key = frame.series_number, frame.description
        lacking[key] = lacking.get(key, 0) + 1
    rows += [SeriesRow(*key, count, 0, 0, "", False, NO_PLACE) for key, count in lacking.items()]
    return tuple(sorted(rows, key=lambda row: row.number))


def _named(frames: list[Frame], series: Sequence[int]) -> list[Frame]:
    if not series:
        return frames
    numbers = sorted({frame.series_number for frame in frames})
    for number in series:
        if number not in numbers:
            raise InputError(f"There is no series {number}: the folder has {', '.join(map(str, numbers)) or 'none'}.")
    return [frame for frame in frames if frame.series_number in set(series)]

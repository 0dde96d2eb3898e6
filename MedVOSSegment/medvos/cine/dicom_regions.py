"""Find in an ultrasound file the regions that show tissue in two dimensions, and their scale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from medvos.cine.clip_region import SAME_SPACING, View, Views, preferred
from medvos.cine.dicom_values import number

# Codes of DICOM PS3.3 C.8.5.5: units, spatial formats and data types of a region.
CENTIMETRES = 3
NO_FORMAT, PLANE = 0, 1
NO_DATA, TISSUE, FLOW, BACKSCATTER = 0, 1, 2, 15
LEAST_PART = 0.1  # of the image's rows and columns that a region with a heart in it takes
CORNERS = ("MinY0", "MaxY1", "MinX0", "MaxX1")
# Some programs count corners from 1, or give the first pixel beyond; a region farther outside is of another image.
OFF_BY = 3
COVERED = 0.8  # part of a region that lies in another, for it to be a part of the same view
FILLED = 0.5  # part of a region that others within it take, for it to be their frame
AGREE = 0.05  # relative difference between two statements of the pixel size
Spacing = tuple[float, float]

BEYOND = (
    "The regions that the file describes do not lie within its image, which was scaled or cropped after they were "
    "written: their scale was not used."
)
NO_SCALE = "The clip does not say its pixel size: 1 mm was assumed, so lengths and volumes are not real."
NO_CORNERS = (
    "The file does not say where in the image its region lies: the whole image was used, with what is around it."
)
TWO_SCALES = "The file states two scales for the same region, so the pixel size is not known."


@dataclass(frozen=True)
class Scale:
    """The views of a clip, the spacing (y, x) of the one that is used in mm or None, its box or None, and notes."""

    views: Views
    spacing: Spacing | None
    box: tuple[slice, slice] | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Region:
    """A region: rows and columns (end excluded) or None, spacing in mm or None, whether it is of flow."""

    corners: tuple[int, int, int, int] | None
    spacing: Spacing | None
    flow: bool
    beyond: bool = False


def scale_of(data: Any, shape: tuple[int, int]) -> Scale:
    """Return the views and the scale of an ultrasound file whose image is of ``shape`` (Y, X)."""
    regions = [_region(item, shape) for item in data.get("SequenceOfUltrasoundRegions") or [] if _is_plane(item)]
    stated = _pixel_spacing(data)
    if any(region.beyond for region in regions):
        return Scale(Views(), stated, None, (BEYOND,) if stated else (BEYOND, NO_SCALE))
    views = _views(regions, shape)
    if not views:
        # Without a place, or of a colour map alone, a region still tells the scale.
        sizes = {region.spacing for region in regions if region.spacing}
        spacing = next(iter(sizes)) if len(sizes) == 1 else None if sizes else stated
        unknown = (TWO_SCALES, NO_SCALE) if len(sizes) > 1 else () if spacing else (NO_SCALE,)
        if sizes and all(region.corners is None for region in regions):
            unknown = (*unknown, NO_CORNERS)
        return Scale(Views(), spacing, None, unknown)
    likely, why = preferred(views)
    chosen = Views(tuple(views), likely[0].number, why)
    spacing = likely[0].spacing or (stated if not chosen.several else None)
    notes = [chosen.note] if chosen.several else []
    if spacing is None:
        notes += [TWO_SCALES] if _contradict(regions) else []
        notes.append(NO_SCALE)
    elif stated and not chosen.several and not _same(stated, spacing, AGREE):
        notes.append(
            f"PixelSpacing states {stated[0]:.3f} mm and the region {spacing[0]:.3f} mm: that of the region was used."
        )
    return Scale(chosen, spacing, likely[0].box, tuple(notes))


def _is_plane(item: Any) -> bool:
    """Whether a region shows tissue or flow in two dimensions: no spectrum, no M-mode, no curve."""
    form, kind = item.get("RegionSpatialFormat"), item.get("RegionDataType")
    if form == PLANE:
        return kind in (None, NO_DATA, TISSUE, FLOW, BACKSCATTER)
    # Some programs leave out or zero the format; lengths along both axes make it a plane.
    return form in (None, NO_FORMAT) and kind in (None, NO_DATA, TISSUE, FLOW) and _spacing(item) is not None


def _region(item: Any, shape: tuple[int, int]) -> _Region:
    found = [number(item.get(f"RegionLocation{end}")) for end in CORNERS]
    flow, spacing = item.get("RegionDataType") == FLOW, _spacing(item)
    if None in found:
        return _Region(None, spacing, flow)
    top, bottom, left, right = (int(corner) for corner in found if corner is not None)
    if top >= bottom or left >= right:  # all zero, where a program did not fill them in
        return _Region(None, spacing, flow)
    beyond = min(top, left) < -OFF_BY or bottom >= shape[0] + OFF_BY or right >= shape[1] + OFF_BY
    top, left = max(top, 0), max(left, 0)
    corners = top, min(bottom + 1, shape[0]), left, min(right + 1, shape[1])
    return _Region(corners, spacing, flow, beyond)


def _spacing(item: Any) -> Spacing | None:
    """mm between rows and between columns; a negative step tells the direction of an axis alone."""
    if not item.get("PhysicalUnitsXDirection") == CENTIMETRES == item.get("PhysicalUnitsYDirection"):
        return None
    y, x = number(item.get("PhysicalDeltaY")), number(item.get("PhysicalDeltaX"))
    return (10 * abs(y), 10 * abs(x)) if y and x else None


def _pixel_spacing(data: Any) -> Spacing | None:
    spacing = data.get("PixelSpacing")
    return (float(spacing[0]), float(spacing[1])) if spacing and min(spacing) > 0 else None


def _views(regions: Iterable[_Region], shape: tuple[int, int]) -> list[View]:
    """The regions that are views of their own and wide enough for a heart."""
    views = [
        View(k, *region.corners, region.spacing, region.flow)
        for k, region in enumerate(regions)
        if region.corners is not None
    ]
    views = [
        view
        for view in views
        if view.bottom - view.top > LEAST_PART * shape[0] and view.right - view.left > LEAST_PART * shape[1]
    ]
    views = _without_colour_boxes(views)
    views = _without_repeats(views)
    views = [view for view in views if not _frames_others(view, views)]
    return [view._replace(number=k) for k, view in enumerate(views, start=1)]


def _without_colour_boxes(views: list[View]) -> list[View]:
    """Leave out the colours that lie over tissue, and mark the tissue."""
    tissue, flow = [view for view in views if not view.flow], [view for view in views if view.flow]
    if not tissue:
        return [view for view in flow if len(flow) > 1]  # a colour box alone does not bound the image of tissue
    own = [one for one in flow if all(one.overlap(view) < COVERED * one.pixels for view in tissue)]
    over = [one for one in flow if one not in own]
    marked = [view._replace(flow=any(one.overlap(view) >= COVERED * one.pixels for one in over)) for view in tissue]
    return sorted([*marked, *own], key=lambda view: view.number)


def _without_repeats(views: list[View]) -> list[View]:
    """Join regions that lie in one another at one scale, and those of one place; two scales of one place are none."""
    kept: list[View] = []
    for view in sorted(views, key=lambda view: -view.pixels):
        for k, one in enumerate(kept):
            within = view.overlap(one) >= COVERED * view.pixels
            same = view.spacing is not None and one.spacing is not None and _same(view.spacing, one.spacing)
            as_large = view.overlap(one) >= COVERED * one.pixels
            if within and (same or as_large):
                known = view.spacing is None or one.spacing is None
                spacing = one.spacing if same else (view.spacing or one.spacing) if known else None
                kept[k] = one._replace(spacing=spacing, flow=one.flow or view.flow)
                break
        else:
            kept.append(view)
    return sorted(kept, key=lambda view: view.number)


def _frames_others(view: View, views: list[View]) -> bool:
    inside = [one for one in views if one is not view and one.overlap(view) >= COVERED * one.pixels]
    return sum(one.pixels for one in inside) >= FILLED * view.pixels


def _contradict(regions: list[_Region]) -> bool:
    return len({region.spacing for region in regions if region.spacing}) > 1


def _same(one: Spacing, other: Spacing, within: float = SAME_SPACING) -> bool:
    return all(abs(a - b) <= within * a for a, b in zip(one, other, strict=True))

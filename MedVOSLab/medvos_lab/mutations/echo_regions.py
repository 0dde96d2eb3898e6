"""Mutations of the regions of echo clips and their scales."""

from __future__ import annotations

import copy

import numpy as np
from pydicom.sequence import Sequence

from medvos_lab.mutations.bases import region
from medvos_lab.mutations.echo import grey_frames, regions, say
from medvos_lab.mutations.mutation import Chance, On, mutation
from medvos_lab.mutations.study import Study, pixels, put

REGION = r"region|view|scale|pixel size|calibrat|spacing|mm\b"
REGION_NOTE = r"regions?\b|pixel size|scale|calibrat|plausib|PixelSpacing"


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def spectral_region_first(study: Study, chance: Chance) -> None:
    """A strip of ECG or Doppler is listed before the image, with units of its own."""
    rows, columns = (int(study.cine[0].data.get(key)) for key in ("Rows", "Columns"))
    strip = region((0, rows - 12, columns - 1, rows - 1), 0.01, kind=int(chance.choice([3, 10])), units=4)
    say(study, SequenceOfUltrasoundRegions=Sequence([strip, *regions(study)]))


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def colour_region_first(study: Study, chance: Chance) -> None:
    """The box of colour flow is a region within the image, listed first, at the same scale."""
    areas = regions(study)
    base = areas[0]
    left, top = int(base.RegionLocationMinX0), int(base.RegionLocationMinY0)
    right, bottom = int(base.RegionLocationMaxX1), int(base.RegionLocationMaxY1)
    box = copy.deepcopy(base)
    put(
        box,
        RegionDataType=2,
        RegionLocationMinX0=left + (right - left) // 3,
        RegionLocationMaxX1=right - (right - left) // 3,
    )
    put(box, RegionLocationMinY0=top + (bottom - top) // 4, RegionLocationMaxY1=top + (bottom - top) // 2)
    say(study, SequenceOfUltrasoundRegions=Sequence([box, *areas]))


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def two_images_side_by_side(study: Study, chance: Chance) -> None:
    """Compare display: an older, smaller image at another scale on one side, listed first."""
    frames = grey_frames(study)
    scale = float(regions(study)[0].PhysicalDeltaX)
    height, width = frames.shape[1:]
    other = np.zeros_like(frames)
    small = frames[:, ::2, ::2]
    other[:, : small.shape[1], : small.shape[2]] = small
    first = bool(chance.random() < 0.5)
    pixels(study.cine[0].data, np.concatenate([other, frames] if first else [frames, other], 2))
    whole = region((width * first, 0, width * first + width - 1, height - 1), scale)
    inset = region((width * (not first), 0, width * (not first) + width - 1, height - 1), 2 * scale)
    say(study, SequenceOfUltrasoundRegions=Sequence([inset, whole]))


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def inset_at_another_scale(study: Study, chance: Chance) -> None:
    """A small overview in a corner is a tissue region of its own, listed first."""
    frames = grey_frames(study).copy()
    scale = float(regions(study)[0].PhysicalDeltaX)
    height, width = frames.shape[1:]
    rows, columns = height // 5, width // 5
    frames[:, :rows, :columns] = frames[:, ::5, ::5][:, :rows, :columns]
    pixels(study.cine[0].data, frames)
    inset = region((0, 0, columns - 1, rows - 1), 5 * scale)
    say(study, SequenceOfUltrasoundRegions=Sequence([inset, *regions(study)]))


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def text_around_the_image(study: Study, chance: Chance) -> None:
    """The region is a part of the image; text and a grey bar lie around it."""
    frames = grey_frames(study)
    scale = float(regions(study)[0].PhysicalDeltaX)
    count, height, width = frames.shape
    whole = np.zeros((count, height + 24, width + 48), np.uint8)
    whole[:, 12 : 12 + height, 24 : 24 + width] = frames
    whole[:, 2:8, 2:40] = 255
    whole[:, 10 : 10 + height, -8:-2] = np.linspace(255, 0, height).astype(np.uint8)[None, :, None]
    pixels(study.cine[0].data, whole)
    box = region((24, 12, 24 + width - 1, 12 + height - 1), scale)
    say(study, SequenceOfUltrasoundRegions=Sequence([box]))


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def scale_negative(study: Study, chance: Chance) -> None:
    """PhysicalDeltaX or -Y is negative, as some scanners write it for directions."""
    for area in regions(study):
        if area.get("PhysicalUnitsXDirection") == 3:
            put(area, PhysicalDeltaX=-abs(float(area.PhysicalDeltaX)))


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def scale_missing(study: Study, chance: Chance) -> None:
    """No regions at all."""
    say(study, SequenceOfUltrasoundRegions=None)


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def scale_without_units(study: Study, chance: Chance) -> None:
    """Units 0, none."""
    for area in regions(study):
        put(area, PhysicalUnitsXDirection=0, PhysicalUnitsYDirection=0)


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def scale_in_mm(study: Study, chance: Chance) -> None:
    """Deltas in mm though the units say cm: a heart of half a metre."""
    for area in regions(study):
        if area.get("PhysicalUnitsXDirection") == 3:
            put(area, PhysicalDeltaX=10 * float(area.PhysicalDeltaX), PhysicalDeltaY=10 * float(area.PhysicalDeltaY))


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def pixel_spacing_beside_the_region(study: Study, chance: Chance) -> None:
    """PixelSpacing that contradicts the region, as converters write 1 mm."""
    say(study, PixelSpacing=[1, 1])


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def region_one_pixel_too_large(study: Study, chance: Chance) -> None:
    """Corners counted from 1: the last column is the width."""
    data = study.cine[0].data
    for area in regions(study):
        if area.get("RegionLocationMaxX1") is not None and int(area.RegionLocationMaxX1) >= int(data.Columns) - 1:
            put(
                area,
                RegionLocationMaxX1=int(data.Columns),
                RegionLocationMaxY1=min(int(data.Rows), int(area.RegionLocationMaxY1) + 1),
            )


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def region_without_corners(study: Study, chance: Chance) -> None:
    """Corners missing or all 0."""
    corner = None if chance.random() < 0.5 else 0
    for area in regions(study):
        put(
            area,
            RegionLocationMinX0=corner,
            RegionLocationMinY0=corner,
            RegionLocationMaxX1=corner,
            RegionLocationMaxY1=corner,
        )

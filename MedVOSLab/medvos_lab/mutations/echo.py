"""Mutations of echo clips: regions, scales, frame times, heart rate, kinds of objects."""

from __future__ import annotations

import copy

import numpy as np
from pydicom.sequence import Sequence

from medvos_lab.mutations.bases import region
from medvos_lab.mutations.mutation import NotHere, On, mutation
from medvos_lab.mutations.study import Image, Study, clock, of_class, pixels, put, renamed, uid

REGION = r"region|view|scale|pixel size|calibrat|spacing|mm\b"
TIMES = r"frame|rate|\btimes?\b|beat|ms\b"
# Each clip has the note that its length stands for the period.
TIMES_NOTE = r"FrameTime|CineRate|frame rate|frame times?|heart rate|RecommendedDisplay|assumed"
REGION_NOTE = r"regions?\b|pixel size|scale|calibrat|plausib|PixelSpacing"
Chance = np.random.Generator


def _grey(study: Study) -> np.ndarray:
    """The frames (T, Y, X), decoded."""
    data = study.cine[0].data
    array = data.pixel_array
    if array.ndim == 4:
        raise NotHere
    return array


def _regions(study: Study) -> list:
    return list(study.cine[0].data.get("SequenceOfUltrasoundRegions") or [])


def _say(study: Study, **values: object) -> None:
    put(study.cine[0].data, **values)


UNTIMED = dict.fromkeys(
    (
        "FrameTime",
        "FrameTimeVector",
        "CineRate",
        "RecommendedDisplayFrameRate",
        "ActualFrameDuration",
        "EffectiveDuration",
    )
)


def _step(study: Study) -> float:
    data = study.cine[0].data
    if data.get("FrameTime"):
        return float(data.FrameTime)
    if data.get("FrameTimeVector"):
        return float(np.median(np.array(data.FrameTimeVector, float)[1:]))
    raise NotHere


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_missing(study: Study, chance: Chance) -> None:
    """Nothing tells the frame rate."""
    _say(study, **UNTIMED)


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_halved(study: Study, chance: Chance) -> None:
    """FrameTime of the display, half of the true one; CineRate is true."""
    step = _step(study)
    _say(study, **UNTIMED)
    _say(study, FrameTime=f"{step / 2:.4f}", CineRate=round(1000 / step))


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_doubled(study: Study, chance: Chance) -> None:
    """FrameTime twice as long; CineRate is true."""
    step = _step(study)
    _say(study, **UNTIMED)
    _say(study, FrameTime=f"{step * 2:.4f}", CineRate=round(1000 / step))


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def cine_rate_contradicts(study: Study, chance: Chance) -> None:
    """CineRate of the viewer's default, 25 or 30 or 60; FrameTime is true."""
    step = _step(study)
    rate = int(chance.choice([15, 25, 30, 60, 100]))
    if abs(rate * step / 1000 - 1) < 0.1:
        raise NotHere
    _say(study, FrameTime=f"{step:.4f}", CineRate=rate)


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def cine_rate_alone(study: Study, chance: Chance) -> None:
    """CineRate, and no FrameTime."""
    step = _step(study)
    _say(study, **UNTIMED)
    _say(study, CineRate=f"{round(1000 / step)}")


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def display_rate_alone(study: Study, chance: Chance) -> None:
    """RecommendedDisplayFrameRate 30, whatever the rate of acquisition was."""
    _step(study)
    _say(study, **UNTIMED)
    _say(study, RecommendedDisplayFrameRate=30)


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_vector(study: Study, chance: Chance) -> None:
    """FrameTimeVector in place of FrameTime."""
    step, frames = _step(study), int(study.cine[0].data.NumberOfFrames)
    _say(study, **UNTIMED)
    _say(study, FrameTimeVector=[0.0] + [round(step, 4)] * (frames - 1), FrameIncrementPointer=0x00181065)


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_vector_of_absolute_times(study: Study, chance: Chance) -> None:
    """FrameTimeVector that holds times since the first frame in place of steps."""
    step, frames = _step(study), int(study.cine[0].data.NumberOfFrames)
    _say(study, **UNTIMED)
    _say(study, FrameTimeVector=[round(step * k, 4) for k in range(frames)], FrameIncrementPointer=0x00181065)


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_vector_one_short(study: Study, chance: Chance) -> None:
    """FrameTimeVector with a value fewer or more than frames."""
    step, frames = _step(study), int(study.cine[0].data.NumberOfFrames)
    _say(study, **UNTIMED)
    count = frames + int(chance.choice([-1, 1]))
    _say(study, FrameTimeVector=[round(step, 4)] * count, FrameIncrementPointer=0x00181065)


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_in_seconds(study: Study, chance: Chance) -> None:
    """FrameTime in seconds."""
    step = _step(study)
    _say(study, **UNTIMED)
    _say(study, FrameTime=f"{step / 1000:.6f}")


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_zero(study: Study, chance: Chance) -> None:
    """FrameTime 0 or 1."""
    _say(study, **UNTIMED)
    _say(study, FrameTime=str(chance.choice(["0", "1"])))


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def heart_rate_doubled(study: Study, chance: Chance) -> None:
    """HeartRate in the header twice or half of that of the clip; its own is a reading of the ECG."""
    _say(study, HeartRate=int(chance.choice([24, 28, 150, 190])))


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def heart_rate_zero_in_clip(study: Study, chance: Chance) -> None:
    """HeartRate 0."""
    _say(study, HeartRate=0)


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def spectral_region_first(study: Study, chance: Chance) -> None:
    """A strip of ECG or Doppler is listed before the image, with units of its own."""
    rows, columns = (int(study.cine[0].data.get(key)) for key in ("Rows", "Columns"))
    strip = region((0, rows - 12, columns - 1, rows - 1), 0.01, kind=int(chance.choice([3, 10])), units=4)
    _say(study, SequenceOfUltrasoundRegions=Sequence([strip, *_regions(study)]))


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def colour_region_first(study: Study, chance: Chance) -> None:
    """The box of colour flow is a region within the image, listed first, at the same scale."""
    areas = _regions(study)
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
    _say(study, SequenceOfUltrasoundRegions=Sequence([box, *areas]))


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def two_images_side_by_side(study: Study, chance: Chance) -> None:
    """Compare display: an older, smaller image at another scale on one side, listed first."""
    frames = _grey(study)
    scale = float(_regions(study)[0].PhysicalDeltaX)
    height, width = frames.shape[1:]
    other = np.zeros_like(frames)
    small = frames[:, ::2, ::2]
    other[:, : small.shape[1], : small.shape[2]] = small
    first = bool(chance.random() < 0.5)
    pixels(study.cine[0].data, np.concatenate([other, frames] if first else [frames, other], 2))
    whole = region((width * first, 0, width * first + width - 1, height - 1), scale)
    inset = region((width * (not first), 0, width * (not first) + width - 1, height - 1), 2 * scale)
    _say(study, SequenceOfUltrasoundRegions=Sequence([inset, whole]))


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def inset_at_another_scale(study: Study, chance: Chance) -> None:
    """A small overview in a corner is a tissue region of its own, listed first."""
    frames = _grey(study).copy()
    scale = float(_regions(study)[0].PhysicalDeltaX)
    height, width = frames.shape[1:]
    rows, columns = height // 5, width // 5
    frames[:, :rows, :columns] = frames[:, ::5, ::5][:, :rows, :columns]
    pixels(study.cine[0].data, frames)
    inset = region((0, 0, columns - 1, rows - 1), 5 * scale)
    _say(study, SequenceOfUltrasoundRegions=Sequence([inset, *_regions(study)]))


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def text_around_the_image(study: Study, chance: Chance) -> None:
    """The region is a part of the image; text and a grey bar lie around it."""
    frames = _grey(study)
    scale = float(_regions(study)[0].PhysicalDeltaX)
    count, height, width = frames.shape
    whole = np.zeros((count, height + 24, width + 48), np.uint8)
    whole[:, 12 : 12 + height, 24 : 24 + width] = frames
    whole[:, 2:8, 2:40] = 255
    whole[:, 10 : 10 + height, -8:-2] = np.linspace(255, 0, height).astype(np.uint8)[None, :, None]
    pixels(study.cine[0].data, whole)
    box = region((24, 12, 24 + width - 1, 12 + height - 1), scale)
    _say(study, SequenceOfUltrasoundRegions=Sequence([box]))


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def scale_negative(study: Study, chance: Chance) -> None:
    """PhysicalDeltaX or -Y is negative, as some scanners write it for directions."""
    for area in _regions(study):
        if area.get("PhysicalUnitsXDirection") == 3:
            put(area, PhysicalDeltaX=-abs(float(area.PhysicalDeltaX)))


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def scale_missing(study: Study, chance: Chance) -> None:
    """No regions at all."""
    _say(study, SequenceOfUltrasoundRegions=None)


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def scale_without_units(study: Study, chance: Chance) -> None:
    """Units 0, none."""
    for area in _regions(study):
        put(area, PhysicalUnitsXDirection=0, PhysicalUnitsYDirection=0)


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def scale_in_mm(study: Study, chance: Chance) -> None:
    """Deltas in mm though the units say cm: a heart of half a metre."""
    for area in _regions(study):
        if area.get("PhysicalUnitsXDirection") == 3:
            put(area, PhysicalDeltaX=10 * float(area.PhysicalDeltaX), PhysicalDeltaY=10 * float(area.PhysicalDeltaY))


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def pixel_spacing_beside_the_region(study: Study, chance: Chance) -> None:
    """PixelSpacing that contradicts the region, as converters write 1 mm."""
    _say(study, PixelSpacing=[1, 1])


@mutation("regions", REGION, On.CLIP, excuse=REGION_NOTE)
def region_one_pixel_too_large(study: Study, chance: Chance) -> None:
    """Corners counted from 1: the last column is the width."""
    data = study.cine[0].data
    for area in _regions(study):
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
    for area in _regions(study):
        put(
            area,
            RegionLocationMinX0=corner,
            RegionLocationMinY0=corner,
            RegionLocationMaxX1=corner,
            RegionLocationMaxY1=corner,
        )


@mutation("echo objects", r"single|frame|still|clip|cop(y|ies)|instance", On.CLIP)
def clip_in_single_frames(study: Study, chance: Chance) -> None:
    """Archives that split a loop into objects of one frame, numbered."""
    data = study.cine[0].data
    frames = _grey(study)
    study.images = []
    order = chance.permutation(len(frames))
    for t, frame in enumerate(frames):
        one = renamed(pixels(copy.deepcopy(data), frame), "single", t)
        of_class(one, "1.2.840.10008.5.1.4.1.1.6.1")
        put(one, NumberOfFrames=None, FrameIncrementPointer=None, InstanceNumber=t + 1, **UNTIMED)
        study.images.append(Image(put(one, FrameTime=data.get("FrameTime")), t, 0, f"{order[t]:04d}.dcm"))


@mutation("echo objects", r"single|frame|still|clip|order|instance|number", On.CLIP)
def clip_in_single_frames_without_numbers(study: Study, chance: Chance) -> None:
    """The same, without InstanceNumber; ContentTime runs."""
    step = _step(study)
    clip_in_single_frames(study, chance)
    for image in study.images:
        put(image.data, InstanceNumber=None, ContentTime=clock(36000 + (image.phase or 0) * step / 1000))


@mutation("echo objects", r"still|frame|left out|clip", On.CLIP)
def still_image_beside(study: Study, chance: Chance) -> None:
    """A still with measurements lies beside the clip."""
    data = renamed(pixels(copy.deepcopy(study.cine[0].data), _grey(study)[0]), "still")
    of_class(data, "1.2.840.10008.5.1.4.1.1.6.1")
    put(data, NumberOfFrames=None, SeriesInstanceUID=uid("still"), FrameTime=None, FrameIncrementPointer=None)
    study.images.append(Image(data, name="still.dcm"))


@mutation("echo objects", r"clips?\b", On.CLIP)
def second_clip_beside(study: Study, chance: Chance) -> None:
    """A second clip of another view lies beside it."""
    data = renamed(copy.deepcopy(study.cine[0].data), "second clip")
    pixels(data, _grey(study)[:, ::-1])
    put(data, InstanceNumber=2)
    study.images.append(Image(data, name="second.dcm"))


@mutation("echo objects", r"colou?r|grey", On.CLIP)
def clip_in_colour(study: Study, chance: Chance) -> None:
    """RGB frames, by pixel or by plane."""
    frames = np.repeat(_grey(study)[..., None], 3, -1)
    planes = bool(chance.random() < 0.5)
    data = pixels(study.cine[0].data, frames)
    if planes:
        data.PixelData = np.ascontiguousarray(frames.transpose(0, 3, 1, 2)).tobytes()
    put(data, SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=int(planes))

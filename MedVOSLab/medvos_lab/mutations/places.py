"""Mutations of where the slices lie, and of slices that are missing or there twice."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset

from medvos_lab.mutations.mutation import NO_NOTE, Chance, NotHere, On, mutation
from medvos_lab.mutations.order import TIMED
from medvos_lab.mutations.study import (
    Image,
    Study,
    axes,
    clock,
    copy_of,
    in_series,
    move,
    normal,
    others,
    pixels,
    position,
    put,
)

PLACE = r"position|place|slice|spac|even|orientation"
PLACE_NOTE = r"ImagePosition|ImageOrientation|position|without a place|interpolated|unevenly|resampled onto|breath"
AGAIN = r"again|twice|more than once|repeat|same place|left out|acquired|filmed|series"


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def ends_without_position(study: Study, chance: Chance) -> None:
    """Programs that drop attributes they cannot parse: no position in the images of slices at an end."""
    lost = set(range(int(chance.integers(1, 3))))
    if chance.random() < 0.5:
        lost = {study.slices - 1 - z for z in lost}
    study.each(lambda data, t, z: z not in lost or put(data, ImagePositionPatient=None))


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def ends_without_orientation(study: Study, chance: Chance) -> None:
    """The same of ImageOrientationPatient."""
    lost = int(chance.choice([0, study.slices - 1]))
    study.each(lambda data, t, z: z != lost or put(data, ImageOrientationPatient=None))


@mutation("places", PLACE + "|phase|missing", On.STACK, excuse=PLACE_NOTE)
def some_images_without_position(study: Study, chance: Chance) -> None:
    """No position in a few images."""
    for k in chance.choice(len(study.cine), 3, replace=False):
        put(study.cine[k].data, ImagePositionPatient=None)


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def middle_slice_without_position(study: Study, chance: Chance) -> None:
    """No position in the images of a middle slice."""
    lost = study.slices // 2
    study.each(lambda data, t, z: z != lost or put(data, ImagePositionPatient=None))


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def no_positions(study: Study, chance: Chance) -> None:
    """Anonymisers and converters that keep SliceLocation alone."""
    study.each(lambda data, t, z: put(data, SliceLocation=f"{8.0 * z:.1f}", ImagePositionPatient=None))


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def one_position_for_all(study: Study, chance: Chance) -> None:
    """Scripts that copy one header over a stack; SliceLocation and numbers tell the slices."""
    place = position(study.cine[0].data)
    study.each(lambda data, t, z: put(move(data, place), SliceLocation=f"{8.0 * z:.1f}"))


@mutation("places", PLACE + "|interpol|missing", On.STACK, excuse=PLACE_NOTE)
def middle_slice_missing(study: Study, chance: Chance) -> None:
    """A slice was not copied or not filmed."""
    lost = int(chance.integers(1, study.slices - 1))
    study.images = [image for image in study.images if image.slice != lost]


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def slice_thickness_contradicts(study: Study, chance: Chance) -> None:
    """SliceThickness and SpacingBetweenSlices contradict the positions, as in many real files."""
    study.each(lambda data, t, z: put(data, SliceThickness="6", SpacingBetweenSlices=str(chance.choice([0, 1, 10]))))


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def slice_location_contradicts(study: Study, chance: Chance) -> None:
    """SliceLocation counted backwards, constant or missing."""
    study.each(lambda data, t, z: put(data, SliceLocation=[None, "0", f"{-3 * z}"][int(z) % 3]))


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def positions_rounded(study: Study, chance: Chance) -> None:
    """Positions rounded to 0.1 or 1 mm."""
    digits = int(chance.integers(0, 2))
    study.each(lambda data, t, z: put(data, ImagePositionPatient=[f"{mm:.{digits}f}" for mm in position(data)]))


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def positions_jitter(study: Study, chance: Chance) -> None:
    """Positions of the phases of a slice differ by hundredths of a mm."""
    study.each(lambda data, t, z: move(data, position(data) + chance.normal(0, 0.02, 3)))


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def orientation_rounded(study: Study, chance: Chance) -> None:
    """Direction cosines rounded to two or three digits."""
    digits = int(chance.integers(2, 4))
    study.each(
        lambda data, t, z: put(
            data, ImageOrientationPatient=[f"{float(c):.{digits}f}" for c in data.ImageOrientationPatient]
        )
    )


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def rows_run_upwards(study: Study, chance: Chance) -> None:
    """Images stored upside down with the column direction turned round: the same place in the patient."""
    study.each(lambda data, t, z: _flip(data, rows=True))


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def columns_run_backwards(study: Study, chance: Chance) -> None:
    """Images mirrored with the row direction turned round."""
    study.each(lambda data, t, z: _flip(data, rows=False))


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def one_slice_stored_upside_down(study: Study, chance: Chance) -> None:
    """One slice planned from the other side: stored upside down, its directions say so."""
    turned = int(chance.integers(study.slices))
    study.each(lambda data, t, z: z != turned or _flip(data, rows=True))


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def turned_by_a_right_angle(study: Study, chance: Chance) -> None:
    """Rows stored as columns, with directions to match."""

    def turn(data: Dataset, t: int, z: int) -> None:
        row, column = axes(data)
        pixels(data, data.pixel_array.T)
        put(data, ImageOrientationPatient=[f"{c:.6f}" for c in (*column, *row)], PixelSpacing=data.PixelSpacing[::-1])

    study.each(turn)


def _flip(data: Dataset, rows: bool) -> Dataset:
    row, column = axes(data)
    y, x = (float(mm) for mm in data.PixelSpacing)
    if rows:
        move(data, position(data) + column * y * (data.Rows - 1))
        column = -column
    else:
        move(data, position(data) + row * x * (data.Columns - 1))
        row = -row
    pixels(data, data.pixel_array[::-1] if rows else data.pixel_array[:, ::-1])
    return put(data, ImageOrientationPatient=[f"{c:.6f}" for c in (*row, *column)])


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def slice_filmed_at_another_breath(study: Study, chance: Chance) -> None:
    """One slice lies 2 to 3 mm off along the normal: its position says so."""
    moved, by = int(chance.integers(1, study.slices - 1)), float(chance.choice([-3, -2, 2, 3]))
    study.each(lambda data, t, z: z != moved or move(data, position(data) + by * normal(data)))


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def slice_shifted_in_its_plane(study: Study, chance: Chance) -> None:
    """One slice was planned with another in-plane offset: a shifted image with a shifted position."""
    shifted, by = int(chance.integers(study.slices)), int(chance.integers(2, 6))

    def shift(data: Dataset, t: int, z: int) -> None:
        if z == shifted:
            pixels(data, np.roll(data.pixel_array, -by, 1))
            move(data, position(data) + axes(data)[0] * float(data.PixelSpacing[1]) * by)

    study.each(shift)


@mutation("repeats", AGAIN, On.STACK, excuse=NO_NOTE)
def slice_acquired_twice(study: Study, chance: Chance) -> None:
    """A breath-hold was repeated within the series: AcquisitionNumber 1 is blurred, 2 is good."""
    _again(study, chance, timed=True)


@mutation("repeats", AGAIN, On.STACK, excuse=NO_NOTE)
def slice_acquired_twice_untimed(study: Study, chance: Chance) -> None:
    """The same without trigger times."""
    _again(study, chance, timed=False)


@mutation("repeats", AGAIN, On.STACK, excuse=NO_NOTE)
def slice_acquired_twice_by_time_alone(study: Study, chance: Chance) -> None:
    """The same; AcquisitionNumber is 1 in both, the times of acquisition differ."""
    _again(study, chance, timed=True, numbered=False)


@mutation("repeats", AGAIN, On.STACK, excuse=NO_NOTE)
def slice_repeated_as_a_series(study: Study, chance: Chance) -> None:
    """The repeat is a series of its own of one slice; the failed breath-hold is in the stack's."""
    _again(study, chance, timed=True, series=True)


@mutation("repeats", AGAIN, On.STACK, excuse=NO_NOTE)
def breath_hold_broken_off(study: Study, chance: Chance) -> None:
    """A slice whose first breath-hold broke off after half of the phases and was repeated."""
    _again(study, chance, timed=True, broken=True)


def _again(
    study: Study, chance: Chance, timed: bool, numbered: bool = True, series: bool = False, broken: bool = False
) -> None:
    """Put a blurred, earlier acquisition of one slice before the good one."""
    from scipy import ndimage

    z = int(chance.integers(study.slices))
    good = study.of_slice(z)
    failed = []
    for image in good[: study.phases // 2 if broken else None]:
        data = copy_of(image.data, "failed", image.phase)
        array = ndimage.shift(ndimage.gaussian_filter(data.pixel_array.astype(float), 2), (6, -5), mode="nearest")
        pixels(data, array.astype(data.pixel_array.dtype))
        failed.append(Image(data, name=f"failed{image.phase:03d}.dcm"))
    for image in good:
        data = image.data
        start = 40000 + (0 if timed else 0.01 * (image.phase or 0))
        put(data, AcquisitionNumber=2 if numbered else 1, AcquisitionTime=clock(start), ContentTime=clock(start))
        put(data, InstanceNumber=int(data.InstanceNumber) + 1000, SeriesTime=clock(36000))
        if series:
            put(in_series(data, 66, "repeat"), InstanceNumber=(image.phase or 0) + 1, SeriesTime=clock(start))
    study.images += failed
    if not timed:
        for image in study.images:
            put(image.data, **TIMED)


@mutation("repeats", AGAIN, On.STACK, excuse=r"left out")
def stack_filmed_again(study: Study, chance: Chance) -> None:
    """The stack was filmed a second time, planned 0.4 to 4 mm off along its normal; the second is brighter."""
    offset = float(chance.choice([0.4, 0.9, 1.5, 2.0, 2.7, 3.3, 4.0]))
    for image, _, z in others(study, "SAX again", 96):
        data = image.data
        kind = data.pixel_array.dtype
        pixels(data, (np.roll(data.pixel_array, (2, 3), (0, 1)) * 1.1).astype(kind))
        move(data, position(data) + offset * normal(data))
        put(data, AcquisitionTime=clock(38000 + 20 * z), ContentTime=clock(38000 + 20 * z), SeriesTime=clock(38000))
        study.images.append(image)


@mutation("repeats", AGAIN, On.STACK, excuse=r"left out")
def second_stack_at_stress(study: Study, chance: Chance) -> None:
    """Rest and stress at the same places: the second stack beats faster and ejects more."""
    for image, t, z in others(study, "SAX stress", 97):
        data = image.data
        source = study.of_slice(z)[min(int(1.3 * t), study.phases - 1)].data
        pixels(data, source.pixel_array)
        interval = float(data.get("NominalInterval") or 900)
        put(data, TriggerTime=f"{float(data.TriggerTime) * 0.6:.2f}", NominalInterval=round(interval * 0.6))
        put(
            data,
            HeartRate=round(100_000 / interval),
            NominalCardiacTriggerDelayTime=None,
            SeriesDescription="SAX CINE STRESS",
        )
        put(data, AcquisitionTime=clock(39000 + 20 * z), ContentTime=clock(39000 + 20 * z), SeriesTime=clock(39000))
        study.images.append(image)


@mutation("places", PLACE, On.STACK, excuse=PLACE_NOTE)
def spacing_uneven(study: Study, chance: Chance) -> None:
    """Slices at distances of their own, as planned by hand."""
    if study.slices < 4:
        raise NotHere
    offsets = np.cumsum(chance.uniform(-3, 3, study.slices))
    study.each(lambda data, t, z: move(data, position(data) + offsets[z] * normal(data)))

"""Mutations of what the stored values mean and how large a pixel is."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset

from medvos_lab.mutations.mutation import Chance, NotHere, On, mutation
from medvos_lab.mutations.study import Study, axes, item, move, pixels, position, put

INVERTED = r"MONOCHROME1|invert|polarity|negative|slope|black"
SPACING = r"spacing|pixel|size|mm\b|scale|grid|resampl"
SPACING_NOTE = r"PixelSpacing|pixel size|another in-plane grid|resampled onto|position"


def _inverted(data: Dataset) -> Dataset:
    """Store the complement in 12 bits, or in 8."""
    top = 255 if data.BitsAllocated == 8 else 4095
    array = np.clip(data.pixel_array, 0, top)
    if array.ndim > 2 and array.shape[-1] == 3:
        raise NotHere
    pixels(data, (top - array).astype(np.uint8 if top == 255 else np.uint16))
    return put(data, BitsStored=8 if top == 255 else 12, HighBit=7 if top == 255 else 11, PixelRepresentation=0)


@mutation("polarity", INVERTED, On.STACK, On.CLIP)
def monochrome1(study: Study, chance: Chance) -> None:
    """Copies for printing: MONOCHROME1 and the values inverted."""
    study.each(lambda data, t, z: put(_inverted(data), PhotometricInterpretation="MONOCHROME1"))


@mutation("polarity", INVERTED, On.STACK, On.CLIP)
def monochrome1_and_presentation_inverse(study: Study, chance: Chance) -> None:
    """MONOCHROME1 with the PresentationLUTShape that the standard asks for with it."""
    study.each(
        lambda data, t, z: put(_inverted(data), PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="INVERSE")
    )


@mutation("polarity", INVERTED, On.STACK, On.CLIP)
def presentation_inverse_alone(study: Study, chance: Chance) -> None:
    """Film digitisers: values inverted, MONOCHROME2, PresentationLUTShape INVERSE."""
    study.each(lambda data, t, z: put(_inverted(data), PresentationLUTShape="INVERSE"))


@mutation("polarity", INVERTED, On.STACK)
def monochrome1_in_one_slice(study: Study, chance: Chance) -> None:
    """One slice went through another program that writes MONOCHROME1."""
    turned = int(chance.integers(study.slices))
    study.each(lambda data, t, z: z != turned or put(_inverted(data), PhotometricInterpretation="MONOCHROME1"))


@mutation("polarity", INVERTED, On.STACK)
def rescale_negative(study: Study, chance: Chance) -> None:
    """Values stored inverted, with slope -1 and the intercept that turns them back."""
    study.each(lambda data, t, z: put(_inverted(data), RescaleSlope="-1", RescaleIntercept="4095", RescaleType="US"))


@mutation("polarity", INVERTED, On.STACK)
def rescale_of_each_image(study: Study, chance: Chance) -> None:
    """Philips scales each image by itself and says so."""

    def scale(data: Dataset, t: int, z: int) -> None:
        slope = float(chance.uniform(0.5, 1.0))
        array = data.pixel_array / slope
        pixels(data, np.clip(np.rint(array), 0, 32767).astype(data.pixel_array.dtype))
        put(data, RescaleSlope=f"{slope:.6f}", RescaleIntercept="0", BitsStored=16, HighBit=15)

    study.each(scale)


@mutation("polarity", INVERTED + "|bit|overlay", On.STACK)
def overlay_in_unused_bits(study: Study, chance: Chance) -> None:
    """Old scanners keep an overlay in the bits above BitsStored."""

    def overlay(data: Dataset, t: int, z: int) -> None:
        array = np.clip(data.pixel_array, 0, 4095).astype(np.uint16)
        array[5:20, 5:30] |= 0x1000
        put(pixels(data, array), BitsStored=12, HighBit=11, PixelRepresentation=0)

    study.each(overlay)


@mutation("polarity", INVERTED + "|bit", On.STACK)
def values_in_high_bits(study: Study, chance: Chance) -> None:
    """12 bits stored at the upper end: HighBit 15."""

    def lift(data: Dataset, t: int, z: int) -> None:
        array = np.clip(data.pixel_array, 0, 4095).astype(np.uint16) << 4
        put(pixels(data, array), BitsStored=12, HighBit=15, PixelRepresentation=0)

    study.each(lift)


@mutation("polarity", INVERTED + "|lookup|LUT|window", On.STACK)
def window_that_inverts(study: Study, chance: Chance) -> None:
    """A VOI table that turns the greys, or a window: no matter for the values."""
    study.each(lambda data, t, z: put(data, WindowCenter="600", WindowWidth="1", VOILUTFunction="LINEAR"))


@mutation("polarity", INVERTED + "|colou?r|grey", On.STACK)
def grey_as_rgb(study: Study, chance: Chance) -> None:
    """Secondary captures of each image in colour, with position and times kept."""

    def colour(data: Dataset, t: int, z: int) -> None:
        array = np.clip(data.pixel_array / 5, 0, 255).astype(np.uint8)
        pixels(data, np.repeat(array[..., None], 3, -1))
        put(data, SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0, BitsAllocated=8)
        put(data, BitsStored=8, HighBit=7, PixelRepresentation=0, RescaleSlope=None, RescaleIntercept=None)

    study.each(colour)


@mutation("geometry", SPACING, On.STACK, excuse=SPACING_NOTE)
def spacing_missing(study: Study, chance: Chance) -> None:
    """No PixelSpacing."""
    study.each(lambda data, t, z: put(data, PixelSpacing=None))


@mutation("geometry", SPACING, On.STACK, excuse=SPACING_NOTE)
def imager_spacing_alone(study: Study, chance: Chance) -> None:
    """Converters that write ImagerPixelSpacing, of projection radiography, or NominalScannedPixelSpacing."""
    keyword = str(chance.choice(["ImagerPixelSpacing", "NominalScannedPixelSpacing"]))
    study.each(lambda data, t, z: put(data, **{keyword: list(data.PixelSpacing), "PixelSpacing": None}))


@mutation("geometry", SPACING, On.STACK, excuse=SPACING_NOTE)
def spacing_missing_in_one_slice(study: Study, chance: Chance) -> None:
    """No PixelSpacing in one slice at an end."""
    lost = int(chance.choice([0, study.slices - 1]))
    study.each(lambda data, t, z: z != lost or put(data, PixelSpacing=None))


@mutation("geometry", SPACING, On.STACK, excuse=SPACING_NOTE)
def spacing_differs_in_one_slice(study: Study, chance: Chance) -> None:
    """PixelSpacing of one slice typed in wrongly: another size of the same heart."""
    wrong = int(chance.integers(study.slices))
    study.each(lambda data, t, z: z != wrong or put(data, PixelSpacing=[2 * float(mm) for mm in data.PixelSpacing]))


@mutation("geometry", SPACING, On.STACK, excuse=SPACING_NOTE)
def spacing_rounded(study: Study, chance: Chance) -> None:
    """PixelSpacing with two digits after the point."""
    study.each(lambda data, t, z: put(data, PixelSpacing=[f"{float(mm):.2f}" for mm in data.PixelSpacing]))


@mutation("geometry", SPACING, On.STACK, excuse=SPACING_NOTE)
def twice_as_many_columns(study: Study, chance: Chance) -> None:
    """Interpolated along rows: columns twice, half as wide, and PixelSpacing says so."""

    def widen(data: Dataset, t: int, z: int) -> None:
        row, (y, x) = axes(data)[0], (float(mm) for mm in data.PixelSpacing)
        pixels(data, data.pixel_array.repeat(2, 1))
        move(put(data, PixelSpacing=[f"{y:.6f}", f"{x / 2:.6f}"]), position(data) - row * x / 4)

    study.each(widen)


@mutation("geometry", SPACING, On.STACK, excuse=SPACING_NOTE)
def one_slice_interpolated(study: Study, chance: Chance) -> None:
    """One slice was interpolated to twice the matrix."""
    finer = int(chance.integers(study.slices))

    def refine(data: Dataset, t: int, z: int) -> None:
        if z == finer:
            (row, column), (y, x) = axes(data), (float(mm) for mm in data.PixelSpacing)
            pixels(data, data.pixel_array.repeat(2, 0).repeat(2, 1))
            put(data, PixelSpacing=[f"{y / 2:.6f}", f"{x / 2:.6f}"])
            move(data, position(data) - row * x / 4 - column * y / 4)

    study.each(refine)


@mutation("geometry", SPACING, On.STACK, excuse=SPACING_NOTE)
def field_of_view_larger_in_one_slice(study: Study, chance: Chance) -> None:
    """One slice has a margin of black columns and rows around it, and its position says so."""
    wider = int(chance.integers(study.slices))

    def pad(data: Dataset, t: int, z: int) -> None:
        if z == wider:
            (row, column), (y, x) = axes(data), (float(mm) for mm in data.PixelSpacing)
            pixels(data, np.pad(data.pixel_array, 8))
            move(data, position(data) - row * x * 8 - column * y * 8)

    study.each(pad)


@mutation("geometry", SPACING + "|rotate|turn", On.STACK, excuse=SPACING_NOTE)
def rows_and_columns_of_one_image_swapped(study: Study, chance: Chance) -> None:
    """Frames of another size among the others: an image cut to fewer rows."""
    k = int(chance.integers(len(study.cine)))
    data = study.cine[k].data
    pixels(data, data.pixel_array[:-6])


@mutation("geometry", SPACING, On.STACK, excuse=SPACING_NOTE)
def aspect_ratio_alone(study: Study, chance: Chance) -> None:
    """No PixelSpacing but a PixelAspectRatio."""
    study.each(lambda data, t, z: put(data, PixelSpacing=None, PixelAspectRatio=[1, 1]))


@mutation("geometry", SPACING, On.STACK, excuse=SPACING_NOTE)
def spacing_of_the_console(study: Study, chance: Chance) -> None:
    """Private or calibrated: PixelSpacingCalibrationType stated beside a right PixelSpacing."""
    study.each(lambda data, t, z: put(data, PixelSpacingCalibrationType="GEOMETRY", ImagerPixelSpacing=[0.5, 0.5]))
    study.each(
        lambda data, t, z: put(data, ModalityLUTSequence=None, SourceImageSequence=item(ReferencedSOPClassUID="1.2"))
    )

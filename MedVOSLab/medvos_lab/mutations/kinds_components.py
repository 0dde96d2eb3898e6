"""Mutations that add what a scanner makes of the cine itself: velocities, components, echoes, maps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos_lab.mutations.kinds import KIND, beside, stored
from medvos_lab.mutations.mutation import NO_NOTE, Chance, On, mutation
from medvos_lab.mutations.study import Image, Study, copy_of, in_series, others, pixels, put


def _velocity(array: NDArray, chance: Chance) -> NDArray:
    """Values about the middle of the range: noise where there is no signal, little where there is."""
    noise = chance.normal(0, 900, array.shape) * (array < np.percentile(array, 30))
    return 2048 + noise + 0.3 * (array - array.mean())


def _type(study: Study, *values: str) -> None:
    study.each(lambda data, t, z: put(data, ImageType=["ORIGINAL", "PRIMARY", *values]))


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def phase_images_siemens(study: Study, chance: Chance) -> None:
    """Siemens keeps the phase of a cine: ImageType P, in a series of its own or in the cine's."""
    _type(study, "M", "RETRO", "NORM", "DIS2D")
    tags: dict[str, Any] = {"ImageType": ["ORIGINAL", "PRIMARY", "P", "RETRO", "DIS2D"]}
    beside(study, lambda a, t, z: _velocity(a, chance), bool(chance.random() < 0.5), **tags)


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def phase_images_philips(study: Study, chance: Chance) -> None:
    """Philips: ImageType ...\\PHASE MAP\\P\\FFE or VELOCITY MAP\\PCA in the series of the magnitude."""
    study.each(lambda data, t, z: put(data, Manufacturer="Philips Medical Systems"))
    _type(study, "M_FFE", "M", "FFE")
    words = [["PHASE MAP", "P", "FFE"], ["VELOCITY MAP", "P", "PCA"], ["P_FFE", "P", "FFE"]][int(chance.integers(3))]
    tags: dict[str, Any] = {"ImageType": ["ORIGINAL", "PRIMARY", *words]}
    beside(study, lambda a, t, z: _velocity(a, chance), True, **tags)


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def components_philips(study: Study, chance: Chance) -> None:
    """Philips with M, R, I and P of each image in one series."""
    study.each(lambda data, t, z: put(data, Manufacturer="Philips", InstanceNumber=4 * int(data.InstanceNumber)))
    _type(study, "M_FFE", "M", "FFE")
    for letter in "RIP":
        tags: dict[str, Any] = {"ImageType": ["ORIGINAL", "PRIMARY", f"{letter}_FFE", letter, "FFE"]}
        beside(study, lambda a, t, z: _velocity(a, chance), True, ord(letter), **tags)


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def components_by_complex_image_component(study: Study, chance: Chance) -> None:
    """ComplexImageComponent in classic objects split from enhanced ones; ImageType is the same."""
    component = str(chance.choice(["PHASE", "REAL", "IMAGINARY"]))
    study.each(lambda data, t, z: put(data, ComplexImageComponent="MAGNITUDE"))
    beside(study, lambda a, t, z: _velocity(a, chance), True, ComplexImageComponent=component)


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def velocity_series_ge(study: Study, chance: Chance) -> None:
    """GE: the velocity images of a flow cine are a series of the same description, told by signed pixels alone."""
    study.each(lambda data, t, z: put(data, Manufacturer="GE MEDICAL SYSTEMS"))
    for image, *_ in others(study, "flow", 51):
        array = _velocity(image.data.pixel_array.astype(float), chance) - 2048
        pixels(put(image.data, PixelRepresentation=1, BitsStored=16, HighBit=15), array.astype(np.int16))
        put(image.data, ImageType=["DERIVED", "PRIMARY", "OTHER"], SeriesDescription="Phase:FastCine PC")
        put(image.data, SequenceVariant="NONE", ScanningSequence=["GR", "PC"], AngioFlag="Y")
        study.images.append(image)


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def flow_cine_at_one_place(study: Study, chance: Chance) -> None:
    """A flow measurement (magnitude and velocity) parallel to the stack at the place of one slice, more phases."""
    z = int(chance.integers(study.slices))
    phases = study.phases + 10
    period = float(study.cine[0].data.get("NominalInterval") or 900)
    for letter, series in (("M", 61), ("P", 62)):
        for t in range(phases):
            data = copy_of(study.of_slice(z)[t % study.phases].data, "flow", letter, t)
            array = data.pixel_array.astype(float)
            stored(data, _velocity(array, chance) if letter == "P" else 0.4 * array + 50 * chance.random(array.shape))
            put(in_series(data, series, "flow", letter), InstanceNumber=t + 1)
            put(
                data,
                SeriesDescription="fl2d_pc_retro AAo" + ("_P" if letter == "P" else ""),
                SequenceName="*fl2d1_v150in",
            )
            put(
                data,
                ImageType=["ORIGINAL", "PRIMARY", letter, "RETRO", "DIS2D"],
                TriggerTime=f"{t * period / phases:.1f}",
            )
            put(data, NominalCardiacTriggerDelayTime=None, CardiacNumberOfImages=phases, FlipAngle="20", EchoTime="2.5")
            study.images.append(Image(data, name=f"flow{letter}/{t:03d}.dcm"))


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def second_echo(study: Study, chance: Chance) -> None:
    """A cine of two echoes in one series, told by EchoNumbers and EchoTime."""
    study.each(lambda data, t, z: put(data, EchoNumbers=1, EchoTime="1.5"))
    beside(study, lambda a, t, z: 0.3 * a + 40 * chance.random(a.shape), True, EchoNumbers=2, EchoTime="9.2")


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def water_and_fat(study: Study, chance: Chance) -> None:
    """Dixon cine: water is the image, fat beside it in the series."""
    letters = [("W", "F"), ("WATER", "FAT")][int(chance.integers(2))]
    _type(study, "DIXON", letters[0])
    tags: dict[str, Any] = {"ImageType": ["DERIVED", "PRIMARY", "DIXON", letters[1]]}
    beside(study, lambda a, t, z: np.percentile(a, 98) - a, True, **tags)


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def subtraction_beside(study: Study, chance: Chance) -> None:
    """A derived series (subtraction, filter, map) at all places and phases of the cine."""
    tags: dict[str, Any] = {
        "ImageType": ["DERIVED", "SECONDARY", "SUB"],
        "SeriesDescription": "SUB SAX",
        "DerivationDescription": "SUB",
    }
    beside(study, lambda a, t, z: np.abs(a - np.roll(a, 3, 1)), False, **tags)

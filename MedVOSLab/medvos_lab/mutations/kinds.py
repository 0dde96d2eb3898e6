"""Mutations that add other kinds of images at the places of the cine, as protocols and scanners make them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from medvos_lab.mutations.mutation import NO_NOTE, On, mutation
from medvos_lab.mutations.study import Image, Study, clock, of_class, others, pixels, put, renamed, uid

KIND = (
    r"left out|phase|velocity|real|imaginary|component|magnitude|perfusion|map|derived|echo|water|fat|series|kind|"
    r"one phase|localiser|contrast"
)
Chance = np.random.Generator
Change = Callable[[NDArray, int, int], NDArray]


def _as(data: Dataset, array: NDArray) -> Dataset:
    """Store what lies in the range of the image's own type."""
    kind = np.int16 if data.PixelRepresentation else np.uint16
    return pixels(data, np.clip(np.rint(array), 0, 4095).astype(kind))


def _velocity(array: NDArray, chance: Chance) -> NDArray:
    """Values about the middle of the range: noise where there is no signal, little where there is."""
    noise = chance.normal(0, 900, array.shape) * (array < np.percentile(array, 30))
    return 2048 + noise + 0.3 * (array - array.mean())


def _beside(study: Study, chance: Chance, change: Change, same_series: bool, series: int = 41, **tags: Any) -> None:
    """Add an image of another kind for each image of the cine, in its series or in one of its own."""
    count = len(study.cine)
    for image, t, z in others(study, "beside", series, chance):
        original = next(p for p in study.cine if (p.phase, p.slice) == (t, z)).data
        _as(image.data, change(original.pixel_array.astype(float), t, z))
        put(image.data, **tags)
        if same_series:
            put(image.data, SeriesInstanceUID=original.SeriesInstanceUID, SeriesNumber=original.SeriesNumber)
            put(image.data, InstanceNumber=int(original.InstanceNumber) + count)
        study.images.append(image)


def _type(study: Study, *values: str) -> None:
    study.each(lambda data, t, z: put(data, ImageType=["ORIGINAL", "PRIMARY", *values]))


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def phase_images_siemens(study: Study, chance: Chance) -> None:
    """Siemens keeps the phase of a cine: ImageType P, in a series of its own or in the cine's."""
    _type(study, "M", "RETRO", "NORM", "DIS2D")
    tags: dict[str, Any] = {"ImageType": ["ORIGINAL", "PRIMARY", "P", "RETRO", "DIS2D"]}
    _beside(study, chance, lambda a, t, z: _velocity(a, chance), bool(chance.random() < 0.5), **tags)


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def phase_images_philips(study: Study, chance: Chance) -> None:
    """Philips: ImageType ...\\PHASE MAP\\P\\FFE or VELOCITY MAP\\PCA in the series of the magnitude."""
    study.each(lambda data, t, z: put(data, Manufacturer="Philips Medical Systems"))
    _type(study, "M_FFE", "M", "FFE")
    words = [["PHASE MAP", "P", "FFE"], ["VELOCITY MAP", "P", "PCA"], ["P_FFE", "P", "FFE"]][int(chance.integers(3))]
    tags: dict[str, Any] = {"ImageType": ["ORIGINAL", "PRIMARY", *words]}
    _beside(study, chance, lambda a, t, z: _velocity(a, chance), True, **tags)


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def components_philips(study: Study, chance: Chance) -> None:
    """Philips with M, R, I and P of each image in one series."""
    study.each(lambda data, t, z: put(data, Manufacturer="Philips", InstanceNumber=4 * int(data.InstanceNumber)))
    _type(study, "M_FFE", "M", "FFE")
    for letter in "RIP":
        tags: dict[str, Any] = {"ImageType": ["ORIGINAL", "PRIMARY", f"{letter}_FFE", letter, "FFE"]}
        _beside(study, chance, lambda a, t, z: _velocity(a, chance), True, ord(letter), **tags)


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def components_by_complex_image_component(study: Study, chance: Chance) -> None:
    """ComplexImageComponent in classic objects split from enhanced ones; ImageType is the same."""
    component = str(chance.choice(["PHASE", "REAL", "IMAGINARY"]))
    study.each(lambda data, t, z: put(data, ComplexImageComponent="MAGNITUDE"))
    _beside(study, chance, lambda a, t, z: _velocity(a, chance), True, ComplexImageComponent=component)


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def velocity_series_ge(study: Study, chance: Chance) -> None:
    """GE: the velocity images of a flow cine are a series of the same description, told by signed pixels alone."""
    study.each(lambda data, t, z: put(data, Manufacturer="GE MEDICAL SYSTEMS"))
    for image, _t, _z in others(study, "flow", 51, chance):
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
            data = renamed(copy.deepcopy(study.of_slice(z)[t % study.phases].data), "flow", letter, t)
            array = data.pixel_array.astype(float)
            _as(data, _velocity(array, chance) if letter == "P" else 0.4 * array + 50 * chance.random(array.shape))
            put(data, SeriesInstanceUID=uid("flow", letter), SeriesNumber=series, InstanceNumber=t + 1)
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
    _beside(study, chance, lambda a, t, z: 0.3 * a + 40 * chance.random(a.shape), True, EchoNumbers=2, EchoTime="9.2")


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def water_and_fat(study: Study, chance: Chance) -> None:
    """Dixon cine: water is the image, fat beside it in the series."""
    letters = [("W", "F"), ("WATER", "FAT")][int(chance.integers(2))]
    _type(study, "DIXON", letters[0])
    tags: dict[str, Any] = {"ImageType": ["DERIVED", "PRIMARY", "DIXON", letters[1]]}
    _beside(study, chance, lambda a, t, z: np.percentile(a, 98) - a, True, **tags)


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def subtraction_beside(study: Study, chance: Chance) -> None:
    """A derived series (subtraction, filter, map) at all places and phases of the cine."""
    tags: dict[str, Any] = {
        "ImageType": ["DERIVED", "SECONDARY", "SUB"],
        "SeriesDescription": "SUB SAX",
        "DerivationDescription": "SUB",
    }
    _beside(study, chance, lambda a, t, z: np.abs(a - np.roll(a, 3, 1)), False, **tags)


def _over_beats(study: Study, chance: Chance, count: int, contrast: Callable[[int], float], **tags: object) -> None:
    """Add one moment of ``count`` beats at some places of the cine."""
    places = sorted(chance.choice(study.slices, min(3, study.slices), replace=False))
    number = 0
    for j, z in enumerate(places):
        for i in range(count):
            number += 1
            data = renamed(
                copy.deepcopy(study.of_slice(int(z))[study.phases // 2].data),
                "beats",
                tags.get("SeriesDescription"),
                i,
                z,
            )
            _as(data, data.pixel_array.astype(float) * contrast(i))
            put(data, SeriesInstanceUID=uid("beats", tags.get("SeriesDescription")), SeriesNumber=71)
            put(data, InstanceNumber=number, AcquisitionNumber=i + 1, CardiacNumberOfImages=1)
            put(data, TriggerTime=f"{100 + 200 * j}", NominalCardiacTriggerDelayTime=None)
            put(data, AcquisitionTime=clock(37000 + 0.9 * i + 0.2 * j), ContentTime=clock(37000 + 0.9 * i + 0.2 * j))
            study.images.append(Image(put(data, **tags), name=f"beats/{number:04d}.dcm"))


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def perfusion(study: Study, chance: Chance) -> None:
    """First-pass perfusion at the cine's places: 25 to 60 beats."""
    count = int(chance.integers(25, 61))
    tags: dict[str, Any] = {
        "SequenceName": "*tfl2d1_36",
        "SeriesDescription": "SA_TFL_SR_dynamic",
        "NominalInterval": None,
    }
    _over_beats(study, chance, count, lambda i: 0.1 + 0.9 * np.exp(-((i - count / 3) ** 2) / 40), **tags)


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def perfusion_with_running_trigger_times(study: Study, chance: Chance) -> None:
    """The same, in which the trigger time differs by a few ms from beat to beat."""
    before = len(study.images)
    perfusion(study, chance)
    for image in study.images[before:]:
        put(image.data, TriggerTime=f"{float(image.data.TriggerTime) + chance.uniform(0, 40):.1f}")


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def molli(study: Study, chance: Chance) -> None:
    """MOLLI at the cine's places: eight or eleven inversion times."""
    count = int(chance.choice([8, 11]))
    tags: dict[str, Any] = {"SequenceName": "*tfi2d1_84", "SeriesDescription": "MOLLI_5(3)3"}
    before = len(study.images)
    _over_beats(study, chance, count, lambda i: abs(1 - 1.9 * np.exp(-i / 2)), **tags)
    for k, image in enumerate(study.images[before:]):
        put(image.data, InversionTime=f"{100 + 930 * (k % count)}")


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def t2_preparations(study: Study, chance: Chance) -> None:
    """T2 mapping: three to five preparations."""
    count = int(chance.integers(3, 6))
    tags: dict[str, Any] = {"SeriesDescription": "T2map_FLASH", "SequenceName": "*tfl2d1_88"}
    before = len(study.images)
    _over_beats(study, chance, count, lambda i: float(np.exp(-i / 2)), **tags)
    for k, image in enumerate(study.images[before:]):
        put(image.data, EchoTime=f"{25 * (k % count) + 1.2:.1f}")


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def t2_star(study: Study, chance: Chance) -> None:
    """T2*: eight echoes of one moment at one place, in the series' own order."""
    before = len(study.images)
    _over_beats(study, chance, 8, lambda i: float(np.exp(-i / 5)), SeriesDescription="T2star", SequenceName="*fl2d8")
    for k, image in enumerate(study.images[before:]):
        put(image.data, EchoTime=f"{1.2 + 2.1 * (k % 8):.2f}", EchoNumbers=k % 8 + 1, AcquisitionNumber=1)


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def late_enhancement(study: Study, chance: Chance) -> None:
    """LGE: one magnitude and one PSIR image at every place."""
    for letter, series in (("MAG", 81), ("PSIR", 82)):
        for z in range(study.slices):
            data = renamed(copy.deepcopy(study.of_slice(z)[study.phases // 2].data), letter, z)
            _as(data, np.percentile(data.pixel_array, 99) - data.pixel_array.astype(float))
            put(data, SeriesInstanceUID=uid(letter), SeriesNumber=series, InstanceNumber=z + 1, TriggerTime="650")
            put(data, SeriesDescription=f"PSIR_TFI_{letter}", CardiacNumberOfImages=1, InversionTime="300")
            put(data, NominalCardiacTriggerDelayTime=None, SequenceName="*tfi2d1_33")
            study.images.append(Image(data, name=f"{letter}/{z:03d}.dcm"))


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def late_enhancement_in_one_series(study: Study, chance: Chance) -> None:
    """LGE whose magnitude and phase-sensitive images lie in one series: two images at each place."""
    late_enhancement(study, chance)
    for image in study.images:
        if image.name.startswith(("MAG", "PSIR")):
            put(image.data, SeriesInstanceUID=uid("lge"), SeriesNumber=81, AcquisitionNumber=1)


@mutation("kinds", KIND + "|orientation", On.STACK, excuse=NO_NOTE)
def localiser(study: Study, chance: Chance) -> None:
    """A localiser: single images of three orientations."""
    for k, orientation in enumerate(([1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, -1], [0, 1, 0, 0, 0, -1])):
        for n in range(5):
            data = renamed(copy.deepcopy(study.cine[0].data), "localiser", k, n)
            put(
                data,
                SeriesInstanceUID=uid("localiser"),
                SeriesNumber=1,
                SeriesDescription="localizer",
                TriggerTime=None,
            )
            put(data, ImageOrientationPatient=orientation, ImagePositionPatient=[-100 + n, -100 + n, 100 + n])
            put(data, InstanceNumber=5 * k + n + 1, NominalCardiacTriggerDelayTime=None)
            study.images.append(Image(data, name=f"localiser/{k}{n}.dcm"))


@mutation("kinds", KIND + "|orientation", On.STACK, excuse=NO_NOTE)
def long_axis_cine(study: Study, chance: Chance) -> None:
    """A four-chamber cine beside the stack."""
    row, column = np.array(study.cine[0].data.ImageOrientationPatient, float).reshape(2, 3)
    axis = np.cross(row, column)
    for image in study.of_slice(0):
        data = renamed(copy.deepcopy(image.data), "long", image.phase)
        put(data, SeriesInstanceUID=uid("long"), SeriesNumber=91, SeriesDescription="CINE 4CH")
        put(
            data,
            ImageOrientationPatient=[f"{part:.6f}" for part in (*row, *axis)],
            InstanceNumber=(image.phase or 0) + 1,
        )
        study.images.append(Image(data, name=f"long/{image.phase:03d}.dcm"))


@mutation("kinds", KIND + "|again|twice|same place", On.STACK, excuse=NO_NOTE)
def tagged_cine(study: Study, chance: Chance) -> None:
    """A tagged cine at three of the places: a grid over the same heart, fading over the beat."""
    y, x = np.mgrid[: study.cine[0].data.Rows, : study.cine[0].data.Columns]
    grid = ((y + x) % 6 < 2) | ((y - x) % 6 < 2)
    for z in range(min(3, study.slices)):
        for image in study.of_slice(z):
            t = image.phase or 0
            data = renamed(copy.deepcopy(image.data), "tag", t, z)
            _as(data, data.pixel_array * (1 - grid * np.exp(-t / study.phases)))
            put(
                data,
                SeriesInstanceUID=uid("tag"),
                SeriesNumber=95,
                SeriesDescription="SA tagging",
                InstanceNumber=z * study.phases + t + 1,
            )
            put(data, SequenceName="*fl2d1_tag", SequenceVariant=["SP", "MP"], FlipAngle="10", ScanOptions="TAG")
            study.images.append(Image(data, name=f"tag/{z}{t:03d}.dcm"))


@mutation("kinds", KIND + "|again|twice|same place|protocol", On.STACK, excuse=r"left out.*(SAX CINE|trufi|series)")
def gradient_echo_cine_beside(study: Study, chance: Chance) -> None:
    """The same stack as spoiled gradient echo, after contrast: a second plausible cine."""
    tags: dict[str, Any] = {
        "SeriesDescription": "SAX FLASH cine",
        "SequenceName": "*fl2d1",
        "SequenceVariant": "SP",
        "FlipAngle": "15",
    }
    _beside(study, chance, lambda a, t, z: 0.6 * a + 60 + 30 * chance.random(a.shape), False, **tags)


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def screenshots(study: Study, chance: Chance) -> None:
    """Screenshots of the viewer in the study: secondary captures without a position."""
    for k in range(3):
        data = renamed(copy.deepcopy(study.cine[k].data), "screen", k)
        of_class(data, "1.2.840.10008.5.1.4.1.1.7")
        put(data, ImagePositionPatient=None, ImageOrientationPatient=None, PixelSpacing=None, TriggerTime=None)
        put(data, SeriesInstanceUID=uid("screen"), SeriesNumber=999, ImageType=["DERIVED", "SECONDARY"], Modality="OT")
        study.images.append(Image(data, name=f"screen/{k}.dcm"))

"""Mutations that add images of other protocols: late enhancement, localisers, other cines, screenshots."""

from __future__ import annotations

from typing import Any

import numpy as np

from medvos_lab.mutations.kinds import KIND, beside, stored
from medvos_lab.mutations.mutation import NO_NOTE, Chance, On, mutation
from medvos_lab.mutations.study import Image, Study, axes, copy_of, in_series, normal, of_class, put


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def late_enhancement(study: Study, chance: Chance) -> None:
    """LGE: one magnitude and one PSIR image at every place."""
    for letter, series in (("MAG", 81), ("PSIR", 82)):
        for z in range(study.slices):
            data = copy_of(study.of_slice(z)[study.phases // 2].data, letter, z)
            stored(data, np.percentile(data.pixel_array, 99) - data.pixel_array.astype(float))
            put(in_series(data, series, letter), InstanceNumber=z + 1, TriggerTime="650")
            put(data, SeriesDescription=f"PSIR_TFI_{letter}", CardiacNumberOfImages=1, InversionTime="300")
            put(data, NominalCardiacTriggerDelayTime=None, SequenceName="*tfi2d1_33")
            study.images.append(Image(data, name=f"{letter}/{z:03d}.dcm"))


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def late_enhancement_in_one_series(study: Study, chance: Chance) -> None:
    """LGE whose magnitude and phase-sensitive images lie in one series: two images at each place."""
    late_enhancement(study, chance)
    for image in study.images:
        if image.name.startswith(("MAG", "PSIR")):
            put(in_series(image.data, 81, "lge"), AcquisitionNumber=1)


@mutation("kinds", KIND + "|orientation", On.STACK, excuse=NO_NOTE)
def localiser(study: Study, chance: Chance) -> None:
    """A localiser: single images of three orientations."""
    for k, orientation in enumerate(([1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, -1], [0, 1, 0, 0, 0, -1])):
        for n in range(5):
            data = copy_of(study.cine[0].data, "localiser", k, n)
            put(in_series(data, 1, "localiser"), SeriesDescription="localizer", TriggerTime=None)
            put(data, ImageOrientationPatient=orientation, ImagePositionPatient=[-100 + n, -100 + n, 100 + n])
            put(data, InstanceNumber=5 * k + n + 1, NominalCardiacTriggerDelayTime=None)
            study.images.append(Image(data, name=f"localiser/{k}{n}.dcm"))


@mutation("kinds", KIND + "|orientation", On.STACK, excuse=NO_NOTE)
def long_axis_cine(study: Study, chance: Chance) -> None:
    """A four-chamber cine beside the stack."""
    first = study.cine[0].data
    along_row_and_heart = [f"{part:.6f}" for part in (*axes(first)[0], *normal(first))]
    for image in study.of_slice(0):
        data = copy_of(image.data, "long", image.phase)
        put(in_series(data, 91, "long"), SeriesDescription="CINE 4CH")
        put(data, ImageOrientationPatient=along_row_and_heart, InstanceNumber=(image.phase or 0) + 1)
        study.images.append(Image(data, name=f"long/{image.phase:03d}.dcm"))


@mutation("kinds", KIND + "|again|twice|same place", On.STACK, excuse=NO_NOTE)
def tagged_cine(study: Study, chance: Chance) -> None:
    """A tagged cine at three of the places: a grid over the same heart, fading over the beat."""
    y, x = np.mgrid[: study.cine[0].data.Rows, : study.cine[0].data.Columns]
    grid = ((y + x) % 6 < 2) | ((y - x) % 6 < 2)
    for z in range(min(3, study.slices)):
        for image in study.of_slice(z):
            t = image.phase or 0
            data = copy_of(image.data, "tag", t, z)
            stored(data, data.pixel_array * (1 - grid * np.exp(-t / study.phases)))
            put(in_series(data, 95, "tag"), SeriesDescription="SA tagging", InstanceNumber=z * study.phases + t + 1)
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
    beside(study, lambda a, t, z: 0.6 * a + 60 + 30 * chance.random(a.shape), False, **tags)


@mutation("kinds", KIND, On.STACK, excuse=NO_NOTE)
def screenshots(study: Study, chance: Chance) -> None:
    """Screenshots of the viewer in the study: secondary captures without a position."""
    for k in range(3):
        data = copy_of(study.cine[k].data, "screen", k)
        of_class(data, "1.2.840.10008.5.1.4.1.1.7")
        put(data, ImagePositionPatient=None, ImageOrientationPatient=None, PixelSpacing=None, TriggerTime=None)
        put(in_series(data, 999, "screen"), ImageType=["DERIVED", "SECONDARY"], Modality="OT")
        study.images.append(Image(data, name=f"screen/{k}.dcm"))

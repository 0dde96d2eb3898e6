"""Mutations that add one moment of many beats at places of the cine: perfusion and the maps of relaxation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from medvos_lab.mutations.kinds import KIND, stored
from medvos_lab.mutations.mutation import NO_NOTE, Chance, On, mutation
from medvos_lab.mutations.study import Image, Study, clock, copy_of, in_series, put


def _over_beats(study: Study, chance: Chance, count: int, contrast: Callable[[int], float], **tags: object) -> None:
    """Add one moment of ``count`` beats at some places of the cine."""
    places = sorted(chance.choice(study.slices, min(3, study.slices), replace=False))
    number = 0
    for j, z in enumerate(places):
        for i in range(count):
            number += 1
            data = copy_of(study.of_slice(int(z))[study.phases // 2].data, "beats", tags.get("SeriesDescription"), i, z)
            stored(data, data.pixel_array.astype(float) * contrast(i))
            in_series(data, 71, "beats", tags.get("SeriesDescription"))
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

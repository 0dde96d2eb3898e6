"""Single structures of the validation cases, each drawn at ED and judged at ES: CAMUS's pairs and ACDC's beats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.evaluate.metrics import boundary_f, dice, jaccard
from medvos.structures import LV, MYO, RV, name_of
from medvos_lab.bench.drawn import Drawn
from medvos_lab.datasets.acdc_beats import Beat, acdc_beats
from medvos_lab.datasets.camus import NUMBERS, CamusStudy, camus_studies

ACDC_STRUCTURES = (LV, MYO, RV)
FRAME_RATE = 30.0  # a second, of a usual cine; the files do not say it


@dataclass(frozen=True)
class DrawnStructure:
    """One structure of one slice.

    Attributes
    ----------
    name: of data set and structure, ``CAMUS LA``.
    label: of the structure.
    frames: (T, Y, X) uint8 from ED to ES.
    masks: (2, Y, X) bool, at ED and ES.
    pixel: (y, x) in mm.
    """

    name: str
    label: int
    frames: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    pixel: tuple[float, float]


def validation_structures(data: Path | None, cases: int | None = None) -> list[DrawnStructure]:
    """Return the structures of CAMUS's validation studies and ACDC's validation patients, the first ``cases`` of each.

    Raises
    ------
    InputError: the data are not there.
    """
    of_studies = [each for study in islice(camus_studies(data), cases) for each in structures_of_study(study)]
    return of_studies + [each for beat in islice(acdc_beats(data), cases) for each in structures_of_beat(beat)]


def structures_of_study(study: CamusStudy) -> Iterator[DrawnStructure]:
    """Yield the structures of a study, which has no frames between ED and ES."""
    for label in NUMBERS.values():
        masks = study.labels == label
        if masks.any((1, 2)).all():
            yield DrawnStructure(f"CAMUS {name_of(label)}", label, study.images, masks, (study.pixel, study.pixel))


def structures_of_beat(beat: Beat) -> Iterator[DrawnStructure]:
    """Yield the structures of every slice of a beat's crop, where labelled at ED and ES, with all frames of systole."""
    systole = [(beat.ed + i) % beat.phases for i in range((beat.es - beat.ed) % beat.phases + 1)]
    labels = beat.labels[:, *beat.box]
    for label in ACDC_STRUCTURES:
        for z in range(beat.frames.shape[1]):
            masks = labels[:, z] == label
            if masks.any((1, 2)).all():
                yield DrawnStructure(f"ACDC {name_of(label)}", label, beat.frames[systole, z], masks, beat.spacing[1:])


def score(method: Drawn, structures: Iterable[DrawnStructure]) -> dict[str, dict[str, float]]:
    """Return mean Dice, J and F at ES from the mask at ED, and the number of masks, by the structure's name.

    >>> score(Drawn(method("flow")), validation_structures(None))["CAMUS LA"]["Dice"]  # doctest: +SKIP
    """
    found: dict[str, list[tuple[float, float, float]]] = {}
    for each in structures:
        drawn = np.where(each.masks[0], np.uint8(each.label), np.uint8(0))
        mask = method.labels(each.frames, FRAME_RATE, 0, drawn, each.pixel)[-1] == each.label
        overlap = dice(mask, each.masks[1]), jaccard(mask, each.masks[1]), boundary_f(mask, each.masks[1])
        found.setdefault(each.name, []).append(overlap)
    return {
        name: {**dict(zip(("Dice", "J", "F"), np.mean(values, 0).tolist(), strict=True)), "masks": float(len(values))}
        for name, values in found.items()
    }

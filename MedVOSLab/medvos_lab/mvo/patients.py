"""Simulated patients on which every MVO network is judged: held-out hearts with and without an infarct."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.segmentation.wall_region import WALL_PART
from medvos.synth.infarct import TERRITORIES, Infarct, Territory
from medvos.synth.infarct_slice import InfarctSlice, infarct_slice
from medvos_lab.datasets.emidec import emidec_cores
from medvos_lab.folds import USUAL, Fold, number_of
from medvos_lab.motion.flow import identity
from medvos_lab.mvo.batches import healthy
from medvos_lab.mvo.beat import beating, phases
from medvos_lab.mvo.heart_slices import NETWORK_SIDE, SIDE, HeartSlice, load_slices

LEAST_CORE = 20  # pixels in a patient; a simulated core that missed its heart is drawn again
TRIES = 20
NOISE = 0.01  # of white, in every frame

Heart = list[HeartSlice]  # of one patient, in order


@dataclass(frozen=True)
class SimulatedPatient:
    """One patient, all slices.

    Attributes
    ----------
    frames: (Z, T, H, W) in [0, 1], evenly spaced over a beat from ED.
    wall, core: (Z, H, W) bool at ED.
    """

    frames: Tensor
    wall: Tensor
    core: Tensor


@dataclass(frozen=True)
class HeldOut:
    """Hearts that no network was trained on.

    Attributes
    ----------
    hearts: without an infarct of their own.
    infarcted: with a real infarct, whose place is unknown.
    cores: shapes of obstruction of patients that no network was trained on.
    """

    hearts: list[Heart]
    infarcted: list[Heart]
    cores: list[NDArray[np.float32]]

    @staticmethod
    def of(data: Path | None, cache: Path, patients: int | None = None, fold: Fold = USUAL) -> HeldOut:
        """Load the validation split, by default the usual one.

        Parameters
        ----------
        data: folder of the data sets.
        cache: folder of data that are computed from them once.
        patients: number of hearts of each kind; default all.
        fold: whose patients they are.

        Raises
        ------
        InputError: the data are not there.
        """
        return HeldOut(
            by_patient(load_slices(data, cache, "validation", fold))[:patients],
            by_patient(load_slices(data, cache, "infarcted", fold))[:patients],
            emidec_cores(data, "validation", fold),
        )

    @property
    def obstructed(self) -> list[tuple[Heart, Territory]]:
        """Each heart with the artery that is to close."""
        return [(heart, territory) for heart in self.hearts for territory in TERRITORIES]


def by_patient(slices: Iterable[HeartSlice]) -> list[Heart]:
    """Group slices by heart, in their order."""
    return [list(found) for _, found in groupby(slices, key=lambda part: part.patient)]


def simulated(
    heart: Heart, cores: list[NDArray[np.float32]], territory: Territory | None, frames: int, contrast: bool = True
) -> SimulatedPatient:
    """Return a heart with an infarct and a beat that are reproducible, in any number of frames.

    Without ``contrast`` the same infarct has the grey of the healthy wall.
    """
    rng = np.random.default_rng((number(heart), TERRITORIES.index(territory) if territory else len(TERRITORIES)))
    for _ in range(TRIES):
        infarct = Infarct.random(rng, cores, territory, contrast)
        maps = [infarct_slice(infarct, part.ring, part.base_to_apex) for part in heart]
        if sum(int(part.core.sum()) for part in maps) >= LEAST_CORE or not cores:
            break
    return _imaged(heart, maps, frames, rng)


def unharmed(heart: Heart, frames: int) -> SimulatedPatient:
    """Return a heart without a simulated infarct."""
    return _imaged(heart, [healthy(part) for part in heart], frames, np.random.default_rng(number(heart)))


def number(heart: Heart) -> int:
    """Return the patient's number in the data set."""
    return number_of(heart[0].patient)


def _imaged(heart: Heart, maps: list[InfarctSlice], frames: int, rng: np.random.Generator) -> SimulatedPatient:
    fractions = phases(frames, rng)
    where = identity(NETWORK_SIDE) * (NETWORK_SIDE / SIDE)
    columns: list[tuple[Tensor, ...]] = []
    for part, infarct in zip(heart, maps, strict=True):
        moving, drawn = beating(part, infarct, fractions, where)
        noise = torch.from_numpy(rng.standard_normal(moving.shape, np.float32))
        wall = drawn[0] > WALL_PART
        columns.append(((moving + NOISE * noise).clamp(0, 1), wall, (drawn[2] > 0.5) & wall))
    return SimulatedPatient(*(torch.stack(column) for column in zip(*columns, strict=True)))

"""How good an MVO network is on simulated infarcts of held-out hearts, and how much of real hearts it flags."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.datasets.emidec import emidec_cores
from medvos.evaluate.metrics import dice, hd95, jaccard, reliability
from medvos.evaluate.table import BAD_DICE
from medvos.models.mvo.network import MvoNetwork
from medvos.segmentation.obstruction import CHANCE, look, presence
from medvos.segmentation.wall import FIELD
from medvos.synth.infarct import TERRITORIES, Infarct, Territory
from medvos.synth.infarct_slice import infarct_slice
from medvos.train.echo.flow import identity
from medvos.train.mvo.batches import healthy
from medvos.train.mvo.beat import beating, phases
from medvos.train.mvo.hearts import LV_DIAMETER_MM, NETWORK_SIDE, SIDE, HeartSlice, load_slices
from medvos.uncertainty.calibration import Calibration, fit_logistic
from medvos.uncertainty.slices import expected_dice
from medvos.uncertainty.voxels import raw_features

# Assumed, for ACDC's files have none: slice distance, and pixels of a heart of typical size.
SPACING = (8.0, FIELD * LV_DIAMETER_MM / NETWORK_SIDE, FIELD * LV_DIAMETER_MM / NETWORK_SIDE)
NORMAL = range(61, 81)  # ACDC's patients without any disease
LEAST_CORE = 20  # pixels in a patient; a simulated core that missed its heart is drawn again
TRIES = 20
NOISE = 0.01  # of white, in every frame


@dataclass(frozen=True)
class Looked:
    """One patient, all slices: chance and variance, the simulated core and the wall, each (Z, H, W)."""

    chance: NDArray[np.float32]
    spread: NDArray[np.float32]
    core: NDArray[np.bool_]
    wall: NDArray[np.bool_]

    @property
    def found(self) -> NDArray[np.bool_]:
        """(Z, H, W)."""
        return self.chance > CHANCE

    @property
    def flagged(self) -> float:
        """Part of the wall that is called obstructed, in %."""
        return 100 * float(self.found.sum() / self.wall.sum())


def validate(
    network: MvoNetwork, data: Path | None, cache: Path, device: torch.device, patients: int | None = None
) -> tuple[dict[str, float], Calibration]:
    """Figures by name, and the constants of the uncertainty, fitted on the same simulated patients.

    Every validation heart gets an infarct with a core in each of the three territories, one without a core, and none.

    Parameters
    ----------
    network: what is judged.
    data: folder of the data sets.
    cache: folder of what was computed from them.
    device: where it runs.
    patients: so many hearts of each kind; default all.

    Raises
    ------
    InputError: the data are not there.
    """
    network = network.to(device).eval()
    hearts = by_patient(load_slices(data, cache, "validation"))[:patients]
    cores = emidec_cores(data, "validation")
    obstructed = [simulated(network, heart, cores, territory, device) for heart in hearts for territory in TERRITORIES]
    dead = [simulated(network, heart, [], None, device) for heart in hearts]
    without = [unharmed(network, heart, device) for heart in hearts]
    normal = [one for one, heart in zip(without, hearts, strict=True) if _number(heart) in NORMAL]
    real = by_patient(load_slices(data, cache, "infarcted"))[:patients]
    infarcted = [unharmed(network, heart, device) for heart in real]
    figures = {
        "hearts": float(len(hearts)),
        "real infarcts": float(len(real)),
        **overlap(obstructed),
        "wall flagged in % with a simulated infarct without obstruction": _mean(dead),
        "wall flagged in % without any infarct, all validation hearts": _mean(without),
        "wall flagged in %, ACDC normal": _mean(normal),
        "wall flagged in %, ACDC with a real infarct": _mean(infarcted),
    }
    calibration, error = calibrate(obstructed + dead)
    return figures | {"ECE": error}, calibration


def by_patient(slices: Iterable[HeartSlice]) -> list[list[HeartSlice]]:
    """Slices heart by heart, in their order."""
    return [list(found) for _, found in groupby(slices, key=lambda one: one.patient)]


def overlap(looked: list[Looked]) -> dict[str, float]:
    """Means over patients, whole hearts."""
    pairs = [(one.found, one.core) for one in looked]
    hits = np.array([(a & b).sum() for a, b in pairs], float)
    found, there = (np.array([pair[i].sum() for pair in pairs], float) for i in (0, 1))
    apart = [hd95(a, b, SPACING) for a, b in pairs if a.any()]
    return {
        "Dice": float(np.mean([dice(a, b) for a, b in pairs])),
        "Jaccard": float(np.mean([jaccard(a, b) for a, b in pairs])),
        "HD95 in mm, where any was found": float(np.mean(apart)) if apart else float("nan"),
        "precision": float(np.mean(hits[found > 0] / found[found > 0])) if (found > 0).any() else float("nan"),
        "recall": float(np.mean(hits / there)),
        "patients in whom any was found in %": 100 * float((found > 0).mean()),
        "error of the volume in % of the wall": float(
            np.mean(100 * np.abs(found - there) / [one.wall.sum() for one in looked])
        ),
    }


def simulated(
    network: MvoNetwork,
    heart: list[HeartSlice],
    cores: list[NDArray[np.float32]],
    territory: Territory | None,
    device: torch.device,
) -> Looked:
    """One heart with an infarct that is the same whenever this is asked for."""
    rng = np.random.default_rng((_number(heart), TERRITORIES.index(territory) if territory else len(TERRITORIES)))
    for _ in range(TRIES):
        infarct = Infarct.random(rng, cores, territory)
        maps = [infarct_slice(infarct, one.ring, one.level) for one in heart]
        if sum(int(one.core.sum()) for one in maps) >= LEAST_CORE or not cores:
            break
    return _look(network, heart, maps, rng, device)


def unharmed(network: MvoNetwork, heart: list[HeartSlice], device: torch.device) -> Looked:
    """One heart as it is."""
    return _look(network, heart, [healthy(one) for one in heart], np.random.default_rng(_number(heart)), device)


def _look(
    network: MvoNetwork, heart: list[HeartSlice], maps: list, rng: np.random.Generator, device: torch.device
) -> Looked:
    shares = phases(network.config.frames, rng)
    where = identity(NETWORK_SIDE) * (NETWORK_SIDE / SIDE)
    columns: list[tuple[NDArray, ...]] = []
    for one, infarct in zip(heart, maps, strict=True):
        frames, drawn = beating(one, infarct, shares, where)
        noise = torch.from_numpy(rng.standard_normal(frames.shape, np.float32))
        frames = (((frames + NOISE * noise).clamp(0, 1) - 0.5) / 0.25)[None].to(device)
        wall = drawn[0] > 0.5
        chance, spread = look(network, frames, wall[None].to(device))
        core = (drawn[2] > 0.5) & wall
        columns.append((chance[0].cpu().numpy(), spread[0].cpu().numpy(), core.numpy(), wall.numpy()))
    return Looked(*(np.stack(column) for column in zip(*columns, strict=True)))


def calibrate(looked: list[Looked]) -> tuple[Calibration, float]:
    """Chances of a wrong voxel of the wall and of a bad slice, and how far the former are from what is true (ECE)."""
    features, wrong, doubts, bad = [], [], [], []
    for one in looked:
        chance = torch.from_numpy(one.chance)
        both = torch.stack([1 - chance, chance], 1)
        maps = raw_features(both, torch.from_numpy(one.spread).clamp_min(0))
        features.append(torch.stack(maps, -1).numpy()[one.wall])
        wrong.append((one.found != one.core)[one.wall])
        doubts.append((1 - expected_dice(both, presence(chance))).clamp(1e-6, 1 - 1e-6).logit().numpy())
        bad.append([dice(a, b) < BAD_DICE for a, b in zip(one.found, one.core, strict=True)])
    seen, happened = np.concatenate(features), np.concatenate(wrong)
    a, b, c = fit_logistic(seen, happened)
    stated = 1 / (1 + np.exp(-(a + seen @ np.array([b, c]))))
    in_slices = fit_logistic(np.concatenate(doubts)[:, None], np.concatenate(bad))
    return Calibration((a, b, c), (in_slices[0], in_slices[1])), float(reliability(stated, happened).ece)


def _number(heart: list[HeartSlice]) -> int:
    return int("".join(filter(str.isdigit, heart[0].patient)))


def _mean(looked: list[Looked]) -> float:
    return float(np.mean([one.flagged for one in looked])) if looked else float("nan")

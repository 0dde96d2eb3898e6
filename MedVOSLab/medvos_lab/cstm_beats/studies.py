"""Training data with all phases: the frames of a patient in memory, and the motion between them from a cache."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.models.cstm.config import CstmConfig
from medvos.propagation.dense_motion import MotionChain, beat_motion, chain_to
from medvos.propagation.heart_region import region_of_seed
from medvos.propagation.intensity import grey_window, normalise
from medvos.structures import LV, MYO, RV
from medvos_lab.datasets.acdc_beats import Beat
from medvos_lab.processes import in_processes
from medvos_lab.studies import largest_seed

LEAST_IN_CROP = 0.9  # fraction of the LV


@dataclass(frozen=True)
class BeatStudy:
    """One patient.

    Attributes
    ----------
    beat: images and labels.
    window: intensities of the whole images that become black and white.
    scale: native pixels to a pixel of the network.
    motion: (z, 2, T, 2, h, w) float16, `medvos.propagation.dense_motion.beat_motion` of the crop's slices.
    structures: labels that were drawn.
    """

    beat: Beat
    window: tuple[float, float]
    scale: float
    motion: NDArray[np.float16]
    structures: tuple[int, ...] = (RV, MYO, LV)

    @property
    def slices(self) -> range:
        """Slices of the whole images that the crop contains, with all phases."""
        return range(self.beat.box[0].start, self.beat.box[0].stop)

    @property
    def ejection_fraction(self) -> float:
        """EF of the LV, 0 to 1, over the crop's slices."""
        ed, es = (float((labels[self.beat.box[0]] == LV).sum()) for labels in self.beat.labels)
        return 1 - es / ed if ed else 0.0

    def image(self, phase: int, z: int, crop_only: bool = False) -> NDArray[np.float32]:
        """Return an image (Y, X) in [0, 1], black outside the crop where ``crop_only``."""
        low, high = self.window
        image = self.beat.whole(phase, z).astype(np.float32)
        if crop_only:
            outside = np.ones(image.shape, bool)
            outside[self.beat.box[1:]] = False
            image[outside] = low
        return np.clip((image - low) / (high - low), 0, 1)

    def labels(self, phase: int, z: int, crop_only: bool = False) -> NDArray[np.uint8]:
        """Return the labels (Y, X) at ED or ES, 0 outside the crop where ``crop_only``."""
        labels = self.beat.labels[0 if phase == self.beat.ed else 1, z].copy()
        if crop_only:
            kept = labels[self.beat.box[1:]].copy()
            labels[:] = 0
            labels[self.beat.box[1:]] = kept
        return labels

    def chain(self, start: int, z: int) -> MotionChain:
        """Return the motion of one slice of the crop, from every phase to ``start``."""
        return chain_to(start, torch.from_numpy(self.motion[z - self.slices.start].astype(np.float32)))

    def carried(self, chain: MotionChain, labels: NDArray[np.uint8], phases: list[int]) -> NDArray[np.float32]:
        """Carry labels (Y, X) of the chain's start phase to other phases, as propagation does.

        Returns
        -------
        (len(phases), 4, Y, X): RV, Myo, LV and the confidence, all 0 outside the crop.
        """
        rows, columns = self.beat.box[1:]
        crop = labels[rows, columns]
        masks = torch.from_numpy((crop == np.array(self.structures, np.uint8)[:, None, None]).astype(np.float32))
        found = chain.carry(masks)[phases].numpy()
        whole = np.zeros((*found.shape[:2], *labels.shape), np.float32)
        whole[:, :, rows, columns] = found
        return whole

    def interpolated(
        self,
        chains: tuple[MotionChain, MotionChain],
        labels: tuple[NDArray[np.uint8], NDArray[np.uint8]],
        phases: list[int],
    ) -> NDArray[np.uint8]:
        """Return labels (len(phases), Y, X) at undrawn phases: the weighted mean of those of ED and ES carried there.

        Parameters
        ----------
        chains: of one slice, to ED and to ES.
        labels: (Y, X) at ED and at ES.
        phases: of the result.
        """
        beat = self.beat
        both = [self.carried(chain, drawn, phases)[:, :3] for chain, drawn in zip(chains, labels, strict=True)]
        result = np.empty((len(phases), *labels[0].shape), np.uint8)
        for i, phase in enumerate(phases):
            steps = [min((phase - end) % beat.phases, (end - phase) % beat.phases) for end in (beat.ed, beat.es)]
            es_weight = steps[0] / max(sum(steps), 1)
            result[i] = labels[int(es_weight > 0.5)]  # outside the crop the image is interpolated too
            masks = ((1 - es_weight) * both[0][i] + es_weight * both[1][i])[:, *beat.box[1:]]
            fractions = np.concatenate([1 - masks.sum(0, keepdims=True), masks])
            result[i][beat.box[1:]] = np.array([0, *self.structures], np.uint8)[fractions.argmax(0)]
        return result


def beat_studies(beats: Iterable[Beat], cache: Path, config: CstmConfig, workers: int = 1) -> list[BeatStudy]:
    """Return the studies of these patients; their motion is computed once, by so many processes, and kept in ``cache``.

    Patients whose crop misses part of the heart (in ACDC patient057 and patient065) are left out.
    """
    cache.mkdir(parents=True, exist_ok=True)
    whole = [beat for beat in beats if in_crop(beat) >= LEAST_IN_CROP]
    missing = [beat for beat in whole if not _kept_motion(cache, beat).exists()]
    for _ in in_processes(partial(_keep_motion, cache), missing, workers):
        pass
    return [_study(beat, cache, config) for beat in whole]


def in_crop(beat: Beat) -> float:
    """Return the fraction of the LV of the crop's slices that lies in the crop, the lower of ED and ES."""
    fractions = []
    for labels in beat.labels:
        cavity = labels == LV
        fractions.append(cavity[beat.box].sum() / max(cavity[beat.box[0]].sum(), 1))
    return float(min(fractions))


def _kept_motion(cache: Path, beat: Beat) -> Path:
    return cache / f"{beat.name}.npy"


def _keep_motion(cache: Path, beat: Beat) -> None:
    path = _kept_motion(cache, beat)
    unfinished = path.with_suffix(f".{os.getpid()}.partial")  # several processes may compute the same motion
    with unfinished.open("wb") as file:
        np.save(file, _motion(beat))
    unfinished.replace(path)


def _study(beat: Beat, cache: Path, config: CstmConfig) -> BeatStudy:
    seed = largest_seed(beat.labels[0])
    region = region_of_seed(seed, beat.spacing[1:], config.pixel_mm, config.region)
    window = grey_window(region.crop(torch.from_numpy(beat.images.astype(np.float32))).numpy())
    return BeatStudy(beat, window, region.height / region.side, np.load(_kept_motion(cache, beat)))


def _motion(beat: Beat) -> NDArray[np.float16]:
    """Return the motion (z, 2, T, 2, h, w) of a patient's crop."""
    frames = torch.from_numpy(beat.frames.astype(np.float32))
    normal = normalise(frames, grey_window(frames.numpy()))
    motion = [beat_motion(normal[:, z]).half().numpy() for z in range(normal.shape[1])]
    return np.stack(motion)

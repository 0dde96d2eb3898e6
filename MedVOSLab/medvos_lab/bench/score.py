"""Scores of one method on one case."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from medvos.evaluate.metrics import Reliability, dice, hd95, reliability, spurious_and_missed
from medvos.measure.ed_es import find_ed_and_es
from medvos.measure.volumes import volume_curves
from medvos.structures import LV, RV, STRUCTURES, name_of
from medvos_lab.bench.protocol import Trial
from medvos_lab.bench.regions import regions

NEAR_THE_HEART_MM = 10.0


@dataclass(frozen=True)
class Prediction:
    """What a method gave for one case.

    Attributes
    ----------
    labels: (T, Z, Y, X) uint8.
    slice_scores: (T, Z), 0 sure to 1; None where the method has none.
    uncertainty: (T, Z, Y, X), 0 sure to 1; None where the method has none.
    seconds: time taken.
    """

    labels: NDArray[np.uint8]
    slice_scores: NDArray[np.float32] | None = None
    uncertainty: NDArray[np.float32] | None = None
    seconds: float = float("nan")


@dataclass(frozen=True)
class StructureScore:
    """Agreement in one structure, phase and region; ``hd95`` in mm, nan where one side alone is empty."""

    structure: str
    phase: str
    region: str
    dice: float
    hd95: float
    spurious: int
    missed: int
    slices: int


@dataclass(frozen=True)
class JudgedVolumes:
    """Volumes in mL of one ventricle, over the slices judged at both ED and ES."""

    edv: float
    esv: float

    @property
    def ef(self) -> float:
        """Ejection fraction in percent, nan without an EDV."""
        return 100 * (1 - self.esv / self.edv) if self.edv else float("nan")


@dataclass(frozen=True)
class CaseScores:
    """Scores of one method on one case.

    Attributes
    ----------
    structures: scores by structure, phase and region.
    volumes: ventricle name to its (predicted, true) volumes.
    reported: the LV's volumes at the phases that `medvos.measure.ed_es` finds in this prediction, as a reader gets
        them; None where the cine has ED and ES alone.
    slice_dice: (T, Z) mean Dice of the structures present in truth or prediction; nan where there is none, where
        nothing was judged, and at the seed.
    prediction_scores: (T, Z) the method's own slice scores, or None.
    reliability: of the method's uncertainty within 10 mm of the heart, or None.
    """

    case: str
    group: str
    method: str
    seconds: float
    structures: tuple[StructureScore, ...]
    volumes: dict[str, tuple[JudgedVolumes, JudgedVolumes]]
    slice_dice: NDArray[np.float64]
    prediction_scores: NDArray[np.float32] | None
    reliability: Reliability | None
    reported: JudgedVolumes | None = None


def score(trial: Trial, prediction: Prediction, method: str) -> CaseScores:
    """Score a prediction by the protocol of CSTM."""
    case = trial.case
    if prediction.labels.shape != case.labels.shape:
        raise ValueError(f"prediction {prediction.labels.shape} and truth {case.labels.shape} differ in shape")
    return CaseScores(
        case=case.name,
        group=case.group,
        method=method,
        seconds=prediction.seconds,
        structures=tuple(_structure_scores(trial, prediction.labels)),
        volumes={
            name_of(label): _volumes(trial, prediction.labels, label)
            for label in (LV, RV)
            if label in case.structures and trial.measured_slices(label).any()
        },
        slice_dice=slice_dice(trial, prediction.labels),
        prediction_scores=prediction.slice_scores,
        reliability=None if prediction.uncertainty is None else _reliability(trial, prediction),
        reported=_reported(trial, prediction.labels),
    )


def slice_dice(trial: Trial, labels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return (T, Z) mean Dice over the structures in truth or prediction, nan where there is nothing to score."""
    n_phases, n_slices = labels.shape[:2]
    result = np.full((n_phases, n_slices), np.nan)
    scored = {label: trial.scored(label) for label in trial.case.structures}
    for t, z in np.ndindex(n_phases, n_slices):
        overlaps = []
        for label, where in scored.items():
            found, truth = labels[t, z] == label, trial.case.labels[t, z] == label
            if where[t, z] and (found.any() or truth.any()):
                overlaps.append(dice(found, truth))
        if overlaps:
            result[t, z] = np.mean(overlaps)
    return result


def _structure_scores(trial: Trial, labels: NDArray[np.uint8]) -> list[StructureScore]:
    case = trial.case
    parts = regions(case)
    rows = []
    for structure in STRUCTURES:
        if structure.label not in case.structures:
            continue
        scored = trial.scored(structure.label)
        for t in np.flatnonzero(scored.any(axis=1)):
            truth = case.labels[t] == structure.label
            # What is not scored is as drawn on both sides, so that no method gains or loses a surface there.
            found = np.where(scored[t, :, None, None], labels[t] == structure.label, truth)
            for region, slices in parts.items():
                keep = scored[t] & slices
                if not keep.any():
                    continue
                spurious, missed = spurious_and_missed(found[keep], truth[keep])
                rows.append(
                    StructureScore(
                        structure=structure.name,
                        phase=_phase_name(trial, int(t)),
                        region=region,
                        dice=dice(found[keep], truth[keep]),
                        hd95=hd95(found, truth, case.cine.spacing, keep),
                        spurious=int(spurious.sum()),
                        missed=int(missed.sum()),
                        slices=int(keep.sum()),
                    )
                )
    return rows


def _phase_name(trial: Trial, phase: int) -> str:
    return {trial.ed: "ED", trial.es: "ES"}.get(phase, str(phase))


def _volumes(trial: Trial, labels: NDArray[np.uint8], label: int) -> tuple[JudgedVolumes, JudgedVolumes]:
    phases = trial.ed, trial.es
    return _at(trial, labels, label, phases), _at(trial, trial.case.labels, label, phases)


def _at(trial: Trial, labels: NDArray[np.uint8], label: int, phases: tuple[int, int]) -> JudgedVolumes:
    """Return the volumes at two phases, over the slices that were judged at the expert's ED and ES."""
    keep = trial.measured_slices(label)[:, None, None]
    masked = np.where((labels[list(phases)] == label) & keep, label, 0).astype(np.uint8)
    curve = np.nan_to_num(volume_curves(masked, trial.case.cine.affine).get(name_of(label), np.zeros(2)))
    return JudgedVolumes(edv=float(curve[0]), esv=float(curve[1]))


def _reported(trial: Trial, labels: NDArray[np.uint8]) -> JudgedVolumes | None:
    if len(labels) < 3 or not trial.measured_slices(LV).any():
        return None
    ed, es = find_ed_and_es((labels == LV).sum((1, 2, 3)).astype(float))
    return None if ed is None or es is None else _at(trial, labels, LV, (ed, es))


def _reliability(trial: Trial, prediction: Prediction) -> Reliability:
    """Return the reliability near the heart in fully judged slices: far from it every method is sure and right."""
    case = trial.case
    judged = np.logical_and.reduce([trial.scored(label) for label in case.structures])
    wrong = np.zeros(case.labels.shape, bool)
    heart = np.zeros(case.labels.shape, bool)
    for label in case.structures:
        found, truth = prediction.labels == label, case.labels == label
        wrong |= found != truth
        heart |= found | truth
    assert prediction.uncertainty is not None
    stated, happened = [], []
    for t, z in np.argwhere(judged):
        if not heart[t, z].any():
            continue
        distance = ndimage.distance_transform_edt(~heart[t, z], sampling=case.cine.spacing[1:])
        near = distance <= NEAR_THE_HEART_MM
        stated.append(prediction.uncertainty[t, z][near])
        happened.append(wrong[t, z][near])
    return reliability(np.concatenate(stated), np.concatenate(happened)) if stated else reliability([], [])

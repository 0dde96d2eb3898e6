"""Beats benchmark: ES predicted through every phase of the beat and from ED in one step, on ACDC with all phases."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from medvos.errors import InputError
from medvos.evaluate.metrics import dice
from medvos.models.cstm.config import CstmConfig
from medvos.models.cstm.network import Cstm
from medvos.models.device import choose_device
from medvos.models.fold import fold_batchnorm
from medvos.models.networks import load_cstm
from medvos.models.store import resolve
from medvos.propagation.assemble import slice_labels
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.memory_fallback import run_with_fallback
from medvos.propagation.second_opinion import SecondOpinion
from medvos.propagation.settings import PropagationSettings
from medvos.structures import LV, MYO, RV
from medvos_lab.bench.output import make_folder, markdown_table, to_csv, write_markdown
from medvos_lab.bench.protocol import prepare
from medvos_lab.bench.score import Prediction, score
from medvos_lab.cstm_beats.papillary import sample_threshold, without_muscles
from medvos_lab.datasets.acdc_beats import Beat, acdc_beats
from medvos_lab.datasets.labelled import LabelledCine
from medvos_lab.datasets.sunnybrook import sunnybrook_4d
from medvos_lab.loop import CHECKPOINT
from medvos_lab.release import averaged_weights

STRUCTURE_LABELS = {"LV": LV, "Myo": MYO, "RV": RV}
TWO_PHASES = ("leap", "whole")  # variants without a volume curve
DEFAULT_VARIANTS = ("leap", "beat")

Segment = Callable[[LabelledCine], NDArray[np.uint8]]


@dataclass(frozen=True)
class BeatScores:
    """Scores of one patient in one variant.

    Attributes
    ----------
    name: of the patient.
    dice: at ES over all slices of the crop, by structure.
    ef: predicted and true LV ejection fraction in percent, over the crop.
    jump: largest change of LV volume between neighbouring phases as a fraction of the stroke volume.
    roughness: largest distance of an LV volume from the mean of its neighbours' as a fraction of the stroke volume; a
        smooth curve of few phases has jumps too, but no roughness.
    es_phases: phases from the expert's ES to the smallest predicted volume.
    """

    name: str
    dice: dict[str, float]
    ef: tuple[float, float]
    jump: float
    roughness: float
    es_phases: int


def in_papillary_style(case: LabelledCine) -> LabelledCine | None:
    """Return the case as a reader draws it who leaves papillary muscles out of the LV; None where they do not contrast.

    Truth and seed change in the same way: cavity darker than the mean of wall and blood in the seed slice becomes wall.
    """
    trial = prepare(case)
    images = case.cine.array / max(float(case.cine.array.max()), 1.0)
    place = trial.phase, trial.slice
    threshold = sample_threshold(images[place], case.labels[place], np.random.default_rng(0), (0.5, 0.5))
    if threshold is None:
        return None
    both = [trial.ed, trial.es]
    shape = (-1, *case.labels.shape[2:])
    drawn = without_muscles(images[both].reshape(shape), case.labels[both].reshape(shape), threshold)
    if drawn is None:
        return None
    labels = case.labels.copy()
    labels[both] = drawn.reshape(labels[both].shape)
    return replace(case, labels=labels)


VARIANTS: dict[str, Callable[[Beat], LabelledCine | None]] = {
    "leap": Beat.cropped_ends,
    "beat": Beat.cropped,
    "muscles out": lambda beat: in_papillary_style(beat.cropped()),
    "whole": Beat.whole_ends,
}


def run(
    data: Path | None,
    out: Path,
    model: str = "cstm",
    cases: int | None = None,
    *,
    variants: Sequence[str] = DEFAULT_VARIANTS,
    mirrored: bool = False,
    motion: bool = True,
    sunnybrook: bool = False,
    device: str = "auto",
) -> dict[str, dict[str, float]]:
    """Score a network on ACDC's validation patients; write ``beats.md`` and ``beats.csv`` into ``out``.

    Parameters
    ----------
    data: folder that holds the data sets; default as `medvos_lab.datasets.data_root` has it.
    out: folder for the tables.
    model: released model, or folder of a training.
    cases: the first so many patients; default all.
    variants: keys of `VARIANTS`, see `measure`.
    mirrored: also propagate through the mirrored heart.
    motion: give the network masks carried along the motion, if it has a motion prior.
    sunnybrook: also score Sunnybrook's two whole cines.
    device: ``auto``, ``cpu``, ``cuda`` or ``mps``.

    Returns
    -------
    Variant to metric to mean over the patients.

    Raises
    ------
    InputError: no such data, network, variant or device, or ``out`` cannot be written.

    Example
    -------
    >>> run(None, Path("runs/bench-beats"), "cstm-beats-research", cases=4)["beat"]["LV"]
    """
    unknown = [variant for variant in variants if variant not in VARIANTS]
    if unknown:
        raise InputError(f"There is no variant '{unknown[0]}'; choose from {', '.join(VARIANTS)}.")
    where = choose_device(device)
    network = chosen_network(model, where)
    if not motion:
        network.config = replace(network.config, motion=False)
    make_folder(out)
    began = time.monotonic()
    segment = propagated(network, PropagationSettings(mirrored=mirrored), where)
    scores = measure(segment, islice(acdc_beats(data), cases), variants)
    rows = summaries(scores)
    lines = _markdown(model, rows)
    if sunnybrook:
        lines += ["", *markdown_table(("Sunnybrook", "value"), list(sunnybrook_metrics(segment, data).items()))]
    write_markdown(out / "beats.md", [*lines, "", f"{time.monotonic() - began:.0f} s on {where.type}."])
    (out / "beats.csv").write_text(to_csv(_patients(scores)), encoding="utf-8")
    return rows


def chosen_network(model: str, device: torch.device) -> Cstm:
    """Return a released model by name, or the averaged weights of a training by its folder, in evaluation mode."""
    run_folder = Path(model)
    if not (run_folder / CHECKPOINT).exists():
        return load_cstm(resolve(model), device)
    weights, described = averaged_weights(run_folder)
    network = Cstm(CstmConfig.of(described["config"]))
    network.load_state_dict(weights)
    fold_batchnorm(network.eval())
    return network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]


def propagated(
    network: Cstm, settings: PropagationSettings, device: torch.device, second: SecondOpinion | None = None
) -> Segment:
    """Return the function that predicts labels (T, Z, Y, X) of a case from one expert slice at ED.

    ``second`` is a second opinion that is blended in, as released models have one.
    """

    def segment(case: LabelledCine) -> NDArray[np.uint8]:
        seed = prepare(case).seed
        inputs = PropagationInputs.of(case.cine, seed, network.config)
        slices = run_with_fallback(inputs, network, device, settings, second=second).slices
        return np.stack([slice_labels(seed, inputs, result) for result in slices], 1)

    return segment


def measure(
    segment: Segment, beats: Iterable[Beat], variants: Iterable[str] = DEFAULT_VARIANTS
) -> dict[str, list[BeatScores]]:
    """Return the scores of each patient by variant.

    ``leap`` goes from ED to ES in one step, ``beat`` through every phase, ``muscles out`` through every phase in
    papillary style (`in_papillary_style`; patients without it are left out), ``whole`` in one step in whole images.
    """
    scores: dict[str, list[BeatScores]] = {variant: [] for variant in variants}
    for beat in beats:
        for variant, found in scores.items():
            case = VARIANTS[variant](beat)
            if case is not None:
                found.append(score_beat(case, segment(case)))
    return scores


def score_beat(case: LabelledCine, labels: NDArray[np.uint8]) -> BeatScores:
    """Score labels (T, Z, Y, X) of a case that is labelled at ED and ES."""
    trial = prepare(case)
    truth = case.labels
    curve = (labels == LV).sum((1, 2, 3)).astype(float)
    true_ed, true_es = ((truth[phase] == LV).sum() for phase in (trial.ed, trial.es))
    changes = np.abs(np.diff(curve, append=curve[0]))
    from_neighbours = np.abs(curve - (np.roll(curve, 1) + np.roll(curve, -1)) / 2)
    apart = (int(curve.argmin()) - trial.es) % len(curve)
    return BeatScores(
        case.name,
        {name: dice(labels[trial.es] == label, truth[trial.es] == label) for name, label in STRUCTURE_LABELS.items()},
        (100 * (1 - curve[trial.es] / max(curve[trial.ed], 1)), 100 * (1 - true_es / true_ed)),
        float(changes.max() / max(np.ptp(curve), 1)),
        float(from_neighbours.max() / max(np.ptp(curve), 1)),
        min(apart, len(curve) - apart),
    )


def summary(scores: list[BeatScores]) -> dict[str, float]:
    """Return means over patients; EF error and bias in points."""
    errors = np.array([found - true for found, true in (score.ef for score in scores)])
    row = {name: float(np.mean([score.dice[name] for score in scores])) for name in STRUCTURE_LABELS}
    return {name: round(value, 4) for name, value in row.items()} | {
        "EF error": round(float(np.abs(errors).mean()), 2),
        "EF bias": round(float(errors.mean()), 2),
        "jump": round(float(np.mean([score.jump for score in scores])), 3),
        "largest jump": round(float(np.max([score.jump for score in scores])), 3),
        "roughness": round(float(np.mean([score.roughness for score in scores])), 3),
        "ES phases off": round(float(np.mean([score.es_phases for score in scores])), 2),
    }


def summaries(scores: dict[str, list[BeatScores]]) -> dict[str, dict[str, float]]:
    """Return `summary` by variant, without metrics of the volume curve where there are only two phases."""
    rows = {variant: summary(found) for variant, found in scores.items() if found}
    for variant in set(rows) & set(TWO_PHASES):
        rows[variant] = {name: rows[variant][name] for name in (*STRUCTURE_LABELS, "EF error", "EF bias")}
    return rows


def sunnybrook_metrics(segment: Segment, data: Path | None = None) -> dict[str, float]:
    """Return LV Dice at ED and ES and the EF error by the protocol of CSTM, for each of Sunnybrook's whole cines."""
    row: dict[str, float] = {}
    for case in sunnybrook_4d(data):
        trial = prepare(case)
        found = score(trial, Prediction(segment(case)), "")
        lv = {part.phase: part.dice for part in found.structures if (part.structure, part.region) == ("LV", "whole")}
        predicted, true = found.volumes["LV"]
        row |= {f"{case.name} LV {phase}": round(value, 4) for phase, value in lv.items()}
        row[f"{case.name} EF error"] = round(predicted.ef - true.ef, 2)
    return row


def _markdown(model: str, rows: dict[str, dict[str, float]]) -> list[str]:
    """Return the table with one row for each variant."""
    columns = list(dict.fromkeys(name for row in rows.values() for name in row))
    cells = [[variant, *(str(row.get(name, "")) for name in columns)] for variant, row in rows.items()]
    return [f"# ES through the beat, {Path(model).name}", "", *markdown_table(("variant", *columns), cells)]


def _patients(scores: dict[str, list[BeatScores]]) -> list[dict[str, float | str]]:
    """Return one row for each variant and patient, without metrics of the curve where there are only two phases."""
    return [
        {
            "variant": variant,
            "patient": found.name,
            **{f"{name} Dice": value for name, value in found.dice.items()},
            "EF predicted": float(found.ef[0]),
            "EF true": float(found.ef[1]),
            "jump": math.nan if variant in TWO_PHASES else found.jump,
            "roughness": math.nan if variant in TWO_PHASES else found.roughness,
            "ES phases off": math.nan if variant in TWO_PHASES else found.es_phases,
        }
        for variant, each in scores.items()
        for found in each
    ]

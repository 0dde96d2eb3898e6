"""Compare two label files, as ``medvos evaluate PRED TRUTH`` does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.guard import reading
from medvos.cine.label_choice import read_choice
from medvos.cine.label_image import LabelImage, in_own_numbers, read_label_image
from medvos.cine.labels import label_numbers
from medvos.cine.seed import Labels, named_as
from medvos.cine.timing import from_step, stated_step
from medvos.cine.transforms import Transform, place
from medvos.errors import InputError
from medvos.evaluate.compare_clips import clip_function, is_clip
from medvos.evaluate.measured import side_by_side
from medvos.evaluate.metrics import NOT_LABELLED, boundary_f, dice, hd95, jaccard, spurious_and_missed
from medvos.evaluate.scored import chosen_structures, scored
from medvos.measure.ed_es import find_ed_and_es
from medvos.measure.volumes import voxel_ml
from medvos.structures import BACKGROUND, LV, MVO, MYO, RV, heart_of, name_of

EXCHANGED = "The truth is a result of medvos and the prediction is none: have the two been exchanged?"
LEAST_DRAWN = 0.5  # of the slices; a stack reaches beyond a heart by one or two at either end


def compare_files(
    prediction: str | Path,
    truth: str | Path,
    labels: Labels = None,
    pred_labels: Labels = None,
    structures: str | None = None,
) -> dict[str, Any]:
    """Compare two label images on the same grid, 3D or 4D; their axes may be flipped or permuted.

    `labels` tells what the labels of the truth are, `pred_labels` those of the prediction, as in
    `medvos.cine.seed.read_seed`; else names in the files and anatomy tell it, and ``notes`` say so where it is not
    plain.

    Structures that the truth lacks are not scored, and a note says so. `structures` names those to score, such as
    ``LV,Myo``.

    A folder that medvos has written stands for its segmentation.

    Slices of the truth that hold the label 255 were not labelled by the expert, nor were phases without any label: they
    are left out of every metric. What rests on ED and ES is not stated of a ventricle that has labels at one of them.
    Volumes and EF are over the slices labelled in every labelled phase, at the truth's ED and ES (largest and smallest
    LV). The EF of an apical clip is by the method of disks (`medvos.evaluate.compare_clips`).

    >>> compare_files("results/", "truth.nii.gz")["mean_dice"]  # doctest: +SKIP
    0.91

    Returns
    -------
    ``{"structures": {name: {"dice", "j", "f", "hd95_mm", "spurious_slices", "missed_slices", "phases": [...]}},
    "volumes": {name: {"EDV": {"prediction", "truth", "error"}, "ESV": ..., "EF": ...}}, "mean_dice", "ED", "ES",
    "measures": {name: {"prediction", "truth", "unit", "reason"}}}``, the last as `medvos.evaluate.measured` returns it;
    ``notes`` is there only if there are some.
    The list ``phases`` has ``phase``, ``dice``, ``j``, ``f``, ``hd95_mm`` and the volumes of each labelled phase; the
    metrics beside it are means over them. F is None but for clips of one slice. HD95 is None if exactly one of the two
    masks is empty. All values are plain JSON values.

    Raises
    ------
    InputError: a file cannot be read, holds no labels, it is in doubt what the labels of the truth are, or the two are
        not on the same grid.
    """
    chosen = chosen_structures(structures)
    expected, transforms, step_ms, notes = _labels(Path(truth), "The truth", labels)
    predicted, own, predicted_step_ms, more = _labels(Path(prediction), "The prediction", pred_labels)
    affine = transforms[0].affine
    if len(predicted) != len(expected) or predicted.size != expected.size:
        raise InputError(
            f"The two label images have the shapes {_xyz(predicted)} and {_xyz(expected)}; give two on the same grid."
        )
    placed = place(predicted, own, expected.shape[1:], transforms, "The prediction")
    if placed is None:
        raise InputError("The two label images lie at different positions; resample one onto the other's grid.")
    found = placed[0]
    # Programs for drawing seldom store the time step.
    step_ms = predicted_step_ms if step_ms is None else step_ms
    judged = _judged(expected)
    # Obstruction is scored only if the truth has some; it counts as myocardium too.
    present = _present(found if (expected == MVO).any() else heart_of(found))
    if not judged.any() or not (_present(expected) or present):
        raise InputError("There is nothing to compare: no slice holds labels; check that both are label images.")
    numbers, lacking = scored(_present(expected), present, chosen)
    if not numbers:
        raise InputError(f"There is nothing to compare. {' '.join(lacking)}")
    voxel = voxel_ml(affine)
    x, y, z = (float(s) for s in np.linalg.norm(affine[:3, :3], axis=0))
    by_name = {name_of(n): _structure(_mask(found, n), _mask(expected, n), judged, (z, y, x), voxel) for n in numbers}
    exchanged = [EXCHANGED] if _is_result(Path(truth)) and not _is_result(Path(prediction)) else []
    told = [*exchanged, *notes, *more, *lacking, *_of_one_phase(expected), *_of_few_slices(expected)]
    report: dict[str, Any] = {
        **({"notes": told} if told else {}),
        "structures": by_name,
        "mean_dice": float(np.mean([s["dice"] for s in by_name.values()])),
    }
    if is_clip(expected, _present(expected)):
        return report | clip_function(found, expected, judged, affine, step_ms)
    report["measures"] = side_by_side(found, expected, judged, affine, from_step(len(expected), step_ms or 0.0, "ms"))
    return report | _function(found, expected, judged, voxel)


def _is_result(path: Path) -> bool:
    """Return whether labels lie beside a report, as medvos writes them."""
    folder = path if path.is_dir() else path.parent
    return (path.is_dir() or path.name == "segmentation.nii.gz") and (folder / "report.json").is_file()


def _labels(
    path: Path, what: str, choice: Labels
) -> tuple[NDArray[np.uint8], tuple[Transform, ...], float | None, tuple[str, ...]]:
    """Read (T, Z, Y, X) labels, the transforms, the time step in ms where it is stated, and notes."""
    path = path / "segmentation.nii.gz" if path.is_dir() else path
    if not path.is_file():
        raise InputError(f"There is no file {path}; give a label image as .nii or .nii.gz.")
    known = read_choice(choice)
    try:
        with reading(path.name, "a label image"):
            image = read_label_image(path, known)
    except InputError as fault:
        raise named_as(what, path, fault) from fault
    stored = image.labels if image.labels.ndim == 4 else image.labels[None]
    labels, notes = _in_own_numbers(stored, image, what, known)
    labels = np.ascontiguousarray(labels)
    return labels, image.transforms, stated_step(image.step, image.unit), notes


def _in_own_numbers(
    stored: NDArray, image: LabelImage, what: str, known: Mapping[str, int] | None
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Labels in medvos' numbers; a bad prediction, of which nothing tells what its labels are, is still scored."""
    clip = stored.shape[1] == 1
    try:
        return in_own_numbers(stored, image, what, known, echo=clip, ignored=NOT_LABELLED)
    except InputError as doubt:
        if what == "The truth":
            raise
        words = str(doubt).replace("--labels", "--pred-labels")
        if known is not None:
            raise InputError(words) from doubt
        labels = label_numbers(stored, what)
        return labels, (f"In doubt, its labels were taken as 1 RV, 2 Myo, 3 LV: {words}",)


def _xyz(labels: NDArray[np.uint8]) -> str:
    """Format a shape as columns x rows x slices x phases."""
    return " x ".join(str(n) for n in reversed(labels.shape))


def _present(labels: NDArray[np.uint8]) -> list[int]:
    return [int(n) for n in np.unique(labels) if n not in (BACKGROUND, NOT_LABELLED)]


def _mask(labels: NDArray[np.uint8], number: int) -> NDArray[np.bool_]:
    return np.asarray((heart_of(labels) if number == MYO else labels) == number)


def _judged(expected: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return (T, Z) bool, the slices that the expert labelled; a heart without any label was not."""
    known = expected != NOT_LABELLED
    drawn = ((expected != BACKGROUND) & known).any(axis=(1, 2, 3))
    return np.asarray(known.all(axis=(2, 3)) & (drawn | ~drawn.any())[:, None])


def _of_one_phase(expected: NDArray[np.uint8]) -> tuple[str, ...]:
    """Return a note if a ventricle of the truth has labels at one phase alone."""
    found = {name_of(label): np.flatnonzero((expected == label).any(axis=(1, 2, 3))) for label in (LV, RV)}
    names = [name for name, phases in found.items() if len(phases) == 1]
    if not names:
        return ()
    verb = "has" if len(names) == 1 else "have"
    return (
        f"{' and '.join(names)} of the truth {verb} labels at one phase alone, which is taken as ED: ESV, SV and EF "
        "are not compared.",
    )


def _of_few_slices(expected: NDArray[np.uint8]) -> tuple[str, ...]:
    """Return a note where the truth seems to be drawn in a part of the slices, and the rest counts as empty."""
    drawn = ((expected != BACKGROUND) & (expected != NOT_LABELLED)).any(axis=(2, 3))
    empty = drawn.any(axis=1)[:, None] & (expected == BACKGROUND).all(axis=(2, 3))  # of the labelled phases
    slices, count = int(drawn.any(axis=0).sum()), expected.shape[1]
    if not empty.any() or slices >= LEAST_DRAWN * count:
        return ()
    return (
        f"The truth has labels in {slices} of {count} slices; the others count as empty. If they were not drawn, give "
        f"them the label {NOT_LABELLED}, so that they are not scored.",
    )


def _structure(
    found: NDArray[np.bool_],
    expected: NDArray[np.bool_],
    judged: NDArray[np.bool_],
    spacing: tuple[float, float, float],
    voxel: float,
) -> dict[str, Any]:
    phases = []
    spurious, missed = spurious_and_missed(found, expected)
    for t in np.flatnonzero(judged.any(axis=1)):
        keep = judged[t]
        distance = hd95(found[t] & keep[:, None, None], expected[t], spacing, keep)
        phases.append(
            {
                "phase": int(t),
                "dice": dice(found[t][keep], expected[t][keep]),
                "j": jaccard(found[t][keep], expected[t][keep]),
                "f": boundary_f(found[t, 0], expected[t, 0]) if len(keep) == 1 else None,
                "hd95_mm": None if np.isnan(distance) else distance,
                "prediction_ml": float(found[t][keep].sum() * voxel),
                "truth_ml": float(expected[t][keep].sum() * voxel),
            }
        )
    distances = [p["hd95_mm"] for p in phases if p["hd95_mm"] is not None]
    return {
        "dice": float(np.mean([p["dice"] for p in phases])),
        "j": float(np.mean([p["j"] for p in phases])),
        "f": float(np.mean([p["f"] for p in phases])) if found.shape[1] == 1 else None,
        "hd95_mm": float(np.mean(distances)) if distances else None,
        "spurious_slices": int((spurious & judged).sum()),
        "missed_slices": int((missed & judged).sum()),
        "phases": phases,
    }


def _function(
    found: NDArray[np.uint8], expected: NDArray[np.uint8], judged: NDArray[np.bool_], voxel: float
) -> dict[str, Any]:
    """Compare EDV, ESV and EF of the ventricles if the truth has two phases or more."""
    slices = judged[judged.any(axis=1)].all(axis=0)
    lv = ((expected[:, slices] == LV) & judged[:, slices, None, None]).sum(axis=(1, 2, 3)).astype(np.float64)
    ed, es = find_ed_and_es(lv)
    if ed is None or es is None:
        return {"volumes": {}, "ED": None, "ES": None}
    volumes: dict[str, Any] = {}
    for label in (LV, RV):
        if not (expected == label).any():
            continue
        pair = []
        for source in (found, expected):
            edv, esv = (float((source[t][slices] == label).sum() * voxel) for t in (ed, es))
            # An empty ventricle was not drawn.
            pair.append({"EDV": edv, "ESV": esv, "EF": 100 * (1 - esv / edv) if edv and esv else None})
        pair[1] = {key: value or None for key, value in pair[1].items()}
        volumes[name_of(label)] = {key: _pair(pair[0][key], pair[1][key]) for key in pair[0]}
    return {"volumes": volumes, "ED": ed, "ES": es}


def _pair(found: float | None, expected: float | None) -> dict[str, float | None]:
    error = None if found is None or expected is None else found - expected
    return {"prediction": found, "truth": expected, "error": error}

"""Pseudo-labels: myocardium and RV, predicted by Vivim, of frames of which an expert drew the LV alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

from medvos.evaluate.metrics import dice
from medvos.models.networks import load_vivim
from medvos.models.store import ModelInfo
from medvos.models.vivim.network import Vivim
from medvos.structures import LV, MYO, RV
from medvos_lab.augment import box_centre, context, sample_frame
from medvos_lab.studies import Study, largest_seed

AGREEMENT = 0.9  # Dice of the predicted LV with the drawn one, from which the rest of the prediction is taken over
LEAST_RV_PX = 50  # of the frame; a smaller RV is unknown, and so is one that was not found

Labelled = tuple[NDArray[np.uint8], NDArray[np.bool_]]


def pseudo_labelled(studies: Sequence[Study], info: ModelInfo, cache: Path) -> list[Study]:
    """Return the studies, those in which the LV alone was drawn with pseudo-labels of myocardium and RV.

    They are predicted once, on the CPU, and kept in ``cache`` by the SHA-256 of the weights. `Study.known` states in
    which frames a structure is known.

    Parameters
    ----------
    studies: of all data sets.
    info: released Vivim network that predicts.
    cache: folder of data that are computed once.

    Raises
    ------
    InputError: the weights are missing or damaged.

    Example
    -------
    >>> pseudo_labelled(studies, resolve("vivim", "vivim"), Path("runs/cache"))
    """
    alone = [study for study in studies if study.structures == (LV,)]
    path = cache / f"pseudo-labels-{info.sha256[:16]}.npz"
    found = _kept(path, alone)
    if found is None:
        network = load_vivim(info, torch.device("cpu"))
        found = [labelled(study, network) for study in alone]
        _keep(path, found)
    new = iter(found)
    return [study if study.structures != (LV,) else _with_labels(study, *next(new)) for study in studies]


def labelled(study: Study, network: Vivim) -> Labelled:
    """Return the labels (N, Y, X) of a study's frames, and (N, 4) bool by label: whether it is known in the frame."""
    labels, known = study.labels.copy(), np.zeros((len(study.labels), 4), bool)
    known[:, LV] = True
    for i, found in enumerate(_predicted(study, network)):
        labels[i], known[i] = merged(study.labels[i] == LV, found)
    return labels, known


def merged(cavity: NDArray[np.bool_], predicted: NDArray[np.uint8]) -> Labelled:
    """Return the labels (Y, X) of one frame, and (4,) bool by label: whether it is known there.

    The drawn LV stays as it is. Where the prediction agrees with it and closes the wall around it, muscle is what it
    takes for myocardium, and for LV beyond the drawn one; the RV is its largest connected component.

    Parameters
    ----------
    cavity: (Y, X), the drawn LV.
    predicted: (Y, X) labels of the same frame.
    """
    labels, known = cavity.astype(np.uint8) * np.uint8(LV), np.zeros(4, bool)
    known[LV] = True
    if not cavity.any() or dice(predicted == LV, cavity) < AGREEMENT:
        return labels, known
    wall = _joined(np.isin(predicted, (MYO, LV)) & ~cavity, cavity)
    if (ndimage.binary_dilation(cavity, np.ones((3, 3))) & ~cavity & ~wall).any():
        return labels, known
    labels[wall], known[MYO] = MYO, True
    ventricle = _largest((predicted == RV) & (labels == 0))
    if ventricle.sum() >= LEAST_RV_PX:
        labels[ventricle], known[RV] = RV, True
    return labels, known


def counts(studies: Sequence[Study]) -> dict[str, tuple[int, int]]:
    """Return the frames and the patients with a known structure, by its name, of the studies with pseudo-labels."""
    known = [study.known for study in studies if study.known is not None]
    return {
        name: (int(sum(each[:, label].sum() for each in known)), sum(bool(each[:, label].any()) for each in known))
        for name, label in (("LV", LV), ("Myo", MYO), ("RV", RV))
    }


def _with_labels(study: Study, labels: NDArray[np.uint8], known: NDArray[np.bool_]) -> Study:
    return replace(study, labels=labels, known=known, structures=(RV, MYO, LV))


@torch.inference_mode()
def _predicted(study: Study, network: Vivim) -> NDArray[np.uint8]:
    """Return the labels (N, Y, X) that the network predicts, each slice as a clip of its phases, as in its training."""
    side, shape = network.config.side, study.labels.shape[1:]
    centre = torch.from_numpy(box_centre(largest_seed(study.labels))).float()
    grid = (_places((side, side)) - (side - 1) / 2) * study.scale + centre  # (H, W, 2) native pixels (x, y)
    back = (_places(shape) - centre) / study.scale + (side - 1) / 2  # (Y, X, 2) pixels of the network
    back = ((back * 2 + 1) / side - 1)[None]
    predicted = np.zeros_like(study.labels)
    for z in np.unique(study.slices):
        frames = np.flatnonzero(study.slices == z)
        frames = frames[np.argsort(study.phases[frames])]
        stacks = [study.images[context(study, int(i), False, False)] for i in frames]
        images = torch.stack(
            [sample_frame(stack, study.labels[i], grid)[0] for i, stack in zip(frames, stacks, strict=True)]
        )
        found = network(((images - 0.5) / 0.25)[None]).logits.softmax(2)[0, :, 1:]  # (T, 3, H, W)
        whole = F.grid_sample(found, back.expand(len(found), -1, -1, -1), align_corners=False)
        predicted[frames] = torch.cat([1 - whole.sum(1, keepdim=True), whole], 1).argmax(1).numpy()
    return predicted


def _places(shape: tuple[int, ...]) -> Tensor:
    """Return (Y, X, 2) the places (x, y) of the pixels of an image."""
    rows, columns = (torch.arange(size).float() for size in shape)
    return torch.stack(torch.meshgrid(columns, rows, indexing="xy"), -1)


def _joined(mask: NDArray[np.bool_], to: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the part of a mask that is connected with another one."""
    parts, _ = ndimage.label(mask | to)
    return mask & np.isin(parts, parts[to])


def _largest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the largest connected component."""
    parts, count = ndimage.label(mask)
    return parts == 1 + np.bincount(parts.ravel())[1:].argmax() if count else mask


def _kept(path: Path, studies: Sequence[Study]) -> list[Labelled] | None:
    """Return the kept labels of these studies; None where there are none, or those of other data."""
    if not path.exists():
        return None
    with np.load(path) as file:
        found = [(file[f"labels{i}"], file[f"known{i}"]) for i in range(len(file.files) // 2)]
    same = len(found) == len(studies) and all(
        np.array_equal(labels == LV, study.labels == LV) for (labels, _), study in zip(found, studies, strict=True)
    )
    return found if same else None


def _keep(path: Path, found: Sequence[Labelled]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {}
    for i, (labels, known) in enumerate(found):
        arrays |= {f"labels{i}": labels, f"known{i}": known}
    unfinished = path.with_suffix(f".{os.getpid()}.partial")  # several processes may predict the same labels
    with unfinished.open("wb") as file:
        np.savez_compressed(file, **arrays)
    unfinished.replace(path)

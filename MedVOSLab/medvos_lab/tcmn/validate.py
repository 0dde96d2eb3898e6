"""Validation of TCMN: from the drawing at ED to ES and back, and through whole clips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from medvos.evaluate.metrics import dice, hd95
from medvos.measure.beats import find_beats
from medvos.models.tcmn.follow import follow, remember
from medvos.models.tcmn.network import Tcmn
from medvos.models.tcmn.steady import steady
from medvos.propagation.clip_trust import BesideMotion, followed, near
from medvos.propagation.intensity import grey_window, normalise
from medvos.uncertainty.calibration import Calibration, fit_logistic
from medvos.uncertainty.slices import expected_dice
from medvos.uncertainty.voxels import raw_features
from medvos_lab.bench.calibrate import Observed, cross_fitted_error
from medvos_lab.bench.camus_scores import on_camus
from medvos_lab.bench.drawn import Drawn
from medvos_lab.bench.methods import method
from medvos_lab.datasets.acdc_beats import acdc_beats
from medvos_lab.datasets.camus import NUMBERS, camus_studies
from medvos_lab.datasets.echonet import EchoClip, EchoPairs, echonet_clips, echonet_pairs
from medvos_lab.tcmn.structures import score, structures_of_beat

BAD_DICE = 0.8
PIXEL = (1.0, 1.0, 1.0)
# Every pixel near the border of 600 frames is far more than two numbers need.
PIXELS_A_FRAME = 200
NEAR = 10  # pixels


@dataclass(frozen=True)
class Followed:
    """Frames that were reached from a drawn one: (N, 2, H, W) probabilities and (N, H, W) the expert's masks."""

    probabilities: Tensor
    truth: NDArray[np.bool_]

    @property
    def masks(self) -> NDArray[np.bool_]:
        """(N, H, W)."""
        return (self.probabilities[:, 1] > 0.5).numpy()

    @property
    def scores(self) -> NDArray[np.float64]:
        """(N,) Dice."""
        return np.array([dice(found, mask) for found, mask in zip(self.masks, self.truth, strict=True)])


def validate(network: Tcmn, data: Path | None, device: torch.device) -> tuple[dict[str, float], Calibration]:
    """Return metrics by name on the 300 validation pairs and the two validation clips, and the uncertainty's constants.

    Raises
    ------
    InputError: the data are not there.
    """
    network = network.to(device).eval()
    pairs = echonet_pairs(data)
    to_es, to_ed = (across(network, pairs, start, device) for start in (0, 1))
    metrics = {
        "pairs": float(len(pairs.images)),
        "Dice, ED to ES": float(to_es.scores.mean()),
        "Dice, ES to ED": float(to_ed.scores.mean()),
        "worst tenth, ED to ES": float(np.quantile(to_es.scores, 0.1)),
        "HD95 in pixels, ED to ES": _distance(to_es),
    }
    return metrics | on_clips(network, echonet_clips(data), device), calibrate([to_es, to_ed])


def on_studies(model: str, data: Path | None, device: torch.device) -> dict[str, float]:
    """Propagate from ED to ES with a model of the store, as the program does it, and score each structure.

    All structures of CAMUS's 50 validation studies are drawn together; those of ACDC's 20 validation patients one by
    one, in every slice of the crop, and followed through all frames of systole.
    """
    follower = Drawn(method(model, str(device)))
    metrics = on_camus(follower.study, camus_studies(data), NUMBERS.values(), drawn=True)
    beats = list(acdc_beats(data))
    of_hearts = score(follower, (each for beat in beats for each in structures_of_beat(beat)))
    found = {f"{name} ES": means["Dice"] for name, means in of_hearts.items()}
    return metrics | {"ACDC patients": float(len(beats))} | found


def across(network: Tcmn, pairs: EchoPairs, start: int, device: torch.device) -> Followed:
    """Propagate from the drawing at ED (``start`` 0) directly to ES, or from ES (1) to ED."""
    found = [
        next(_led(network, images[start], masks[start], [images[1 - start]], images[1 - start][None], device))
        for images, masks in zip(pairs.images, pairs.masks, strict=True)
    ]
    return Followed(torch.stack(found), pairs.masks[:, 1 - start])


def on_clips(network: Tcmn, clips: list[EchoClip], device: torch.device) -> dict[str, float]:
    """Propagate from the drawing at ED through the whole clip in both directions, and score."""
    scores, jumps, off = [], [], []
    for clip in clips:
        drawn = torch.from_numpy(np.stack([~clip.masks[0], clip.masks[0]])).float()
        step = 1000 / clip.rate
        others = clip.frames[list(near([step * frame for frame in range(len(clip.frames))], clip.ed))]
        earlier, later = (
            list(steady(drawn, _led(network, clip.frames[clip.ed], clip.masks[0], direction, others, device), step))
            for direction in (clip.frames[: clip.ed][::-1], clip.frames[clip.ed + 1 :])
        )
        masks = (torch.stack([*earlier[::-1], drawn, *later])[:, 1] > 0.5).numpy()
        scores.append(dice(masks[clip.es], clip.masks[1]))
        areas = masks.sum((1, 2)).astype(float)
        jumps.append(float((np.abs(np.diff(areas)) / np.maximum(areas[:-1], 1)).max()))
        beats = find_beats(np.arange(len(areas)) * 1000 / clip.rate, areas)
        for role, truth in enumerate((clip.ed, clip.es)):
            off.append(min((abs(beat[role] - truth) for beat in beats), default=len(areas)))
    return {
        "clips": float(len(clips)),
        "Dice at ES, clips": float(np.mean(scores)),
        "frames between the found and the expert's ED and ES, at most": float(max(off)),
        "greatest jump of the area between neighbours in %": 100 * max(jumps),
    }


def calibrate_tcmn(network: Tcmn, data: Path | None, device: torch.device) -> tuple[Calibration, dict[str, float]]:
    """Fit the uncertainty's constants on the validation pairs; return them and the error expected on unseen pairs.

    The error is cross-fitted between the first and the second half of the pairs.

    Parameters
    ----------
    network: in evaluation mode on ``device``.
    data: folder of the data sets.
    """
    pairs = echonet_pairs(data)
    middle = len(pairs.images) // 2
    halves = [
        [observe(across(network, EchoPairs(pairs.images[part], pairs.masks[part]), start, device)) for start in (0, 1)]
        for part in (slice(0, middle), slice(middle, None))
    ]
    return _fit([each for half in halves for each in half]), cross_fitted_error(halves, _fit)


def calibrate(followed: Iterable[Followed]) -> Calibration:
    """Fit the probabilities of a wrong pixel and of a bad mask on these frames."""
    return _fit([observe(each) for each in followed])


def observe(followed: Followed) -> Observed:
    """Return raw scores near the borders and what came true."""
    rng = np.random.default_rng(0)
    found, wrong = [], []
    features = np.stack(
        [f.numpy() for f in raw_features(followed.probabilities, torch.zeros(followed.truth.shape))], -1
    )
    for feature, mask, truth in zip(features, followed.masks, followed.truth, strict=True):
        rows, cols = np.nonzero(_near(mask) | _near(truth))
        chosen = rng.permutation(len(rows))[:PIXELS_A_FRAME]
        found.append(feature[rows[chosen], cols[chosen]])
        wrong.append((mask != truth)[rows[chosen], cols[chosen]])
    present = torch.ones(len(followed.truth), 1)
    logits = (1 - expected_dice(followed.probabilities, present)).clamp(1e-6, 1 - 1e-6).logit().numpy()
    return Observed(np.concatenate(found), np.concatenate(wrong), logits[:, None], followed.scores < BAD_DICE)


def _fit(observed: Sequence[Observed]) -> Calibration:
    """Fit both curves; a frame that is reached from one direction has no spread."""
    joined = [
        np.concatenate([getattr(each, name) for each in observed]) for name in ("voxels", "wrong", "slices", "bad")
    ]
    voxel = fit_logistic(joined[0][:, :1], joined[1])
    frame = fit_logistic(joined[2], joined[3])
    return Calibration((voxel[0], voxel[1], 0.0), (frame[0], frame[1]))


def _led(
    network: Tcmn,
    first: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    frames: Iterable[NDArray[np.uint8]],
    others: NDArray[np.uint8],
    device: torch.device,
) -> Iterator[Tensor]:
    """Yield (2, H, W) probabilities of each frame from the first one's mask; ``others`` (N, H, W) show it again."""
    window = grey_window(first.astype(np.float32))

    def seen(frame: NDArray[np.uint8]) -> Tensor:
        return normalise(torch.from_numpy(frame).float(), window).to(device)

    image, masks = seen(first), torch.from_numpy(mask).float()[None].to(device)
    trust = followed(network, image, masks, map(seen, others)).to(device)
    beside = BesideMotion(image, masks, trust)
    return (found.cpu() for found in follow(network, remember(network, image, masks), map(seen, frames), beside))


def _near(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    from scipy import ndimage

    return np.asarray(ndimage.binary_dilation(mask, iterations=NEAR)) if mask.any() else mask


def _distance(followed: Followed) -> float:
    found = zip(followed.masks, followed.truth, strict=True)
    return float(np.nanmean([hd95(mask[None], truth[None], PIXEL) for mask, truth in found]))

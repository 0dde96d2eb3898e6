"""Metrics of a segmentation against the truth, and of an uncertainty against errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]

# Label of voxels that the expert did not label.
NOT_LABELLED = 255

CONTOUR_REACH = 0.008  # fraction of the image diagonal


def dice(prediction: Mask, truth: Mask) -> float:
    """Compute the Dice overlap of two masks of any shape, in [0, 1]; 1 for two empty masks.

    >>> dice(np.array([True, True]), np.array([True, False]))
    0.6666666666666666
    """
    total = int(np.count_nonzero(prediction)) + int(np.count_nonzero(truth))
    if total == 0:
        return 1.0
    return 2.0 * int(np.count_nonzero(prediction & truth)) / total


def jaccard(prediction: Mask, truth: Mask) -> float:
    """Compute the intersection over union (J of the video benchmarks), in [0, 1]; 1 for two empty masks."""
    union = int(np.count_nonzero(prediction | truth))
    return 1.0 if union == 0 else int(np.count_nonzero(prediction & truth)) / union


def boundary_f(prediction: Mask, truth: Mask) -> float:
    """Compute F of the video benchmarks (Perazzi et al. 2016), the harmonic mean of contour precision and recall.

    Parameters
    ----------
    prediction, truth: (Y, X). Contours agree if they are at most 0.8 % of the image diagonal apart.

    Returns
    -------
    In [0, 1]; 1 for two empty masks.
    """
    contours = [_surface(np.pad(mask, 1)) for mask in (prediction, truth)]
    if not contours[0].any() or not contours[1].any():
        return float(not contours[0].any() and not contours[1].any())
    reach = np.ceil(CONTOUR_REACH * np.hypot(*truth.shape))
    near = [ndimage.distance_transform_edt(~contour) <= reach for contour in contours]
    precision, recall = near[1][contours[0]].mean(), near[0][contours[1]].mean()
    return float(2 * precision * recall / (precision + recall)) if precision + recall else 0.0


def hd95(prediction: Mask, truth: Mask, spacing: tuple[float, ...], scored: Mask | None = None) -> float:
    """Compute the 95th percentile Hausdorff distance in mm, the larger of the two directed ones.

    Parameters
    ----------
    prediction, truth: masks of the same shape, whose first axis is the slice.
    spacing: distance between voxel centres in mm along every axis.
    scored: (Z,) bool, slices whose surface voxels count; they are matched to surface voxels of any slice, so that
        leaving a slice out opens no gap. Default: all.

    Returns
    -------
    Distance in mm; 0 if both masks are empty in the scored slices, nan if exactly one is (callers report the number
    of these cases beside the mean).
    """
    keep = np.ones(len(truth), bool) if scored is None else scored
    if not prediction[keep].any() and not truth[keep].any():
        return 0.0
    if not prediction[keep].any() or not truth[keep].any():
        return float("nan")
    box = ndimage.find_objects((prediction | truth).astype(np.uint8))[0]
    # A margin of one voxel, so that a mask which touches the box has its surface there.
    surfaces = [_surface(np.pad(mask[box], 1)) for mask in (prediction, truth)]
    rows = np.pad(keep[box[0]], 1)
    distances = [ndimage.distance_transform_edt(~surface, sampling=spacing) for surface in surfaces]
    there = distances[1][rows][surfaces[0][rows]]
    back = distances[0][rows][surfaces[1][rows]]
    return float(max(np.percentile(there, 95), np.percentile(back, 95)))


def spurious_and_missed(prediction: Mask, truth: Mask) -> tuple[Mask, Mask]:
    """Find slices labelled although the structure is absent, and slices left empty although it is present.

    Parameters
    ----------
    prediction, truth: (..., Y, X) masks.

    Returns
    -------
    spurious, missed: (...) bool.
    """
    found, there = np.asarray(prediction.any(axis=(-2, -1))), np.asarray(truth.any(axis=(-2, -1)))
    return found & ~there, there & ~found


def auroc(score: ArrayLike, positive: ArrayLike) -> float:
    """Compute the area under the ROC curve, the probability that a positive scores above a negative (ties half).

    nan if one of the two classes is missing.
    """
    from scipy import stats  # takes a second to import

    values, is_positive = np.asarray(score, float), np.asarray(positive, bool)
    n_positive, n_negative = int(is_positive.sum()), int((~is_positive).sum())
    if n_positive == 0 or n_negative == 0:
        return float("nan")
    rank_sum = stats.rankdata(values)[is_positive].sum()
    return float((rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


@dataclass(frozen=True)
class Reliability:
    """A reliability diagram: bins of equal width over [0, 1].

    Attributes
    ----------
    stated: (B,) mean stated probability in each bin, nan where it is empty.
    observed: (B,) observed frequency.
    counts: (B,) samples in the bin.
    ece: expected calibration error, the count-weighted mean of ``|stated - observed|``.
    """

    stated: NDArray[np.float64]
    observed: NDArray[np.float64]
    counts: NDArray[np.int64]
    ece: float


def reliability(stated: ArrayLike, happened: ArrayLike, bins: int = 10) -> Reliability:
    """Compare stated probabilities with observed frequencies (Guo et al. 2017, eq. 3).

    Parameters
    ----------
    stated: probabilities in [0, 1], such as the uncertainty of voxels.
    happened: bool of the same size, such as whether these voxels are wrong.
    """
    probability, outcome = np.asarray(stated, float).ravel(), np.asarray(happened, float).ravel()
    index = np.clip((probability * bins).astype(int), 0, bins - 1)
    counts = np.bincount(index, minlength=bins)
    sums = [np.bincount(index, values, bins).astype(np.float64) for values in (probability, outcome)]
    return _diagram(sums[0], sums[1], counts)


def pool(diagrams: Sequence[Reliability]) -> Reliability:
    """Pool the samples of several diagrams with the same bins into one diagram."""
    counts = np.array([d.counts for d in diagrams])
    stated = np.nansum(np.array([d.stated for d in diagrams]) * counts, axis=0)
    observed = np.nansum(np.array([d.observed for d in diagrams]) * counts, axis=0)
    return _diagram(stated, observed, counts.sum(axis=0))


def _diagram(stated: NDArray[np.float64], observed: NDArray[np.float64], counts: NDArray[np.int64]) -> Reliability:
    """Return the diagram from sums over the samples of each bin."""
    with np.errstate(invalid="ignore"):
        mean_stated, mean_observed = stated / counts, observed / counts
    gap = np.nansum(np.abs(mean_stated - mean_observed) * counts)
    return Reliability(mean_stated, mean_observed, counts, float(gap / max(counts.sum(), 1)))


def _surface(mask: Mask) -> Mask:
    """Return the voxels of a mask that have a face on its outside."""
    return mask & ~ndimage.binary_erosion(mask)


def agreement(found: Sequence[float], truth: Sequence[float]) -> dict[str, float]:
    """Compute mean and median absolute error, bias, standard deviation of the error and correlation of EF.

    Pairs that are not finite are left out. The median is given too because a failed LV may have any EF.
    """
    pairs = np.array([(f, t) for f, t in zip(found, truth, strict=True) if np.isfinite(f) and np.isfinite(t)])
    if len(pairs) < 2:
        return {}
    error = pairs[:, 0] - pairs[:, 1]
    varied = pairs.std(axis=0).min() > 0
    return {
        "EF error": float(np.abs(error).mean()),
        "EF median error": float(np.median(np.abs(error))),
        "EF bias": float(error.mean()),
        "EF SD": float(error.std()),
        "EF r": float(np.corrcoef(pairs.T)[0, 1]) if varied else float("nan"),
    }

"""Vivim loss: cross-entropy and IoU of the structures, and the boundary with its affine constraint."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from medvos.models.vivim.network import Prediction
from medvos_lab.studies import Study
from medvos_lab.vivim.affine import AffineNet

# The paper's weights of both terms of the boundary (equation 9).
EDGE_WEIGHT, AFFINE_WEIGHT = 0.3, 0.3
# Its weights within the affine constraint (equation 8): towards the contours drawn in the frame, and away from those
# drawn in the first frame of the clip. The former is 1.
AWAY = 0.01
# A contour is a few per cent of the pixels.
EDGE_PIXEL_WEIGHT = 4.0
CONTOUR_EVERY = 2  # frames; enough contours to train the affine constraint


def clip_loss(
    prediction: Prediction,
    targets: Tensor,
    known: Tensor,
    affine: AffineNet | None,
    contours: bool = True,
    away: float = AWAY,
) -> Tensor:
    """Return the loss of B clips of T frames (Yang et al., arXiv:2401.14168, equations 8 and 9).

    Parameters
    ----------
    prediction: of the network.
    targets: (B, T, H, W) int64.
    known: (B, classes) bool.
    affine: pre-trained; without it there is no affine constraint.
    contours: whether there is a loss of contours at all.
    away: weight of the adversarial half of the affine constraint, 0 for none.
    """
    frames = prediction.logits.shape[1]
    logits, truth = prediction.logits.flatten(0, 1), targets.flatten(0, 1)
    judged = known.repeat_interleave(frames, 0)  # (B * T, classes)
    log_p = known_log_probabilities(logits, judged)
    loss = F.nll_loss(log_p, truth) + iou_loss(log_p.exp(), truth, judged)
    # Contours of what was not drawn are unknown.
    whole = judged.all(1)
    if not (contours and whole.any()):
        return loss
    seen, drawn = prediction.edges.flatten(0, 1)[whole], edges(truth[whole], prediction.edges.shape[-1])
    weight = torch.as_tensor(EDGE_PIXEL_WEIGHT, device=seen.device)
    loss = loss + EDGE_WEIGHT * F.binary_cross_entropy_with_logits(seen, drawn, pos_weight=weight)
    if affine is not None:
        loss = loss + AFFINE_WEIGHT * affine_constraint(seen.sigmoid(), drawn, frames, affine, away)
    return loss


def affine_constraint(seen: Tensor, drawn: Tensor, frames: int, affine: AffineNet, away: float = AWAY) -> Tensor:
    """Return the affine constraint of whole clips (Yang et al., arXiv:2401.14168, equation 8).

    Predicted contours are drawn to those of their frame, and pushed off those of the first frame of their clip, so
    that small differences between frames are kept.

    Parameters
    ----------
    seen, drawn: predicted and drawn contours (clips * frames, H, W) in [0, 1], clip after clip.
    frames: of a clip.
    affine: pre-trained; its weights do not change.
    away: weight of the adversarial half, 0 for none.

    >>> affine_constraint(seen, drawn, 5, affine)
    tensor(0.0312)
    """
    towards = affine.distance(seen, drawn)
    if not away or frames < 2:
        return towards
    later = torch.arange(len(seen), device=seen.device) % frames > 0  # a first frame is its own target
    first = drawn[::frames].repeat_interleave(frames, 0)
    return towards - away * affine.distance(seen[later], first[later]) * (frames - 1) / frames


def known_log_probabilities(logits: Tensor, known: Tensor) -> Tensor:
    """Return log-probabilities (B, C, H, W), those of structures that were not judged added to the background's.

    Parameters
    ----------
    logits: of the background and the structures.
    known: (B, C) bool, the background among them.
    """
    log_p = logits.log_softmax(1)
    judged = known[:, :, None, None]
    background = torch.where(judged, float("-inf"), log_p)
    background = torch.cat([log_p[:, :1], background[:, 1:]], 1).logsumexp(1, keepdim=True)
    # Of finite value, for nothing times infinity is no number.
    return torch.cat([background, torch.where(judged, log_p, -30.0)[:, 1:]], 1)


def iou_loss(p: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """Return 1 - soft IoU of each structure, intersections and unions summed over the frames in which it was judged."""
    drawn = F.one_hot(truth, p.shape[1]).permute(0, 3, 1, 2).to(p.dtype)
    counted = known[:, :, None, None].to(p.dtype)
    both = (p * drawn * counted).sum((0, 2, 3))[1:]
    either = ((p + drawn) * counted).sum((0, 2, 3))[1:] - both
    return 1 - ((both + 1) / (either + 1))[known.any(0)[1:]].mean()


def edges(labels: Tensor, side: int) -> Tensor:
    """Return contours (B, side, side) of labels (B, H, W): 1 where Sobel's gradient of any structure is not 0."""
    masks = F.one_hot(labels).movedim(-1, 1).float()
    across = torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]], device=labels.device)
    kernels = torch.stack([across, across.T])[:, None]  # (2, 1, 3, 3)
    padded = F.pad(masks.flatten(0, 1)[:, None], (1, 1, 1, 1), mode="replicate")
    found = F.conv2d(padded, kernels).abs().amax(1).unflatten(0, masks.shape[:2]).amax(1)
    return F.adaptive_max_pool2d((found > 0).float()[:, None], side)[:, 0]


def contours(studies: list[Study]) -> Tensor:
    """Return contours (N, 64, 64) of fully drawn frames, from which the affine constraint is learnt."""
    found = []
    for study in studies:
        if len(study.structures) == 3:
            drawn = study.labels[study.labels.any((1, 2))][::CONTOUR_EVERY]
            side = min(128, *drawn.shape[1:])
            rows, cols = ((size - side) // 2 for size in drawn.shape[1:])
            middle = torch.from_numpy(drawn[:, rows : rows + side, cols : cols + side]).long()
            found.append(edges(middle, 64))
    return torch.cat(found)

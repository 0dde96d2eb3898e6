"""Masks of a drawn frame carried through a clip by the motion of its images, whatever structure they show."""

from __future__ import annotations

import torch
from torch import Tensor

from medvos.propagation.dense_motion import ERROR_PX, motion_both_ways, sampled_at
from medvos.propagation.slice_motion import window_around


class ClipMotion:
    """Carries the masks of one drawn frame to consecutive frames, the nearest first, in either direction of time.

    Displacements are chained from frame to frame and the masks are sampled once, so that their border stays sharp. A
    chain loses its way over many beats. The last frame of each group is therefore compared with the drawn frame itself,
    which resembles it again at the same moment of a later beat, and the chain begins anew there if that motion is the
    more consistent one.

    Parameters
    ----------
    image: (H, W), the drawn frame, normalised.
    masks: (S, H, W) in [0, 1].

    >>> motion = ClipMotion(frames[0], masks)
    >>> motion.carry(frames[1:6]).shape  # the confidence last
    torch.Size([5, 2, 112, 112])
    """

    def __init__(self, image: Tensor, masks: Tensor) -> None:
        drawing = masks.amax(0) > 0.5
        self._size = tuple(image.shape)
        self._window = window_around(drawing) if drawing.any() else (slice(0, len(image)), slice(0, image.shape[1]))
        self._drawn, self._masks = image[self._window][None], masks[(..., *self._window)][None]
        self._before = self._drawn
        self._origin = self._drawn.new_zeros(1, 2, *self._drawn.shape[-2:])
        self._error = self._drawn.new_zeros(1, 1, *self._drawn.shape[-2:])

    def carry(self, images: Tensor) -> Tensor:
        """Carry the masks to the next frames (N, H, W): (N, S + 1, H, W), the confidence in [0, 1] last.

        Outside a window around the drawing there are neither masks nor confidence.
        """
        inside = images[(..., *self._window)]
        steps, backs = motion_both_ways(inside, torch.cat([self._before, inside[:-1]]))
        found = []
        for step, back in zip(steps.split(1), backs.split(1), strict=True):
            onward, summed, returned = sampled_at(torch.cat([self._origin, self._error, back], 1), step).split(
                [2, 1, 2], 1
            )
            self._origin, self._error = step + onward, summed + _length(step + returned)
            found.append(self._carried())
        self._before = inside[-1:]
        if len(inside) > 1:
            self._begin_anew()
            found[-1] = self._carried()
        maps = self._drawn.new_zeros(len(images), self._masks.shape[1] + 1, *self._size)
        maps[(..., *self._window)] = torch.cat(found)
        return maps

    def _carried(self) -> Tensor:
        return torch.cat([sampled_at(self._masks, self._origin), torch.exp(-self._error / ERROR_PX)], 1)

    def _begin_anew(self) -> None:
        """Replace the chain by the motion from the last frame straight to the drawn one if its error is smaller."""
        straight, back = motion_both_ways(self._before, self._drawn)
        error = _length(straight + sampled_at(back, straight))
        near = sum(sampled_at(self._masks, motion).amax(1, keepdim=True) for motion in (straight, self._origin))
        if (error * near).sum() < (self._error * near).sum():
            self._origin, self._error = straight, error


def _length(motion: Tensor) -> Tensor:
    return motion.norm(dim=1, keepdim=True)

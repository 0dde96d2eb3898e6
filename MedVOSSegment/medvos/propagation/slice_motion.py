"""Motion of the slices of a cine around the heart, computed once for the heart and its mirror image."""

from __future__ import annotations

from threading import Lock

import torch
import torch.nn.functional as F
from torch import Tensor

from medvos.propagation.dense_motion import MotionChain, beat_motion, chain_to

MARGIN = 20  # pixels around the drawing within which motion is computed: the widest slice of the RV reaches so far


class SliceMotion:
    """Chains of motion by slice and start phase, kept in half precision.

    Parameters
    ----------
    frames: (T, Z, H, W), normalised.
    drawing: (H, W) bool, where something is drawn: motion is computed in a window around it, and nothing is carried
        outside. Default the whole image.

    >>> SliceMotion(frames, drawing).carry(5, 0, masks)  # (T, S + 1, H, W), the confidence last
    """

    def __init__(self, frames: Tensor, drawing: Tensor | None = None) -> None:
        self._frames, self._is_mirrored = frames, False
        self._window = window_around(drawing) if drawing is not None else tuple(slice(0, n) for n in frames.shape[-2:])
        self._chains: dict[tuple[int, int], MotionChain] = {}
        self._locks: dict[tuple[int, int], Lock] = {}

    def mirrored(self) -> SliceMotion:
        """Return the motion of the mirrored heart; both share what is computed."""
        other = SliceMotion(self._frames)
        other._window, other._is_mirrored = self._window, not self._is_mirrored
        other._chains, other._locks = self._chains, self._locks
        return other

    def carry(self, z: int, phase: int, masks: Tensor) -> Tensor:
        """Carry masks (S, H, W) of one phase of a slice around the beat: (T, S + 1, H, W), the confidence last."""
        chain = MotionChain(*(part.to(masks) for part in self._chain(z, phase)))
        as_scanned = masks.flip(-1) if self._is_mirrored else masks
        rows, columns = self._window
        height, width = masks.shape[-2:]
        outside = (columns.start, width - columns.stop, rows.start, height - rows.stop)
        carried = F.pad(chain.carry(as_scanned[..., rows, columns]), outside)
        return carried.flip(-1) if self._is_mirrored else carried

    def _chain(self, z: int, phase: int) -> MotionChain:
        # The heart and its mirror image may be propagated in two threads: one waits for what the other has begun.
        with self._locks.setdefault((z, phase), Lock()):
            if (z, phase) not in self._chains:
                chain = chain_to(phase, beat_motion(self._frames[:, z, *self._window]))
                # Displacements of up to 32 pixels are exact to 0.02 in half precision.
                self._chains[z, phase] = MotionChain(*(part.half() for part in chain))
            return self._chains[z, phase]


def window_around(drawing: Tensor) -> tuple[slice, slice]:
    """Return rows and columns of the box around a drawing (H, W) with its margin; something is drawn.

    >>> window_around(masks.amax(0) > 0.5)
    (slice(20, 92, None), slice(12, 88, None))
    """
    sides = []
    for axis in (1, 0):
        at = torch.nonzero(drawing.amax(axis)).flatten()
        low, high = int(at.min()) - MARGIN, int(at.max()) + 1 + MARGIN
        sides.append(slice(max(low, 0), min(high, drawing.shape[1 - axis])))
    return sides[0], sides[1]

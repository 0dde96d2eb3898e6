"""Motion of the slices of a cine, computed once for the heart and its mirror image."""

from __future__ import annotations

from torch import Tensor

from medvos.propagation.dense_motion import MotionChain, beat_motion, chain_to


class SliceMotion:
    """Chains of motion by slice and start phase, kept in half precision.

    Parameters
    ----------
    frames: (T, Z, H, W), normalised.

    >>> SliceMotion(frames).carry(5, 0, masks)  # (T, S + 1, H, W), the confidence last
    """

    def __init__(self, frames: Tensor) -> None:
        self._frames, self._is_mirrored = frames, False
        self._chains: dict[tuple[int, int], MotionChain] = {}

    def mirrored(self) -> SliceMotion:
        """Return the motion of the mirrored heart; both share what is computed."""
        other = SliceMotion(self._frames)
        other._chains, other._is_mirrored = self._chains, not self._is_mirrored
        return other

    def carry(self, z: int, phase: int, masks: Tensor) -> Tensor:
        """Carry masks (S, H, W) of one phase of a slice around the beat: (T, S + 1, H, W), the confidence last."""
        chain = MotionChain(*(part.to(masks) for part in self._chain(z, phase)))
        return (chain.mirrored() if self._is_mirrored else chain).carry(masks)

    def _chain(self, z: int, phase: int) -> MotionChain:
        if (z, phase) not in self._chains:
            chain = chain_to(phase, beat_motion(self._frames[:, z]))
            # Displacements of up to 32 pixels are exact to 0.02 in half precision.
            self._chains[z, phase] = MotionChain(*(part.half() for part in chain))
        return self._chains[z, phase]

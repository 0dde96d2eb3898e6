"""Prediction of one slice at all phases."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor


@dataclass(frozen=True)
class SliceResult:
    """One slice at all phases.

    Attributes
    ----------
    z: slice index.
    probabilities: (T, S + 1, H, W), background first.
    spread: (T, H, W), variance between the directions from which a frame was predicted; 0 where there was one.
    presence: (T, S), probability that each structure is in the slice.
    """

    z: int
    probabilities: Tensor
    spread: Tensor
    presence: Tensor

    def mirrored(self) -> SliceResult:
        """Return the slice with left and right exchanged."""
        return replace(self, probabilities=self.probabilities.flip(-1), spread=self.spread.flip(-1))

    @staticmethod
    def mean(a: SliceResult, b: SliceResult) -> SliceResult:
        """Return the mixture of two predictions; its spread is their mean spread plus the variance between them."""
        between = ((a.probabilities - b.probabilities) / 2).square().sum(1)
        return SliceResult(
            a.z,
            (a.probabilities + b.probabilities) / 2,
            (a.spread + b.spread) / 2 + between,
            (a.presence + b.presence) / 2,
        )

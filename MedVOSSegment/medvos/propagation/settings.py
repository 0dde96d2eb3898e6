"""What a propagation can be told beside its network."""

from __future__ import annotations

from dataclasses import dataclass

from medvos.models.cstm.config import Matching


@dataclass(frozen=True)
class Settings:
    """Chosen on ACDC's validation patients by ``medvos bench accuracy``.

    Attributes
    ----------
    mirrored: also propagate through the mirrored heart and take the mean; twice the time.
    outer_share: this share of the slices from the seed to each end, the outermost, also looks at its own neighbours
        in time, the phase before and the phase after (CSTM's T_max 3 at the apex).
    absent_below: a structure whose probability of being in the picture is below this is left out of that slice,
        whatever the decoder says; 0 leaves it to the decoder, which has learnt to end structures too.
    batch: frames in one pass of the network; on a CPU more only leave its caches.
    matching: overrides the network's own way of matching, for the ablation; ``dense`` is STCN's.
    """

    mirrored: bool = True
    outer_fraction: float = 1 / 3
    absent_below: float = 0.0
    batch: int = 8
    matching: Matching | None = None

    def outer_count(self, slices: int) -> int:
        """How many of the slices from the seed to one end are outer ones."""
        return round(self.outer_fraction * slices)

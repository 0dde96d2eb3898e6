"""The settings of a propagation with CSTM."""

from __future__ import annotations

from dataclasses import dataclass

from medvos.models.cstm.config import Matching


@dataclass(frozen=True)
class PropagationSettings:
    """Options of `medvos.propagate`; ``medvos bench accuracy`` chose the defaults on ACDC's validation patients.

    Attributes
    ----------
    mirrored: also propagate through the mirrored heart and take the mean; doubles the time.
    outer_fraction: this fraction of the slices from the seed to each end, the outermost, is also matched with its own
        previous and next phase (CSTM's T_max 3 at the apex), three times the work. Networks that learnt from whole
        beats carry masks around the beat in every slice, and gain nothing from it.
    absent_below: a structure whose probability of presence in a slice is below this is removed from it, whatever the
        decoder predicts; 0 leaves the end of structures to the decoder.
    batch: frames in one pass of the network; on a CPU larger batches only exceed its caches.
    second_opinion: also ask the model's companion, which sees no drawing (`medvos.propagation.second_opinion`).
    keep_style: move borders by a share of what the reader's style has drifted (`medvos.propagation.style`).
    matching: overrides the network's own matching, for the ablation; ``dense`` is STCN's.
    """

    mirrored: bool = True
    outer_fraction: float = 0.0
    absent_below: float = 0.0
    batch: int = 8
    second_opinion: bool = True
    keep_style: bool = True
    matching: Matching | None = None

    def outer_count(self, slices: int) -> int:
        """Return how many of the slices from the seed to one end are outer ones."""
        return round(self.outer_fraction * slices)

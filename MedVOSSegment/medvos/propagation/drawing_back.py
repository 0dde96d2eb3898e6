"""Predict a drawing back from what was predicted from it: what is lost on the way says how well it was understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from medvos.models.cstm.network import Cstm
from medvos.propagation.dense_motion import FEWEST_PHASES
from medvos.propagation.frame_predictor import FramePredictor
from medvos.propagation.frame_stack import FrameStack
from medvos.propagation.inputs import PropagationInputs
from medvos.propagation.slice_result import SliceResult
from medvos.uncertainty.likeliest import likeliest


@dataclass(frozen=True)
class Back:
    """The main drawing as it was predicted back.

    Attributes
    ----------
    drawn: (S, H, W) in [0, 1], the drawn masks.
    probabilities: (S + 1, H, W) on the CPU, background first.
    """

    drawn: Tensor
    probabilities: Tensor

    def masks(self, slot: int) -> tuple[Tensor, Tensor]:
        """Return the mask (H, W) of a class as drawn and as it came back."""
        return self.drawn[slot - 1] > 0.5, likeliest(self.probabilities[None])[0] == slot

    def dice(self, slot: int) -> float | None:
        """Return the Dice of a class with the drawing; None where it is not drawn."""
        drawn, back = self.masks(slot)
        if not drawn.any():
            return None
        return 2 * int((drawn & back).sum()) / int(drawn.sum() + back.sum())


@torch.inference_mode()
def predict_back(
    network: Cstm, inputs: PropagationInputs, results: Sequence[SliceResult], frames: Tensor, batch: int
) -> list[Back]:
    """Predict the main drawing from its neighbours along z and, from eight phases on, from those in time.

    Parameters
    ----------
    network: in evaluation mode, on the device of ``frames``.
    inputs: of the propagation.
    results: of all slices, before any other opinion is blended in.
    frames: (T, Z, H, W), those of the inputs on the device.
    batch: frames in one pass.

    Returns
    -------
    Up to two; drawn neighbours say nothing and are left out.

    >>> [back.dice(3) for back in predict_back(network, inputs, results, inputs.frames, batch=8)]
    [0.96, 0.97]
    """
    masks = {result.z: result.probabilities for result in results}
    (phase, z), phases = inputs.start, len(inputs.drawn)
    seeded = inputs.masks.amax((0, 1, 3, 4)).to(frames.device) > 0
    stack, predictor = FrameStack(network, frames, batch), FramePredictor(network, seeded, batch)
    along_z = [(phase, z - 1), (phase, z + 1)]
    in_time = sorted({((phase + step) % phases, z) for step in (-1, 1)} - {(phase, z)})
    # Of few phases the next one is far away, and says less than the slices.
    few = phases < FEWEST_PHASES and len(frames[0]) > 1
    found = []
    for group in [along_z] if few else [along_z, in_time]:
        sources = [(t, near) for t, near in group if near in masks and not inputs.drawn[t, near]]
        memory = [predictor.write(stack.frame(t, near), masks[near][t : t + 1]) for t, near in sources]
        if memory:
            probabilities, _ = predictor.predict(stack.frame(phase, z), memory, None)
            found.append(Back(inputs.masks[phase, z], probabilities[0].float().cpu()))
    return found

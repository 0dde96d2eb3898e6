"""CSTM, continuous spatio-temporal memory: patch-level matching at two scales (Ye et al. 2025)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from medvos.models.aggregation import soft_aggregate
from medvos.models.cstm.config import CstmConfig
from medvos.models.cstm.decoder import Decoder
from medvos.models.cstm.encoders import FrameFeatures, KeyEncoder, ValueEncoder, Values
from medvos.models.matching import best_patches, dense_readout, patch_readout
from medvos.models.precision import single_precision


class Entry(NamedTuple):
    """B frames with their masks written to memory: what matching needs of them, and no more."""

    k8: Tensor  # (B, Ck, H/8, W/8)
    k16: Tensor  # (B, Ck, H/16, W/16)
    values: Values

    @staticmethod
    def of(frame: FrameFeatures, values: Values) -> Entry:
        """The entry of these frames; their other features can go."""
        return Entry(frame.k8, frame.k16, values)

    def at(self, index: Tensor | slice) -> Entry:
        """Return some of the B frames."""
        return Entry(self.k8[index], self.k16[index], self.values.at(index))

    def for_batch(self, size: int) -> Entry:
        """Return one frame as seen by ``size`` queries, without a copy."""
        k8, k16, v8, v16 = (t.expand(size, *t.shape[1:]) for t in (self.k8, self.k16, *self.values))
        return Entry(k8, k16, Values(v8, v16))


class Memory(NamedTuple):
    """What a batch of B queries may look up: T entries each, the newest last."""

    k8: Tensor  # (B, T, Ck, H/8, W/8)
    k16: Tensor  # (B, T, Ck, H/16, W/16)
    v8: Tensor  # (B, T, G, Cv8, H/8, W/8)
    v16: Tensor  # (B, T, G, Cv16, H/16, W/16)

    @staticmethod
    def of(entries: list[Entry]) -> Memory:
        """Stacks entries of equal B, oldest first."""
        return Memory(
            torch.stack([entry.k8 for entry in entries], 1),
            torch.stack([entry.k16 for entry in entries], 1),
            torch.stack([entry.values.v8 for entry in entries], 1),
            torch.stack([entry.values.v16 for entry in entries], 1),
        )


class Prediction(NamedTuple):
    """Log-odds over background and S structures, and the logits of each structure being in the image."""

    logits: Tensor  # (B, S + 1, H, W), background first; their softmax is the distribution
    presence: Tensor  # (B, S)


class Cstm(nn.Module):
    """The network. Images are (B, 3, H, W), H and W multiples of 16, normalised as in `medvos.propagation.region`.

    Frames are encoded once (`encode_frame`), masks are written to memory (`encode_masks`) and any frame is segmented
    from any memory (`segment`).
    """

    def __init__(self, config: CstmConfig) -> None:
        super().__init__()
        self.config = config
        self.key_encoder = KeyEncoder(config)
        self.value_encoder = ValueEncoder(config, self.key_encoder.channels)
        self.decoder = Decoder(config, self.key_encoder.channels)

    def encode_frame(self, image: Tensor) -> FrameFeatures:
        """Return features and keys of frames (B, 3, H, W)."""
        return self.key_encoder(image)

    def encode_masks(self, frame: FrameFeatures, masks: Tensor) -> Values:
        """Return memory values of masks (B, S, H, W) in [0, 1] of the same frames."""
        return self.value_encoder(frame, masks)

    def read(self, frame: FrameFeatures, memory: Memory) -> Values:
        """Look the frame's keys up in memory; at stride 8 only where stride 16 has matched (CSTM), or densely."""
        config = self.config
        v8, v16 = memory.v8.flatten(2, 3), memory.v16.flatten(2, 3)  # (B, T, G*Cv, h, w)
        with single_precision(self, frame.k16):
            if config.matching == "dense":
                top_k = None if self.training else 20
                r16 = dense_readout(frame.k16, memory.k16, v16, top_k)
                r8 = dense_readout(frame.k8, memory.k8, v8, top_k)
            else:
                chosen = best_patches(frame.k16, memory.k16, config.patch, config.top_patches)
                r16 = patch_readout(frame.k16, memory.k16, v16, config.patch, chosen)
                r8 = patch_readout(frame.k8, memory.k8, v8, 2 * config.patch, chosen)
        groups = memory.v8.shape[2]
        return Values(r8.unflatten(1, (groups, -1)), r16.unflatten(1, (groups, -1)))

    def segment(
        self, frame: FrameFeatures, memory: Memory, seeded: Tensor, carried: Tensor | None = None
    ) -> Prediction:
        """Segment B frames.

        Parameters
        ----------
        frame: the B frames.
        memory: the entries that each of them may look up.
        seeded: (B, S) bool, the structures that memory knows of; the others get probability 0.
        carried: (B, S + 1, H, W) in [0, 1], masks carried along the motion and, last, their confidence; ignored by a
            network without a motion prior.
        """
        read = self.read(frame, memory)
        newest = Values(memory.v8[:, -1], memory.v16[:, -1]) if self.config.local_memory else None
        logits, presence = self.decoder(frame, read, newest, carried)
        structures = seeded.shape[1]
        probabilities = torch.sigmoid(logits[:, :structures]) * seeded[:, :, None, None]
        return Prediction(soft_aggregate(probabilities), presence[:, :structures])

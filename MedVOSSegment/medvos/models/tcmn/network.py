"""TCMN, temporal contrastive memory network: one drawn frame followed through a medical video (Chen et al.)."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from medvos.models.aggregation import soft_aggregate
from medvos.models.blocks import ResidualBlock, UpBlock
from medvos.models.matching import dense_readout
from medvos.models.precision import reduced_precision
from medvos.models.tcmn.config import TcmnConfig
from medvos.models.tcmn.encoders import FrameFeatures, MaskEncoder, QueryEncoder


class Memory(NamedTuple):
    """Frames with their masks: T entries for each of B clips, the order of which does not matter."""

    keys: Tensor  # (B, T, Ck, h, w)
    values: Tensor  # (B, T, S, Cv, h, w)

    @staticmethod
    def of(frame: FrameFeatures, values: Tensor) -> Memory:
        """Return a memory of one entry a clip."""
        return Memory(frame.key[:, None], values[:, None])

    def and_also(self, *others: Memory) -> Memory:
        """Return the memory with the entries of both."""
        parts = (self, *others)
        return Memory(torch.cat([part.keys for part in parts], 1), torch.cat([part.values for part in parts], 1))


class Decoder(nn.Module):
    """Read-out and the query encoder's features, convolved and upsampled in turn -> logits of one structure."""

    def __init__(self, config: TcmnConfig, skips: tuple[int, int]) -> None:
        super().__init__()
        wide, middle, narrow = config.decoder_channels
        self.compress = ResidualBlock(config.base_channels + config.value_channels, wide)
        self.up_fine = UpBlock(skips[0], wide, middle)
        self.up_finest = UpBlock(skips[1], middle, narrow)
        self.logits = nn.Conv2d(narrow, 1, 3, padding=1)

    def forward(self, frame: FrameFeatures, read: Tensor, size: tuple[int, int]) -> Tensor:
        """Return logits (B, S, H, W) from read-outs (B, S, Cv, h, w)."""
        b, s = read.shape[:2]
        base, fine, finest = (f.repeat_interleave(s, 0) for f in (frame.base, frame.fine, frame.finest))
        with reduced_precision(self, read):
            x = self.compress(torch.cat([base, read.flatten(0, 1)], 1))
            x = self.logits(self.up_finest(finest, self.up_fine(fine, x)))
        return F.interpolate(x.float(), size, mode="bilinear")[:, 0].unflatten(0, (b, s))


class Tcmn(nn.Module):
    """The network. Images are (B, H, W), H and W multiples of 16, normalised by `medvos.propagation.region`."""

    def __init__(self, config: TcmnConfig) -> None:
        super().__init__()
        self.config = config
        self.query_encoder = QueryEncoder(config)
        self.mask_encoder = MaskEncoder(config)
        self.decoder = Decoder(config, self.query_encoder.skips)

    def encode_frame(self, images: Tensor) -> FrameFeatures:
        """Return features, queries and keys of frames (B, H, W)."""
        colours = images[:, None].expand(-1, 3, -1, -1)
        return self.query_encoder(colours.contiguous(memory_format=torch.channels_last))

    def encode_masks(self, frame: FrameFeatures, masks: Tensor) -> Tensor:
        """Return memory values (B, S, Cv, h, w) of masks (B, S, H, W) in [0, 1] of the same frames."""
        return self.mask_encoder(frame, masks)

    def segment(self, frame: FrameFeatures, memory: Memory, seeded: Tensor, size: tuple[int, int]) -> Tensor:
        """Segment B frames, each by the memory of its own clip, or all by that of one clip.

        Parameters
        ----------
        frame: the B frames.
        memory: of B clips, or of one.
        seeded: (B, S) bool, the structures that memory knows of; the others get probability 0.
        size: H and W.

        Returns
        -------
        (B, S + 1, H, W) log-odds, background first; their softmax is the distribution.
        """
        read = self._read(frame.query, memory)
        probabilities = torch.sigmoid(self.decoder(frame, read, size)) * seeded[:, :, None, None]
        return soft_aggregate(probabilities)

    def _read(self, query: Tensor, memory: Memory) -> Tensor:
        """Read (B, S, Cv, h, w) for queries (B, Ck, h, w) by squared distance to every place of every entry."""
        b, _, h, w = query.shape
        clips, _, structures = memory.values.shape[:3]
        if clips != b:  # all frames look up one memory, as one tall image
            query = query.permute(1, 0, 2, 3).reshape(1, -1, b * h, w)
        read = dense_readout(query, memory.keys, memory.values.flatten(2, 3))  # (clips, S * Cv, ., w)
        read = read.reshape(clips, -1, b // clips, h, w).transpose(1, 2).flatten(0, 1)  # (B, S * Cv, h, w)
        return read.unflatten(1, (structures, -1))

"""Decoder: from memory read-outs to the logits of each structure."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from medvos.models.blocks import ResidualBlock, UpBlock
from medvos.models.cstm.config import CstmConfig
from medvos.models.cstm.encoders import FrameFeatures, Values
from medvos.models.cstm.motion_prior import MotionPrior
from medvos.models.precision import reduced_precision


class Decoder(nn.Module):
    """Read-outs of both scales with the query's own features, upsampled step by step (STCN, CSTM)."""

    def __init__(self, config: CstmConfig, key_channels: tuple[int, ...]) -> None:
        super().__init__()
        f2, f4, f8, f16 = key_channels
        v8, v16 = (c * (2 if config.local_memory else 1) for c in config.value_channels)
        widths = config.decoder_channels
        skips = (f8 + v8, f4, f2, 3)
        self.compress = ResidualBlock(f16 + v16, widths[0])
        self.ups = nn.ModuleList(
            UpBlock(skip, wide, narrow) for skip, wide, narrow in zip(skips, widths, widths[1:], strict=False)
        )
        self.logits = nn.Conv2d(widths[-1], config.group, 3, padding=1)
        self.presence = nn.Linear(2 * widths[0], config.group)
        self.motion = MotionPrior(config.group, (widths[2], widths[4])) if config.motion else None

    def forward(
        self, frame: FrameFeatures, read: Values, newest: Values | None, carried: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """
        Parameters
        ----------
        frame: the query, B frames.
        read: values read from memory for G groups.
        newest: values of the newest memory entry, where the network uses them.
        carried: (B, S + 1, H, W) masks carried along the motion and their confidence, where the network uses them.

        Returns
        -------
        (B, G * group, H, W) logits and (B, G * group) logits of "this structure is in the image".
        """
        with reduced_precision(self, read.v16):
            logits, presence = self._decoded(frame, read, newest, carried)
        return logits.float(), presence.float()

    def _decoded(
        self, frame: FrameFeatures, read: Values, newest: Values | None, carried: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        b, n = read.v16.shape[:2]
        at8, at16 = [read.v8], [read.v16]
        if newest is not None:
            at8.append(newest.v8)
            at16.append(newest.v16)

        def for_groups(features: Tensor) -> Tensor:
            return features if n == 1 else features.repeat_interleave(n, 0)

        x = self.compress(torch.cat([for_groups(frame.f16), torch.cat(at16, 2).flatten(0, 1)], 1))
        presence = self.presence(torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1))
        skip8 = torch.cat([for_groups(frame.f8), torch.cat(at8, 2).flatten(0, 1)], 1)
        finer = [for_groups(f) for f in (frame.f4, frame.f2, frame.image)]
        extras: list[Tensor | None] = [None] * 4  # at strides 8, 4, 2 and 1
        if self.motion is not None and carried is not None:
            extras[1], extras[3] = self.motion(carried)
        for up, skip, extra in zip(self.ups, [skip8, *finer], extras, strict=False):
            x = up(skip, x, extra)
        logits = self.logits(x)
        if logits.shape[-1] != frame.image.shape[-1]:
            logits = F.interpolate(logits, size=frame.image.shape[-2:], mode="bilinear")
        return logits.unflatten(0, (b, n)).flatten(1, 2), presence.reshape(b, -1)

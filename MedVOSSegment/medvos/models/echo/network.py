"""Segmentation of echo video from k neighbouring frames (Wu et al. 2022, Med Image Anal 78:102397)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from medvos.models.blocks import ConvNormAct, UpBlock
from medvos.models.echo.calibration import Calibration
from medvos.models.echo.config import EchoConfig
from medvos.models.echo.encoders import encoder
from medvos.models.efficientnet_lite import EfficientNetLite0
from medvos.models.precision import reduced_precision


class RoleFeatures(NamedTuple):
    """What one encoder has to say of B frames, finest level first."""

    features: tuple[Tensor, ...]  # (B, C, H, W) at each level
    summaries: tuple[Tensor, ...]  # (B, D, C, 84) at each level: the present frame has one for each neighbour

    def at(self, index: Tensor | slice) -> RoleFeatures:
        """Return the features of some of the frames."""
        return RoleFeatures(tuple(f[index] for f in self.features), tuple(s[index] for s in self.summaries))

    @staticmethod
    def joined(parts: Sequence[RoleFeatures]) -> RoleFeatures:
        """Return the frames of all parts, one after the other."""
        return RoleFeatures(
            tuple(torch.cat(level) for level in zip(*(part.features for part in parts), strict=True)),
            tuple(torch.cat(level) for level in zip(*(part.summaries for part in parts), strict=True)),
        )


class Decoder(nn.Module):
    """From the fused features of all levels to the logits of the structures."""

    def __init__(self, channels: tuple[int, ...], widths: tuple[int, ...], structures: int) -> None:
        super().__init__()
        self.compress = ConvNormAct(channels[-1], widths[0])
        self.ups = nn.ModuleList(
            UpBlock(skip, wide, narrow) for skip, (wide, narrow) in zip(channels[-2::-1], pairwise(widths), strict=True)
        )
        self.logits = nn.Conv2d(widths[-1], structures, 3, padding=1)

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        x = self.compress(features[-1])
        for up, skip in zip(self.ups, features[-2::-1], strict=True):
            x = up(skip, x)
        return self.logits(x)


class EchoNetwork(nn.Module, ABC):
    """Segmentation of the middle one of k frames, in two steps, so that no frame is encoded twice."""

    def __init__(self, config: EchoConfig) -> None:
        super().__init__()
        self.config = config

    @property
    def pretrained(self) -> list[EfficientNetLite0]:
        """Parts that start from weights of other images."""
        return [part for part in self.modules() if isinstance(part, EfficientNetLite0)]

    @abstractmethod
    def encode(self, frames: Tensor, role: int) -> RoleFeatures:
        """Return the features of frames that do not depend on the frames beside them.

        Parameters
        ----------
        frames: (B, H, W) grey values in [0, 1]; H and W are multiples of 16.
        role: place of the frames among the k, the earliest first; the present frame is in the middle.
        """

    @abstractmethod
    def decode(self, roles: Sequence[RoleFeatures]) -> Tensor:
        """Return logits (B, S, H, W) of the structures in the middle frames from k x B frames, the earliest first."""

    def forward(self, clips: Tensor) -> Tensor:
        """Return logits (B, S, H, W) of the structures in the middle frame from grey values (B, k, H, W) in [0, 1]."""
        return self.decode([self.encode(clips[:, role], role) for role in range(self.config.k)])


def normalised(frames: Tensor) -> Tensor:
    """Return grey values (B, H, W) in [0, 1] as the encoders take them, (B, 1, H, W)."""
    return ((frames[:, None] - 0.5) / 0.25).contiguous(memory_format=torch.channels_last)


class WuNetwork(EchoNetwork):
    """An encoder for each place in time, calibration and bidirectional fusion at every level, U-Net decoder."""

    def __init__(self, config: EchoConfig) -> None:
        super().__init__(config)
        self.encoders = nn.ModuleList(encoder(config) for _ in range(1 if config.shared_encoder else config.k))
        channels = encoder(config).channels
        cosine = config.gates == "cosine"
        directions = config.k - 1 if cosine else min(config.k - 1, 1)
        calibrations = [
            nn.ModuleList(Calibration(width, config.dilations, cosine) for width in channels) for _ in range(directions)
        ]
        self.calibrations = nn.ModuleList(calibrations if cosine else [c for one in calibrations for c in one])
        self.fusions = nn.ModuleList(ConvNormAct(config.k * c, c, 1) for c in channels)
        self.decoder = Decoder(channels, config.decoder_channels, len(config.structures))

    def encode(self, frames: Tensor, role: int) -> RoleFeatures:
        with reduced_precision(self, frames):
            return self._encoded(frames, role)

    def _encoded(self, frames: Tensor, role: int) -> RoleFeatures:
        features = self.encoders[0 if self.config.shared_encoder else role](normalised(frames))
        summaries = [
            torch.stack([calibration.summary(f, role != self.config.reach) for calibration in calibrations], 1)
            for f, calibrations in zip(features, self._calibrations(role), strict=False)
        ]
        return RoleFeatures(features, tuple(summaries))

    def decode(self, roles: Sequence[RoleFeatures]) -> Tensor:
        with reduced_precision(self, roles[0].features[0]):
            return self._decoded(roles).float()

    def _decoded(self, roles: Sequence[RoleFeatures]) -> Tensor:
        fused = [
            fuse(torch.cat([self._calibrated(number, roles, level) for number in range(len(roles))], 1))
            for level, fuse in enumerate(self.fusions)
        ]
        logits = self.decoder(fused)
        if self.config.encoder == "efficientnet-lite0":  # its finest level has stride 2
            logits = F.interpolate(logits, scale_factor=2.0, mode="bilinear")
        return logits

    def _calibrations(self, role: int) -> list[list[Calibration]]:
        """Return at each level the calibrations that a frame in this place is part of: one, or all of the present's."""
        if self.config.gates == "product":
            return [[cast(Calibration, one)] for one in self.calibrations]
        reach = self.config.reach
        directions = self.calibrations if role == reach else [self.calibrations[role - (role > reach)]]
        return [list(level) for level in zip(*directions, strict=True)]

    def _calibrated(self, number: int, roles: Sequence[RoleFeatures], level: int) -> Tensor:
        role, reach = roles[number], self.config.reach
        if number == reach:
            return role.features[level]
        (calibration,) = self._calibrations(number)[level]
        keys = roles[reach].summaries[level]
        direction = number - (number > reach) if keys.shape[1] > 1 else 0
        return calibration(role.features[level], role.summaries[level][:, 0], keys[:, direction])

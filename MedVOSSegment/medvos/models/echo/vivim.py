"""Vivim in the place of Wu et al.'s network: segmentation of the middle one of k frames."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from medvos.models.echo.config import EchoConfig
from medvos.models.echo.network import EchoNetwork, RoleFeatures, normalised
from medvos.models.vivim.config import VivimConfig
from medvos.models.vivim.network import Vivim


class EchoVivim(EchoNetwork):
    """Compact Vivim; a frame can be segmented only after its neighbours are there."""

    def __init__(self, config: EchoConfig) -> None:
        super().__init__(config)
        self.vivim = Vivim(VivimConfig(classes=1 + len(config.structures), side=config.side))

    def encode(self, frames: Tensor, role: int) -> RoleFeatures:
        return RoleFeatures((normalised(frames),), ())

    def decode(self, roles: Sequence[RoleFeatures]) -> Tensor:
        clips = torch.stack([role.features[0] for role in roles], 1)  # (B, k, 1, H, W)
        logits = self.vivim(clips.expand(-1, -1, 3, -1, -1)).logits[:, self.config.reach]
        return logits[:, 1:] - logits[:, :1]

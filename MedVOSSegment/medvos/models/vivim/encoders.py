"""Encoders of single frames, stage by stage, so that Temporal Mamba layers fit between the stages."""

from __future__ import annotations

from torch import Tensor, nn

from medvos.models.efficientnet_lite import CHANNELS, EfficientNetLite0
from medvos.models.vivim.config import VivimConfig
from medvos.models.vivim.mit import MitStage


class MitEncoder(nn.Module):
    """Mix Transformer: stages at strides 4, 8, 16 and 32, and no finer features."""

    finer: tuple[int, ...] = ()

    def __init__(self, config: VivimConfig) -> None:
        super().__init__()
        inputs = (3, *config.dims[:-1])
        sizes = zip(inputs, config.dims, config.depths, config.heads, config.reductions, strict=True)
        self.stages = nn.ModuleList(
            MitStage(c_in, c_out, 2 if number else 4, depth, heads, reduction)
            for number, (c_in, c_out, depth, heads, reduction) in enumerate(sizes)
        )

    def begin(self, x: Tensor) -> tuple[Tensor, ...]:
        """(B, 3, H, W) -> features that are finer than those of the first stage, which takes the last of them."""
        return (x,)

    def advance(self, number: int, x: Tensor) -> Tensor:
        """From the features before stage ``number`` to its own."""
        return self.stages[number](x)


class Lite0Encoder(EfficientNetLite0):
    """EfficientNet-Lite0: stages at strides 4, 8 and 16, and finer features at stride 2."""

    finer = CHANNELS[:1]

    def begin(self, x: Tensor) -> tuple[Tensor, ...]:
        """As `MitEncoder.begin`."""
        return (self.stage(0, self.stem(x)),)

    def advance(self, number: int, x: Tensor) -> Tensor:
        """As `MitEncoder.advance`."""
        return self.stage(number + 1, x)


def encoder(config: VivimConfig) -> MitEncoder | Lite0Encoder:
    """Return the encoder of one frame."""
    return MitEncoder(config) if config.encoder == "mit" else Lite0Encoder()

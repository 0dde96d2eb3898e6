"""EfficientNet-Lite0 down to stride 16: the compact key encoder.

Parameter names equal those of the published checkpoint, so that the ImageNet weights load as they are.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

# (expansion, kernel, stride, output channels) of blocks 0 to 10; block 11 would go to stride 32.
_BLOCKS = (
    (1, 3, 1, 16),
    (6, 3, 2, 24),
    (6, 3, 1, 24),
    (6, 5, 2, 40),
    (6, 5, 1, 40),
    (6, 3, 2, 80),
    (6, 3, 1, 80),
    (6, 3, 1, 80),
    (6, 5, 1, 112),
    (6, 5, 1, 112),
    (6, 5, 1, 112),
)
_LAST_OF_STRIDE = (0, 2, 4, 10)
CHANNELS = (16, 24, 40, 112)


def _batchnorm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


def _pad_same(x: Tensor, kernel: int, stride: int) -> Tensor:
    """Pad as TensorFlow's SAME, with which the checkpoint was trained: the odd pixel goes to the right and bottom."""
    pads: list[int] = []
    for size in (x.shape[-1], x.shape[-2]):
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads) if any(pads) else x


class _MBConv(nn.Module):
    def __init__(self, c_in: int, expansion: int, kernel: int, stride: int, c_out: int) -> None:
        super().__init__()
        width = c_in * expansion
        self.expands = expansion > 1
        if self.expands:
            self._expand_conv = nn.Conv2d(c_in, width, 1, bias=False)
            self._bn0 = _batchnorm(width)
        # An even stride pads unevenly, which Conv2d cannot say; with stride 1 its own padding is the same thing.
        self.kernel, self.stride = kernel, stride
        padding = kernel // 2 if stride == 1 else 0
        self._depthwise_conv = nn.Conv2d(width, width, kernel, stride, padding, groups=width, bias=False)
        self._bn1 = _batchnorm(width)
        self._project_conv = nn.Conv2d(width, c_out, 1, bias=False)
        self._bn2 = _batchnorm(c_out)
        self.adds = stride == 1 and c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self._bn0(self._expand_conv(x)), inplace=True) if self.expands else x
        if self.stride > 1:
            y = _pad_same(y, self.kernel, self.stride)
        y = F.relu6(self._bn1(self._depthwise_conv(y)), inplace=True)
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


class EfficientNetLite0(nn.Module):
    """(B, 3, H, W) -> features f2, f4, f8, f16 with 16, 24, 40 and 112 channels (Tan & Le 2019, Lite variant)."""

    channels = CHANNELS

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = nn.Conv2d(3, 32, 3, 2, bias=False)
        self._bn0 = _batchnorm(32)
        blocks, c_in = [], 32
        for expansion, kernel, stride, c_out in _BLOCKS:
            blocks.append(_MBConv(c_in, expansion, kernel, stride, c_out))
            c_in = c_out
        self._blocks = nn.ModuleList(blocks)

    def stem(self, x: Tensor) -> Tensor:
        """Return the input of the first stage for images (B, 3, H, W)."""
        return F.relu6(self._bn0(self._conv_stem(_pad_same(x, 3, 2))), inplace=True)

    def stage(self, number: int, x: Tensor) -> Tensor:
        """Return the features of stride 2, 4, 8 or 16 of stage 0 to 3 from those before."""
        first = _LAST_OF_STRIDE[number - 1] + 1 if number else 0
        for block in self._blocks[first : _LAST_OF_STRIDE[number] + 1]:
            x = block(x)
        return x

    def first_stages(self, count: int) -> list[nn.Module]:
        """Return the modules of the stem and the first stages, 1 to 4 of them."""
        return [self._conv_stem, self._bn0, *self._blocks[: _LAST_OF_STRIDE[count - 1] + 1]]

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        x = self.stem(x)
        features = []
        for number in range(len(_LAST_OF_STRIDE)):
            x = self.stage(number, x)
            features.append(x)
        return tuple(features)

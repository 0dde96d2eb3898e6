"""ResNet-18 and ResNet-50 without their last stage: the encoders of the papers (He et al. 2016)."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class _Basic(nn.Module):
    expansion = 1

    def __init__(self, c_in: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = _shortcut(c_in, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.downsample(x))


class _Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, c_in: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, width * 4, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width * 4)
        self.downsample = _shortcut(c_in, width * 4, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + self.downsample(x))


def _shortcut(c_in: int, c_out: int, stride: int) -> nn.Module:
    if stride == 1 and c_in == c_out:
        return nn.Identity()
    return nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))


class ResNet(nn.Module):
    """(B, C, H, W) -> features f2, f4, f8, f16 (conv1 and stages 2 to 4; conv5 removed).

    Parameters
    ----------
    depth: 18 or 50.
    c_in: input channels; 3 for an image, more where masks come along.
    """

    def __init__(self, depth: int, c_in: int = 3) -> None:
        super().__init__()
        block: type[_Basic] | type[_Bottleneck] = _Basic if depth == 18 else _Bottleneck
        counts = {18: (2, 2, 2), 50: (3, 4, 6)}[depth]
        self.conv1 = nn.Conv2d(c_in, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        width = 64
        stages = []
        for i, count in enumerate(counts):
            layers: list[nn.Module] = []
            for j in range(count):
                layers.append(block(width, 64 * 2**i, 2 if i > 0 and j == 0 else 1))
                width = 64 * 2**i * block.expansion
            stages.append(nn.Sequential(*layers))
        self.layer1, self.layer2, self.layer3 = stages
        self.channels = (64, *(64 * 2**i * block.expansion for i in range(3)))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        f2 = F.relu(self.bn1(self.conv1(x)))
        f4 = self.layer1(F.max_pool2d(f2, 3, 2, 1))
        f8 = self.layer2(f4)
        return f2, f4, f8, self.layer3(f8)

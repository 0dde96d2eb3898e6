"""Small echo clips such as scanners and phones write: a sector with a beating cavity, burnt-in text beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
from cine_files import ULTRASOUND_CLIP, write_dicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from tiny_echo import an_echo_network

from medvos_lab.release import update_manifest, write_weights

SHAPE = (120, 160)
TIP = (10, 80)
DEPTH = 100


def a_sector(shape: tuple[int, int] = SHAPE) -> NDArray[np.bool_]:
    """(Y, X) bool: a right angle below the tip."""
    y, x = np.mgrid[: shape[0], : shape[1]] - np.array(TIP)[:, None, None]
    return (np.hypot(y, x) <= DEPTH) & (np.abs(x) <= y)


def sector_images(frames: int = 24, period: int = 12, shape: tuple[int, int] = SHAPE) -> NDArray[np.uint8]:
    """(T, Y, X): speckle that changes all the time, a dark cavity that beats, a ruler and letters that stand still."""
    rng = np.random.default_rng(0)
    sector = a_sector(shape)
    y, x = np.mgrid[: shape[0], : shape[1]] - np.array((TIP[0] + 50, TIP[1]))[:, None, None]
    images = np.zeros((frames, *shape), np.uint8)
    for t, image in enumerate(images):
        radius = 18 - 5 * (1 - np.cos(2 * np.pi * t / period)) / 2
        cavity = (y / 1.5) ** 2 + x**2 <= radius**2
        speckle = rng.integers(70, 190, shape)
        image[sector] = np.where(cavity, 8, speckle)[sector]
        image[5:15, 5:40:4] = 220  # letters
        image[20:100:10, -6:-2] = 255  # ruler
    return images


def write_film(
    path: Path, images: NDArray[np.uint8], rate: int = 25, codec: str = "ffv1", pixels: str = "bgr0"
) -> Path:
    """A film of (T, Y, X) grey or (T, Y, X, 3) RGB pictures."""
    with av.open(str(path), "w") as film:
        stream: Any = film.add_stream(codec, rate=rate)
        stream.height, stream.width, stream.pix_fmt = *images.shape[1:3], pixels
        for image in images:
            rgb = image if image.ndim == 3 else np.repeat(image[..., None], 3, -1)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
            film.mux(stream.encode(frame.reformat(format=pixels)))
        film.mux(stream.encode())
    return path


def write_ultrasound(
    path: Path, pixels: NDArray, *, data_type: int = 1, box: tuple[int, ...] = (), **tags: Any
) -> Path:
    """An ultrasound file, 0.8 mm pixels, 40 ms a frame; ``box`` is top, bottom, left, right."""
    region = Dataset()
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = 0.08
    region.RegionDataType = data_type
    names = ("RegionLocationMinY0", "RegionLocationMaxY1", "RegionLocationMinX0", "RegionLocationMaxX1")
    for name, corner in zip(names, box, strict=False):
        setattr(region, name, corner)
    elements = {
        "Modality": "US",
        "NumberOfFrames": len(pixels),
        "FrameTime": 40.0,
        "SequenceOfUltrasoundRegions": Sequence([region]),
        **tags,
    }
    return write_dicom(path, pixels, ULTRASOUND_CLIP, **elements)


def store_echo_network(folder: Path) -> None:
    """A tiny network with random weights under the name echo-lv."""
    write_weights(an_echo_network(), "echo-lv", folder, "for tests", "a tiny network")
    update_manifest(folder, "echo-lv", {"network": "echo"})

"""Images beside and below one another, and as small files."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.font_manager import FontProperties, findfont
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

RgbImage = NDArray[np.uint8]
"""(Y, X, 3)."""
GAP = 8
QUALITY = 85  # of a lossy image, in which thin outlines stay sharp
BACKGROUND = (239, 239, 239)


def beside(*images: RgbImage, gap: int = GAP) -> RgbImage:
    """Return images side by side, aligned at the top."""
    height = max(image.shape[0] for image in images)
    parts = []
    for image in images:
        filled = np.full((height, image.shape[1], 3), BACKGROUND, np.uint8)
        filled[: image.shape[0]] = image
        parts += [filled, np.full((height, gap, 3), BACKGROUND, np.uint8)]
    return np.hstack(parts[:-1])


def below(*images: RgbImage, gap: int = GAP) -> RgbImage:
    """From top to bottom, their left sides in one line."""
    turned = [image.transpose(1, 0, 2) for image in images]
    return beside(*turned, gap=gap).transpose(1, 0, 2)


def captioned(image: RgbImage, text: str, size: int = 22) -> RgbImage:
    """With white words in its upper left corner."""
    drawing = Image.fromarray(image)
    # Bundled with matplotlib: not every machine has fonts.
    font = ImageFont.truetype(findfont(FontProperties(family="DejaVu Sans", weight="bold")), size)
    ImageDraw.Draw(drawing).text((12, 8), text, font=font, fill="white", stroke_width=2, stroke_fill="black")
    return np.asarray(drawing)


def save(image: RgbImage, path: Path, quality: int = QUALITY) -> None:
    """As a WebP, lossless where that is smaller, as of the panel alone."""
    drawing = Image.fromarray(np.ascontiguousarray(image))
    path.write_bytes(min((_webp(drawing, quality, lossless) for lossless in (True, False)), key=len))


def _webp(drawing: Image.Image, quality: int, lossless: bool) -> bytes:
    data = BytesIO()
    drawing.save(data, "WEBP", lossless=lossless, quality=quality, method=6)
    return data.getvalue()

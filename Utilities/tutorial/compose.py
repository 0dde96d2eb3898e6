"""Pictures beside and below one another, and as small files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Picture = NDArray[np.uint8]
"""(Y, X, 3)."""
GAP = 8
BACKGROUND = (239, 239, 239)


def beside(*pictures: Picture, gap: int = GAP) -> Picture:
    """From left to right, their tops at one height."""
    height = max(picture.shape[0] for picture in pictures)
    parts = []
    for picture in pictures:
        filled = np.full((height, picture.shape[1], 3), BACKGROUND, np.uint8)
        filled[: picture.shape[0]] = picture
        parts += [filled, np.full((height, gap, 3), BACKGROUND, np.uint8)]
    return np.hstack(parts[:-1])


def below(*pictures: Picture, gap: int = GAP) -> Picture:
    """From top to bottom, their left sides in one line."""
    turned = [picture.transpose(1, 0, 2) for picture in pictures]
    return beside(*turned, gap=gap).transpose(1, 0, 2)


def captioned(picture: Picture, text: str, size: int = 22) -> Picture:
    """With white words in its upper left corner."""
    image = Image.fromarray(picture)
    font = ImageFont.truetype("LiberationSans-Bold.ttf", size)
    ImageDraw.Draw(image).text((12, 8), text, font=font, fill="white", stroke_width=2, stroke_fill="black")
    return np.asarray(image)


def save(picture: Picture, path: Path) -> None:
    """As a PNG in full colour: fewer would make steps in the shades of a surface and of a score."""
    Image.fromarray(np.ascontiguousarray(picture)).save(path, optimize=True)

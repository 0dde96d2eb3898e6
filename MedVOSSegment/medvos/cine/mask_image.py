"""Read masks from image files, in which any painting program can draw on a frame of a video."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medvos.errors import InputError
from medvos.structures import LV

SUFFIXES = (".png", ".bmp")
WHITE = 255


def load(path: Path, size: tuple[int, int], keep_white: bool = False) -> tuple[NDArray[np.uint8], bool]:
    """Read labels (1, Y, X) of one frame of ``size`` (Y, X), and whether they were white on black, taken as the LV.

    Other greys are label numbers; so is white where ``keep_white``.

    >>> load(Path("mask.png"), (112, 112))[1]
    True

    Raises
    ------
    InputError: it is of another size, has colours, soft borders, or more than 8 bits a pixel.
    """
    from PIL import Image

    with Image.open(path) as image:
        mode = image.mode
        # The numbers of a palette are label numbers themselves.
        pixels = np.asarray(image if mode in ("L", "P") else image.convert("L" if mode == "1" else "RGB"))
    if mode.startswith(("I", "F")):
        raise InputError(f"{path.name} has more than 8 bits a pixel: save the mask with 8 bits, white on black.")
    if pixels.ndim == 3:
        if (pixels != pixels[..., :1]).any():
            raise InputError(f"{path.name} has colours: give a mask, white on black, or label numbers as grey values.")
        pixels = pixels[..., 0]
    if pixels.shape != size:
        raise InputError(
            f"{path.name} has {pixels.shape[1]} x {pixels.shape[0]} pixels and the cine {size[1]} x {size[0]}: draw "
            "it on a frame of the cine itself."
        )
    if WHITE not in pixels:
        return np.ascontiguousarray(pixels[None], np.uint8), False
    if set(np.unique(pixels)) - {0, WHITE}:  # the greys of a smoothed border would become structures
        raise InputError(
            f"{path.name} has greys beside white: save the mask without smoothed borders, or with label numbers below "
            f"{WHITE} alone."
        )
    return np.where(pixels == WHITE, WHITE if keep_white else LV, 0).astype(np.uint8)[None], not keep_white

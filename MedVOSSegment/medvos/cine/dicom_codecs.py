"""Decode the compressed DICOM pixels that pydicom has no codec for by itself, with the package imagecodecs.

Its licence is BSD, it has wheels for every system, and it alone has all of these: lossless JPEG, JPEG with 12 bits,
JPEG-LS, JPEG 2000 and its high-throughput kind. Pillow decodes JPEG with 8 bits, pydicom itself RLE.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydicom import uid

if TYPE_CHECKING:
    from pydicom.pixels.decoders.base import DecodeRunner

PACKAGE = "imagecodecs"
JPEG = (uid.JPEGExtended12Bit, uid.JPEGLossless, uid.JPEGLosslessSV1)
JPEG_LS = (uid.JPEGLSLossless, uid.JPEGLSNearLossless)
JPEG_2000 = (uid.JPEG2000Lossless, uid.JPEG2000, uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K)
# What pydicom asks of a plugin, and says where the package is missing.
DECODER_DEPENDENCIES = dict.fromkeys((*JPEG, *JPEG_LS, *JPEG_2000), ("numpy", PACKAGE))


@cache
def add_decoders() -> None:
    """Let pydicom use the package wherever its own decoders fail or are missing."""
    from pydicom.pixels import get_decoder

    for syntax in DECODER_DEPENDENCIES:
        get_decoder(syntax).add_plugin("medvos", (__name__, "decode_frame"))


def is_available(_syntax: str) -> bool:
    """Return whether the package is installed; pydicom asks for each transfer syntax."""
    return importlib.util.find_spec(PACKAGE) is not None


def decode_frame(encoded: bytes, runner: DecodeRunner) -> bytes:
    """Return the pixels of one frame, as pydicom asks of a plugin: colours by pixel, the low byte first."""
    pixels = _decoded(encoded, str(runner.transfer_syntax))
    runner.set_option("bits_allocated", 8 * pixels.dtype.itemsize)
    if runner.samples_per_pixel > 1:
        runner.set_option("planar_configuration", 0)
        if runner.photometric_interpretation in ("YBR_ICT", "YBR_RCT"):
            runner.set_option("photometric_interpretation", "RGB")
    return pixels.astype(pixels.dtype.newbyteorder("<"), copy=False).tobytes()


def _decoded(encoded: bytes, syntax: str) -> NDArray:
    import imagecodecs

    if syntax in JPEG_LS:
        return np.asarray(imagecodecs.jpegls_decode(encoded))
    if syntax in JPEG_2000:
        return np.asarray(imagecodecs.jpeg2k_decode(encoded))
    # Colours are left as they are stored: the header says what they mean.
    return np.asarray(imagecodecs.jpeg8_decode(encoded, colorspace="UNKNOWN", outcolorspace="UNKNOWN"))

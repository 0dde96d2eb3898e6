"""Cines in every transfer syntax that archives use, encoded by real codecs."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from cine_files import write_clip, write_stack
from pydicom import dcmread
from pydicom.encaps import encapsulate

from medvos.cine import dicom_codecs
from medvos.cine.read import read
from medvos.errors import InputError

imagecodecs = pytest.importorskip("imagecodecs")
DATA = Path(os.environ.get("MEDVOS_DATA") or "../shared/data")


def ljpeg(array: np.ndarray, predictor: int, bits: int) -> bytes:
    if array.dtype == np.uint8:
        bits = 8
    return imagecodecs.jpeg8_encode(
        array.astype(f"u{1 if bits == 8 else 2}"),
        lossless=True,
        predictor=predictor,
        bitspersample=bits,
        colorspace="RGB" if array.ndim == 3 else None,
        outcolorspace="RGB" if array.ndim == 3 else None,
    )


def j2k(array: np.ndarray) -> bytes:
    return imagecodecs.jpeg2k_encode(array, reversible=True, codecformat="j2k", mct=False)


LOSSLESS = {
    "1.2.840.10008.1.2.4.57": lambda array: ljpeg(array, 4, 16),
    "1.2.840.10008.1.2.4.70": lambda array: ljpeg(array, 1, 16),
    "1.2.840.10008.1.2.4.80": imagecodecs.jpegls_encode,
    "1.2.840.10008.1.2.4.90": j2k,
    "1.2.840.10008.1.2.4.91": j2k,
    "1.2.840.10008.1.2.4.201": imagecodecs.htj2k_encode,
    "1.2.840.10008.1.2.4.202": imagecodecs.htj2k_encode,
    "1.2.840.10008.1.2.4.203": imagecodecs.htj2k_encode,
}
BY_PYDICOM = {"RLE": "1.2.840.10008.1.2.5", "JPEG-LS": "1.2.840.10008.1.2.4.80"}


def compressed(folder: Path, syntax: str, encode) -> Path:
    for file in sorted(folder.iterdir()):
        data = dcmread(file)
        array = data.pixel_array
        frames = array if "NumberOfFrames" in data else [array]
        data.PixelData = encapsulate([encode(np.ascontiguousarray(frame)) for frame in frames])
        data["PixelData"].is_undefined_length = True
        data.file_meta.TransferSyntaxUID = syntax
        data.save_as(file)
    return folder


@pytest.mark.parametrize("syntax", LOSSLESS)
def test_a_stack_is_read_equal_in_every_lossless_syntax(tmp_path, syntax):
    whole = read(write_stack(tmp_path / "stack"))
    np.testing.assert_array_equal(read(compressed(tmp_path / "stack", syntax, LOSSLESS[syntax])).array, whole.array)


@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.parametrize("colours", [1, 3])
def test_a_clip_is_read_equal_in_every_lossless_syntax(tmp_path, syntax, colours):
    write_clip(tmp_path / "clip" / "IM1")
    if colours == 1:
        data = dcmread(tmp_path / "clip" / "IM1")
        data.PixelData = np.ascontiguousarray(data.pixel_array[..., 0]).tobytes()
        data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
        del data.PlanarConfiguration
        data.save_as(tmp_path / "clip" / "IM1")
    whole = read(tmp_path / "clip")
    cine = read(compressed(tmp_path / "clip", syntax, LOSSLESS[syntax]))
    np.testing.assert_array_equal(cine.array, whole.array)


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("predictor", range(1, 8))
def test_every_predictor_and_depth_of_lossless_jpeg(tmp_path, bits, predictor):
    folder = write_stack(tmp_path / "stack", slices=1, phases=2, BitsStored=bits, HighBit=bits - 1)
    whole = read(folder)
    syntax = "1.2.840.10008.1.2.4.57"
    read_back = read(compressed(folder, syntax, lambda array: ljpeg(array & (2**bits - 1), predictor, bits)))
    np.testing.assert_array_equal(read_back.array, whole.array)


def test_lossless_jpeg_of_another_encoder(tmp_path):
    folder = write_stack(tmp_path / "stack")
    whole = read(folder)
    encode = lambda array: imagecodecs.ljpeg_encode(array, bitspersample=16)  # noqa: E731
    np.testing.assert_array_equal(read(compressed(folder, "1.2.840.10008.1.2.4.70", encode)).array, whole.array)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201"])
def test_signed_values_stay_signed(tmp_path, syntax):
    folder = write_stack(tmp_path / "stack")
    for file in folder.iterdir():
        data = dcmread(file)
        data.PixelData = (data.pixel_array.astype(np.int16) - 700).tobytes()
        data.PixelRepresentation = 1
        data.save_as(file)
    whole = read(folder)
    assert whole.array.min() < 0
    encode = LOSSLESS[syntax]
    as_stored = (lambda array: encode(array.view(np.uint16))) if syntax.endswith("80") else encode
    np.testing.assert_array_equal(read(compressed(folder, syntax, as_stored)).array, whole.array)


def test_jpeg_with_twelve_bits_is_read_near_to_what_it_was(tmp_path):
    folder = write_stack(tmp_path / "stack", shape=(64, 64), BitsStored=12, HighBit=11)
    whole = read(folder)
    encode = lambda array: imagecodecs.jpeg8_encode(array, level=98, bitspersample=12)  # noqa: E731
    cine = read(compressed(folder, "1.2.840.10008.1.2.4.51", encode))
    assert np.abs(cine.array - whole.array).max() < 25  # of 4096


@pytest.mark.skipif(not (DATA / "sunnybrook_4d").is_dir(), reason="needs the real data")
@pytest.mark.parametrize("syntax", LOSSLESS)
def test_real_images_of_a_scanner_are_read_equal(tmp_path, syntax):
    folder = tmp_path / "slice"
    folder.mkdir()
    place = None
    for file in sorted((DATA / "sunnybrook_4d" / "SCD0000101" / "dicom").rglob("*.dcm")):
        data = dcmread(file)
        place = place or data.ImagePositionPatient
        if data.ImagePositionPatient == place:
            data.save_as(folder / file.name)
    whole = read(folder)
    encode = LOSSLESS[syntax]
    as_stored = lambda array: encode(array if "4.9" in syntax or "4.20" in syntax else array.view(np.uint16))  # noqa: E731
    np.testing.assert_array_equal(read(compressed(folder, syntax, as_stored)).array, whole.array)


@pytest.mark.parametrize("syntax", BY_PYDICOM)
def test_what_pydicom_encodes_is_read_equal(tmp_path, syntax):
    folder = write_stack(tmp_path / "stack")
    whole = read(folder)
    for file in folder.iterdir():
        data = dcmread(file)
        data.compress(BY_PYDICOM[syntax], generate_instance_uid=False)
        data.save_as(file)
    np.testing.assert_array_equal(read(folder).array, whole.array)


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    from pydicom.pixels import get_decoder

    folder = compressed(write_stack(tmp_path / "stack"), "1.2.840.10008.1.2.4.70", LOSSLESS["1.2.840.10008.1.2.4.70"])
    dicom_codecs.add_decoders()
    monkeypatch.setattr(get_decoder("1.2.840.10008.1.2.4.70"), "_available", {})
    with pytest.raises(InputError, match=r"JPEG Lossless.*pip install .imagecodecs"):
        read(folder)

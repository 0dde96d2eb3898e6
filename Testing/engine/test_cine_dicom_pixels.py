"""Decoding and rescaling."""

from __future__ import annotations

import numpy as np
import pytest
from cine_files import a_frame, image, write_clip, write_dicom
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from medvos.cine.dicom_files import find_headers
from medvos.cine.dicom_frames import frames_of
from medvos.cine.dicom_pixels import PixelReader, decode, frames_in_turn
from medvos.errors import InputError


def test_pixels_are_rescaled(tmp_path):
    path = write_dicom(tmp_path / "x", image(1, 0))
    found = PixelReader().read([a_frame(path=path, slope=2.0, intercept=-1.0)])
    np.testing.assert_array_equal(found[0], image(1, 0) * 2.0 - 1)


def test_signed_pixels_stay_negative(tmp_path):
    pixels = image(0, 0).astype(np.int16) - 30
    np.testing.assert_array_equal(decode(write_dicom(tmp_path / "x", pixels), "x")[0], pixels)


def test_a_multi_frame_file_is_read_by_frame(tmp_path):
    path = write_dicom(tmp_path / "x", np.stack([image(t, 0) for t in range(3)]))
    found = PixelReader().read([a_frame(path=path, index=2), a_frame(path=path, index=0)])
    np.testing.assert_array_equal(found, [image(2, 0), image(0, 0)])


def test_colours_become_grey(tmp_path):
    rgb = np.stack([image(0, 0), 2 * image(0, 0), 3 * image(0, 0)], -1).astype(np.uint8)
    np.testing.assert_allclose(decode(write_dicom(tmp_path / "x", rgb), "x")[0], rgb.mean(-1))
    ybr = np.full((20, 24, 3), 128, np.uint8)
    ybr[..., 0] = image(0, 0)
    path = write_dicom(tmp_path / "y", ybr, PhotometricInterpretation="YBR_FULL")
    np.testing.assert_allclose(decode(path, "y")[0], image(0, 0))


def test_run_length_compression_is_decoded(tmp_path):
    path = write_dicom(tmp_path / "x", image(0, 0))
    data = dcmread(path)
    data.compress(RLELossless)
    data.save_as(path)
    np.testing.assert_array_equal(decode(path, "x")[0], image(0, 0))


def test_a_codec_that_is_not_there_is_named_with_what_to_install(tmp_path, monkeypatch):
    path = write_dicom(tmp_path / "x", image(0, 0))
    data = dcmread(path)
    data.compress(RLELossless)
    data.file_meta.TransferSyntaxUID = JPEG2000Lossless
    data.save_as(path)
    from pydicom.pixels.decoders import JPEG2000LosslessDecoder

    monkeypatch.setattr(JPEG2000LosslessDecoder, "_available", {})
    with pytest.raises(InputError, match=r"JPEG 2000.*pip install"):
        decode(path, "x")


def test_pixels_cut_short_are_refused(tmp_path):
    path = write_dicom(tmp_path / "x", image(0, 0))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match="x cannot be read as DICOM"):
        decode(path, "x")


def test_values_in_the_upper_bits_are_shifted_down(tmp_path):
    grey = image(3, 1) & 0xFFF
    path = write_dicom(tmp_path / "a", grey << 4, BitsStored=12, HighBit=15)
    np.testing.assert_array_equal(decode(path, "a")[0], grey)


def test_a_deflated_clip_is_read_frame_by_frame(tmp_path):
    plain, packed = write_clip(tmp_path / "plain"), tmp_path / "packed"
    data = dcmread(plain)
    data.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    data.save_as(packed)
    for one, other in zip(frames_in_turn(plain, "a"), frames_in_turn(packed, "b"), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_modality_table_takes_the_place_of_slope_and_intercept(tmp_path):
    table = Dataset()
    table.LUTDescriptor = [1024, 0, 16]
    table.LUTData = (1023 - np.arange(1024)).astype("<u2").tobytes()
    tags = {"RescaleSlope": 3, "RescaleIntercept": 5}
    file = write_dicom(tmp_path / "x", 1023 - image(0, 0), ModalityLUTSequence=Sequence([table]), **tags)
    (frame,) = frames_of(find_headers(file)[0])
    np.testing.assert_array_equal(PixelReader().read([frame])[0], image(0, 0))

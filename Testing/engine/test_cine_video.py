"""Videos."""

from __future__ import annotations

import struct
import sys
from fractions import Fraction

import av
import numpy as np
import pytest

from medvos.cine import read
from medvos.errors import InputError


def save(path, frames=8, rate=25, codec="ffv1", pixels="bgr0", stamps=()):
    """``stamps``: ms of each image, where the rate is not the same all the time."""
    with av.open(str(path), "w") as film:
        stream = film.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = 32, 24, pixels
        if stamps:
            stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
        for t in range(frames):
            image = np.full((24, 32, 3), 20 * t, np.uint8)
            image[:, 16:] = 200
            frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=pixels)
            if stamps:
                frame.pts, frame.time_base = stamps[t], Fraction(1, 1000)
            for packet in stream.encode(frame):
                film.mux(packet)
        for packet in stream.encode():
            film.mux(packet)
    return path


def test_a_film_is_one_slice_of_grey_values(tmp_path):
    cine = read(save(tmp_path / "x.avi"))
    assert cine.shape == (8, 1, 24, 32)
    np.testing.assert_array_equal(cine.array[:, 0, 0, 0], np.arange(8) * 20)
    assert (cine.array[..., 16:] == 200).all()
    np.testing.assert_allclose(cine.times, np.arange(8) * 40.0)
    assert cine.period == 320 and cine.source.heart_rate is None
    assert "pixel size" in cine.source.notes[0]


def test_a_film_that_was_taken_with_the_phone_on_its_side_is_turned_upright(tmp_path):
    path = save(tmp_path / "x.mp4", codec="libx264", pixels="yuv420p")
    one = 1 << 16
    as_stored = struct.pack(">9i", one, 0, 0, 0, one, 0, 0, 0, 1 << 30)
    clockwise = struct.pack(">9i", 0, one, 0, -one, 0, 0, 24 * one, 0, 1 << 30)
    content = path.read_bytes()
    header = content.index(b"tkhd")  # of the track; the film as a whole has a matrix of its own
    place = content.index(as_stored, header)
    path.write_bytes(content[:place] + clockwise + content[place + len(clockwise) :])
    first = read(path).array[0, 0]
    assert first.shape == (32, 24)
    assert first[:14].max() < 20 and first[18:].min() > 180  # what was stored on the right is below


@pytest.mark.parametrize(
    ("matrix", "shown"),
    [
        ((-1, 0, 0, 1), lambda image: image[:, ::-1]),
        ((1, 0, 0, -1), lambda image: image[::-1]),
        ((-1, 0, 0, -1), lambda image: image[::-1, ::-1]),
        ((0, 1, -1, 0), lambda image: np.rot90(image, -1)),
        ((0, -1, 1, 0), np.rot90),
        ((0, 1, 1, 0), lambda image: image.T),
    ],
    ids=["mirrored", "upside down", "half a turn", "clockwise", "anticlockwise", "transposed"],
)
@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_a_film_is_turned_and_mirrored_as_its_matrix_says(tmp_path, suffix, matrix, shown):
    path = save(tmp_path / f"x.{suffix}", codec="libx264", pixels="yuv420p")
    stored = read(path).array[3, 0]
    one = 1 << 16
    content = path.read_bytes()
    as_stored = struct.pack(">9i", one, 0, 0, 0, one, 0, 0, 0, 1 << 30)
    place = content.index(as_stored, content.index(b"tkhd"))
    a, b, c, d = (part * one for part in matrix)
    changed = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content[:place] + changed + content[place + len(changed) :])
    np.testing.assert_array_equal(read(path).array[3, 0], shown(stored))


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov"])
def test_a_film_of_a_rate_that_varies_has_the_times_of_its_pictures(tmp_path, suffix):
    stamps = (0, 20, 40, 60, 120, 180, 240, 300)
    cine = read(save(tmp_path / f"x.{suffix}", rate=1000, codec="libx264", pixels="yuv420p", stamps=stamps))
    np.testing.assert_allclose(cine.times, stamps, atol=1)


def test_a_clock_of_whole_milliseconds_is_no_rate_that_varies(tmp_path):
    stamps = (0, 33, 67, 100, 133, 167, 200, 233)
    cine = read(save(tmp_path / "x.mkv", rate=30, codec="libx264", pixels="yuv420p", stamps=stamps))
    np.testing.assert_allclose(np.diff(cine.times), 100 / 3, rtol=0.01)


def test_a_film_without_pictures_is_refused(tmp_path):
    (tmp_path / "x.mp4").write_bytes(b"no film at all" * 100)
    with pytest.raises(InputError, match=r"x\.mp4"):
        read(tmp_path / "x.mp4")


def test_what_to_install_is_said(tmp_path, monkeypatch):
    path = save(tmp_path / "x.avi")
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(InputError, match=r"pip install 'av"):
        read(path)


def test_an_echo_film_has_the_frames_of_its_expert_pictures(data_folder):
    folder = data_folder / "echonet_videos"
    cine = read(folder / "0X24C05ADF764D0216.avi")
    from skimage.io import imread

    for name, t in (("index1662_diastole_frame.png", 101), ("index1662_sistole_frame.png", 116)):
        np.testing.assert_array_equal(cine.array[t, 0], imread(folder / name)[..., :3].mean(axis=-1).astype(np.float32))

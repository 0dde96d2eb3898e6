from __future__ import annotations

import sys
from pathlib import Path

import av
import numpy as np
import pytest

from medvos.measure.measures import Beat, Measures
from medvos.report.overlay import NO_VIDEO, SIDE, STRIP, write_overlay
from medvos.structures import LV

FRAMES = 10


def measures_of(step: float = 20.0) -> Measures:
    beats = (Beat(2, 6, None, None, 50.0),)
    percent = {"LV": np.linspace(100, 50, FRAMES)}
    return Measures({}, np.arange(FRAMES) * step, {}, 2, 6, no_normal="", beats=beats, percent=percent)


def a_film(path: Path, shape: tuple[int, int] = (112, 112), step: float = 20.0, doubt: float = 0.0) -> np.ndarray:
    """Frames (T, H, W, 3) of an overlay of grey pictures with a square LV."""
    labels = np.zeros(shape, np.uint8)
    labels[30:60, 40:70] = LV
    uncertainty = np.zeros(shape, np.float32)
    uncertainty[80:100, 40:70] = doubt
    frame = np.full(shape, 100.0, np.float32), labels, uncertainty
    write_overlay(path, [frame] * FRAMES, measures_of(step))
    with av.open(str(path)) as film:
        return np.stack([image.to_ndarray(format="rgb24") for image in film.decode(video=0)])


def colourfulness(images: np.ndarray) -> np.ndarray:
    return np.ptp(images.astype(int), axis=-1)


@pytest.mark.parametrize("shape", [(112, 112), (121, 95), (600, 801)])
def test_every_frame_is_there_and_large_enough(tmp_path: Path, shape):
    film = a_film(tmp_path / "o.mp4", shape)
    assert len(film) == FRAMES
    assert min(film.shape[1] - STRIP, film.shape[2]) >= SIDE - 1


def test_it_plays_at_the_pace_of_the_clip(tmp_path: Path):
    a_film(tmp_path / "o.mp4", step=40.0)
    with av.open(str(tmp_path / "o.mp4")) as film:
        assert float(film.streams.video[0].average_rate) == pytest.approx(25)


def test_the_contour_is_coloured_and_what_it_encloses_is_not(tmp_path: Path):
    image = a_film(tmp_path / "o.mp4")[5]
    zoom = (image.shape[0] - STRIP) // 112
    assert colourfulness(image[30 * zoom : 34 * zoom, 50 * zoom : 60 * zoom]).max() > 60
    assert colourfulness(image[40 * zoom : 50 * zoom, 50 * zoom : 60 * zoom]).max() < 20


def test_what_is_unsure_is_tinted(tmp_path: Path):
    zoom = 4
    sure, unsure = (a_film(tmp_path / f"{doubt}.mp4", doubt=doubt)[0] for doubt in (0.0, 0.8))
    there = slice(86 * zoom, 94 * zoom), slice(46 * zoom, 64 * zoom)
    assert colourfulness(unsure[there]).mean() > 30 > colourfulness(sure[there]).mean()


def test_the_cursor_goes_along_the_curve(tmp_path: Path):
    film = a_film(tmp_path / "o.mp4")
    places = [int(frame[-4:, :].mean(axis=(0, 2)).argmax()) for frame in film]
    assert places == sorted(places) and places[-1] - places[0] > 0.9 * film.shape[2]


def test_ed_and_es_are_written_into_their_frames(tmp_path: Path):
    film = a_film(tmp_path / "o.mp4").astype(int)
    corner = [frame[8:26, 8:40].max() for frame in film]
    assert corner[2] > 200 and corner[6] > 200 and corner[0] < 150


def frames_taken(path: Path) -> tuple[int, str]:
    """How many frames were taken, and the note."""
    taken = []

    def frames():
        for number in range(FRAMES):
            taken.append(number)
            yield (
                np.full((112, 112), 100.0, np.float32),
                np.zeros((112, 112), np.uint8),
                np.zeros((112, 112), np.float32),
            )

    note = write_overlay(path, frames(), measures_of())
    return len(taken), note


def test_without_pyav_all_frames_are_taken_and_a_note_is_returned(tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    assert frames_taken(tmp_path / "o.mp4") == (FRAMES, NO_VIDEO)
    assert not list(tmp_path.iterdir())


def test_without_the_codec_no_broken_file_is_left(tmp_path: Path, monkeypatch):
    add_stream = av.container.OutputContainer.add_stream

    class WithoutCodec:
        def __init__(self, file) -> None:
            self._file = file

        def add_stream(self, *_, **options):
            return add_stream(self._file, "libx265-that-is-not-there", **options)

        def __getattr__(self, name: str):
            return getattr(self._file, name)

    opened = av.open
    monkeypatch.setattr(av, "open", lambda *more, **options: WithoutCodec(opened(*more, **options)))
    assert frames_taken(tmp_path / "o.mp4") == (FRAMES, NO_VIDEO)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_no_fault_of_the_encoder(tmp_path: Path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(av, "open", full)
    with pytest.raises(OSError, match="space"):
        frames_taken(tmp_path / "o.mp4")

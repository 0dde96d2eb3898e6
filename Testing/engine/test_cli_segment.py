from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from echo_files import sector_images, store_echo_network, write_film, write_ultrasound

from medvos.cine import read
from medvos.cli.main import app
from medvos.errors import InputError
from medvos.report import overlay
from medvos.report.labels_digest import labels_digest

FILES = ["overlay.mp4", "report.html", "report.json", "segmentation.nii.gz", "uncertainty.nii.gz", "volumes.csv"]


@pytest.fixture(scope="module")
def with_network(environment, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    store_echo_network(folder)
    return {**environment, "MEDVOS_MODELS": str(folder)}


@pytest.fixture
def run(with_network, monkeypatch):
    """The command in this process."""
    monkeypatch.setenv("MEDVOS_MODELS", with_network["MEDVOS_MODELS"])

    def called(*arguments: object) -> None:
        app([*map(str, arguments), "--progress", "none"], standalone_mode=False)

    return called


def test_a_film_becomes_a_folder_of_results(medvos, with_network, tmp_path):
    path = write_film(tmp_path / "x.avi", sector_images())
    done = medvos("segment", path, "--out", tmp_path / "out", "--progress", "json", env=with_network)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1]["event"] == "done"
    assert sum(line["message"] == "segmenting" for line in lines) == 24
    assert sum(line["message"] == "drawing overlay.mp4" for line in lines) == 24
    counts = [line["done"] for line in lines]
    assert counts == sorted(counts) and lines[-1]["done"] == lines[-1]["total"] == 24
    out = tmp_path / "out"
    assert sorted(file.name for file in out.iterdir()) == FILES
    labels, uncertainty, cine = (read(p) for p in (out / FILES[3], out / FILES[4], path))
    assert labels.shape == uncertainty.shape == cine.shape
    np.testing.assert_allclose(labels.affine, cine.affine)
    np.testing.assert_allclose(labels.times, cine.times)
    assert set(np.unique(labels.array)) <= {0, 2, 3, 101}  # LV, Myo and left atrium
    assert uncertainty.array.min() >= 0 and uncertainty.array.max() <= 1
    report = json.loads((out / "report.json").read_text())
    assert len(report["slice_scores"]) == 24
    assert report["provenance"]["model"] == "echo-lv"
    assert report["labels_sha256"] == labels_digest(labels.array)
    with av.open(str(out / "overlay.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == 24


def test_a_video_that_cannot_be_made_costs_no_result(run, tmp_path, monkeypatch):
    path = write_film(tmp_path / "x.avi", sector_images())
    monkeypatch.setattr(overlay._Video, "_open", lambda *_: sys.modules["no encoder"])
    run("segment", path, "--out", tmp_path / "out")
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == FILES[1:]
    notes = json.loads((tmp_path / "out" / "report.json").read_text())["provenance"]["notes"]
    assert [note for note in notes if "PyAV" in note]


def test_no_video_is_made_where_none_is_wanted(run, tmp_path):
    path = write_film(tmp_path / "x.avi", sector_images())
    run("segment", path, "--out", tmp_path / "out", "--no-video")
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == FILES[1:]
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert not [note for note in report["provenance"]["notes"] if "PyAV" in note]


def test_an_ultrasound_file_gives_volumes_and_names_nobody(medvos, with_network, tmp_path):
    path = write_ultrasound(tmp_path / "Doe", sector_images(), PatientName="Doe^Jane", PatientID="77123")
    done = medvos("segment", path, "--out", tmp_path / "out", env=with_network)
    assert done.returncode == 0, done.stderr
    report = (tmp_path / "out" / "report.json").read_text()
    assert json.loads(report)["provenance"]["input"]["spacing_known"]
    for text in (report, (tmp_path / "out" / "report.html").read_text(), done.stdout, done.stderr):
        assert "Jane" not in text and "77123" not in text
    again = json.loads(medvos("measure", tmp_path / "out", "--json", env=with_network).stdout)["measures"]
    # The files have the pixel size in single precision, which moves the discs of a volume by a little.
    for name, measure in json.loads(report)["measures"].items():
        assert again[name] == {**measure, "value": measure["value"] and pytest.approx(measure["value"], rel=1e-3)}


def a_short_film(folder: Path) -> Path:
    return write_film(folder / "x.avi", sector_images(3))


def a_film_without_a_heart(folder: Path) -> Path:
    noise = np.random.default_rng(0).integers(0, 40, (60, 90, 60)).astype(np.uint8)
    return write_film(folder / "x.mkv", noise)


def a_portrait_film_of_a_phone(folder: Path) -> Path:
    images = np.full((12, 320, 180), 30, np.uint8)
    images[:, 100:220, 10:170] = sector_images(12)
    return write_film(folder / "x.mp4", images, codec="libx264", pixels="yuv420p")


def a_film_damaged_in_the_middle(folder: Path) -> Path:
    path = write_film(folder / "x.avi", sector_images(), codec="mjpeg", pixels="yuvj420p")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = bytes(3000)
    path.write_bytes(content)
    return path


def a_film_with_colours_of_flow(folder: Path) -> Path:
    images = np.repeat(sector_images()[..., None], 3, -1)
    images[::2, 50:70, 70:90] = (220, 30, 20)
    return write_film(folder / "x.avi", images)


@pytest.mark.parametrize(
    ("film", "told"),
    [
        (a_short_film, ""),
        (a_film_without_a_heart, "does not look like the LV"),
        (a_portrait_film_of_a_phone, ""),
        (a_film_damaged_in_the_middle, "damaged"),
        (a_film_with_colours_of_flow, "colours of flow"),
    ],
)
def test_odd_clips_are_segmented_and_the_report_tells_what_is_odd(film, told, run, tmp_path):
    path = film(tmp_path)
    run("segment", path, "--out", tmp_path / "out")
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    ef = report["measures"]["LVEF"]
    assert ef["value"] is not None or "contraction" in ef["reason"]
    assert told in " ".join(report["provenance"]["notes"] + report["provenance"]["doubts"])
    assert read(tmp_path / "out" / "segmentation.nii.gz").shape == read(path).shape


@pytest.mark.parametrize("name", ["still.png", "still.avi", "broken.mp4", "clip.nii.gz", "missing.avi"])
def test_what_cannot_be_segmented_is_refused(name, run, tmp_path):
    path = tmp_path / name
    if name == "still.png":
        from PIL import Image

        Image.fromarray(sector_images(1)[0]).save(path)
    elif name == "still.avi":
        write_film(path, sector_images(1))
    elif name != "missing.avi":
        path.write_bytes(b"no film" * 99)
    with pytest.raises(InputError, match=name):
        run("segment", path, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_refusal_is_one_line_and_exit_code_2(medvos, with_network, tmp_path):
    path = write_film(tmp_path / "x.avi", sector_images(1))
    done = medvos("segment", path, "--out", tmp_path / "out", env=with_network)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "x.avi" in done.stderr


def test_a_model_for_something_else_is_refused(run, tmp_path):
    path = write_film(tmp_path / "x.avi", sector_images(3))
    with pytest.raises(InputError, match="echo-lv"):
        run("segment", path, "--out", tmp_path / "out", "--model", "cstm")


def test_cancelled_it_leaves_nothing_behind(with_network, tmp_path):
    path = write_film(tmp_path / "x.avi", sector_images(200))
    command = [sys.executable, "-m", "medvos", "segment", path, "--out", tmp_path / "out", "--progress", "json"]
    with subprocess.Popen(list(map(os.fspath, command)), stdout=subprocess.PIPE, env=with_network) as run:
        for line in run.stdout:
            if json.loads(line)["message"] == "segmenting":
                run.send_signal(signal.SIGTERM)
                break
        run.stdout.read()
    assert run.returncode == 3
    assert [file.name for file in tmp_path.iterdir()] == ["x.avi"]


def test_without_a_model_the_input_decides(monkeypatch, tmp_path):
    from medvos.cine.cine import Cine
    from medvos.cine.clip import Clip
    from medvos.cine.write import write_nifti
    from medvos.cli.segment import _opened
    from medvos.segmentation.segment import suited_model

    film = write_film(tmp_path / "x.avi", sector_images(3))
    cine = tmp_path / "cine.nii.gz"
    grey = np.ones((3, 2, 40, 40), np.float32)
    write_nifti(cine, grey, Cine(grey, np.eye(4), np.arange(3) * 300.0, 900.0))
    is_clip = {path: isinstance(_opened(path), Clip) for path in (film, cine)}
    assert suited_model(is_clip[film], False, film.name) == "echo-lv"
    assert suited_model(is_clip[cine], False, cine.name) == "vivim"
    assert suited_model(is_clip[cine], True, cine.name) == "mvo"
    with pytest.raises(InputError, match=r"x\.avi is a clip, and .* leave out the myocardium"):
        suited_model(is_clip[film], True, film.name)

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
from echo_files import sector_pictures, store_echo_network, write_film

from medvos.cine import read

FILES = ["overlay.mp4", "report.html", "report.json", "segmentation.nii.gz", "uncertainty.nii.gz", "volumes.csv"]


@pytest.fixture(scope="module")
def with_network(environment, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    store_echo_network(folder)
    return {**environment, "MEDVOS_MODELS": str(folder)}


def test_a_film_becomes_a_folder_of_results(medvos, with_network, tmp_path):
    path = write_film(tmp_path / "x.avi", sector_pictures())
    done = medvos("segment", path, "--out", tmp_path / "out", "--progress", "json", env=with_network)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1]["event"] == "done"
    assert [line["done"] for line in lines if line["message"] == "segmenting"] == list(range(1, 25))
    out = tmp_path / "out"
    assert sorted(file.name for file in out.iterdir()) == FILES
    labels, uncertainty, cine = (read(p) for p in (out / FILES[3], out / FILES[4], path))
    assert labels.shape == uncertainty.shape == cine.shape
    np.testing.assert_allclose(labels.affine, cine.affine)
    np.testing.assert_allclose(labels.times, cine.times)
    assert set(np.unique(labels.array)) <= {0, 3}
    assert uncertainty.array.min() >= 0 and uncertainty.array.max() <= 1
    report = json.loads((out / "report.json").read_text())
    assert len(report["slice_scores"]) == 24
    assert report["provenance"]["model"] == "echo-lv"
    with av.open(str(out / "overlay.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == 24


def a_short_film(folder: Path) -> Path:
    return write_film(folder / "x.avi", sector_pictures(3))


def test_three_frames_are_segmented_and_the_report_says_why_there_is_no_ef(medvos, with_network, tmp_path):
    done = medvos("segment", a_short_film(tmp_path), "--out", tmp_path / "out", env=with_network)
    assert done.returncode == 0, done.stderr
    ef = json.loads((tmp_path / "out" / "report.json").read_text())["measures"]["LVEF"]
    assert ef["value"] is not None or "contraction" in ef["reason"]


def test_a_still_picture_is_refused_in_one_line(medvos, with_network, tmp_path):
    from PIL import Image

    path = tmp_path / "still.png"
    Image.fromarray(sector_pictures(1)[0]).save(path)
    done = medvos("segment", path, "--out", tmp_path / "out", env=with_network)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and path.name in done.stderr
    assert not (tmp_path / "out").exists()

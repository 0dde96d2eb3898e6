"""A packed copy of the training data has the same labels, nearly the same images, and nobody of the validation."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from extension.checkout import ROOT

from medvos.errors import InputError
from medvos_lab.datasets import acdc_cases, sunnybrook_edes


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pack_training_data", ROOT / "Utilities" / "pack_training_data.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a training and a validation patient."""
    rng, folder = np.random.default_rng(0), tmp_path / "data"
    for name in ("acdc", "acdc_4d", "sunnybrook_edes"):
        (folder / name).mkdir(parents=True)
    for name in ("patient003", "patient004"):
        image, label = (rng.integers(0, most, (2, 3, 40, 40)).astype(np.uint8) for most in (256, 4))
        np.savez_compressed(folder / "acdc" / f"{name}.npz", image=image, label=label, frame=np.array([1, 9]))
        (folder / "acdc_4d" / f"{name}.mp4").write_bytes(rng.bytes(1000))
    (folder / "acdc" / "patients.csv").write_text("patient,dz_mm,dy_mm,dx_mm\npatient003,10,1.5,1.5\n")
    (folder / "acdc_4d" / "index.json").write_text(json.dumps({"patient003": {"ED": 0}, "patient004": {"ED": 1}}))
    frames = {"image": rng.integers(0, 256, (2, 40, 40)).astype(np.uint8), "endo": rng.random((2, 40, 40)) < 0.2}
    np.savez_compressed(folder / "sunnybrook_edes" / "SC-N-02.npz", **frames, instance=np.array([20, 28]))
    return folder


def test_a_packed_folder_is_read_as_the_data_are(script, data, tmp_path):
    size = script.pack(data, tmp_path / "packed")
    files = [path for path in (tmp_path / "packed").rglob("*") if path.is_file()]
    assert size == sum(path.stat().st_size for path in files) / 2**20
    assert {path.stem for path in files if "patient0" in path.name} == {"patient003"}
    (packed,), (original,) = (list(acdc_cases(folder, "training")) for folder in (tmp_path / "packed", data))
    assert packed.name == original.name == "patient003"
    np.testing.assert_array_equal(packed.labels, original.labels)
    assert packed.cine.spacing == original.cine.spacing
    assert 0 < np.abs(packed.cine.array - original.cine.array).max() <= 2
    (packed_frames,), (frames,) = (list(sunnybrook_edes(folder)) for folder in (tmp_path / "packed", data))
    np.testing.assert_array_equal(packed_frames.cavity, frames.cavity)
    np.testing.assert_array_equal(packed_frames.slices, frames.slices)
    assert np.abs(packed_frames.images.astype(int) - frames.images).max() <= 2
    video = "acdc_4d/patient003.mp4"
    assert (tmp_path / "packed" / video).read_bytes() == (data / video).read_bytes()
    assert json.loads((tmp_path / "packed" / "acdc_4d" / "index.json").read_text()) == {"patient003": {"ED": 0}}


def test_every_grey_value_is_rounded_to_the_nearest_step(script):
    grey = np.arange(256).astype(np.uint8)
    found = script.rounded(grey).astype(int)
    assert np.abs(found - grey).max() == 2
    assert set(found.tolist()) == set(range(0, 256, 5))


def test_data_that_do_not_fit_leave_nothing(script, data, tmp_path):
    with pytest.raises(InputError, match=r"take 0\.0 MiB, more than 0\.001 MiB; take them .* another way"):
        script.pack(data, tmp_path / "packed", 0.001)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_folder_that_exists_and_missing_data_are_refused(script, data, tmp_path):
    with pytest.raises(InputError, match="exists; name a new folder"):
        script.pack(data, data)
    with pytest.raises(InputError, match="There is no data set"):
        script.pack(tmp_path / "nowhere", tmp_path / "packed")


def test_videos_without_an_entry_in_the_index_and_no_videos_are_refused(script, data, tmp_path):
    (data / "acdc_4d" / "index.json").write_text("{}")
    with pytest.raises(InputError, match="lacks an entry of patient003"):
        script.pack(data, tmp_path / "packed")
    (data / "acdc_4d" / "patient003.mp4").unlink()
    with pytest.raises(InputError, match="lacks videos of training patients"):
        script.pack(data, tmp_path / "packed")
    (data / "acdc_4d" / "index.json").unlink()
    with pytest.raises(SystemExit, match="No such file"):
        script.main(str(data), str(tmp_path / "packed"))
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_file_where_the_folder_should_be_is_told_in_one_sentence(script, data, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(
        SystemExit, match=r"^\S+file/packed\.partial/acdc cannot be read or written \(Not a directory\); "
    ):
        script.main(str(data), str(tmp_path / "file" / "packed"))


def test_a_missing_file_of_the_data_is_named(script, data, tmp_path):
    (data / "acdc" / "patients.csv").unlink()
    with pytest.raises(SystemExit, match=r"patients\.csv cannot be read or written \(No such file"):
        script.main(str(data), str(tmp_path / "packed"))

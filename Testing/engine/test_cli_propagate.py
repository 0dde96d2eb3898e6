from __future__ import annotations

import ctypes
import json
import shlex
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import nibabel as nib
import numpy as np
import pytest
import torch
from cine_files import write_dicom, write_stack
from medvos_command import Medvos

from medvos.cine.write import write_nifti
from medvos.structures import MVO, MYO
from medvos.synth.heart import SyntheticHeart

RESULT_FILES = {"segmentation.nii.gz", "uncertainty.nii.gz", "volumes.csv", "report.json", "report.html"}
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")


def refused(answer: subprocess.CompletedProcess[str], said: str) -> None:
    """Exit code 2, and one line on stderr that holds ``said``."""
    assert answer.returncode == 2, answer.stderr
    assert answer.stdout == ""
    assert answer.stderr.count("\n") == 1, answer.stderr
    assert answer.stderr.startswith("medvos: ")
    assert said in answer.stderr


@pytest.fixture
def propagate(medvos: Medvos, a_cine_file: Path, a_seed_file: Path, tmp_path: Path) -> Medvos:
    """``medvos propagate`` with everything right but the arguments that the test changes."""

    def run(
        *more: object, cine: Path = a_cine_file, seed: Path = a_seed_file, out: Path = tmp_path / "out", **options: Any
    ) -> subprocess.CompletedProcess[str]:
        phase = () if "--phase" in more else ("--phase", 0)
        return medvos("propagate", cine, "--seed", seed, *phase, "--out", out, *more, **options)

    return run


@pytest.fixture(scope="module")
def done(medvos: Medvos, a_heart: SyntheticHeart, a_cine_file: Path, tmp_path_factory: pytest.TempPathFactory):
    """One run that goes well, with progress as JSON, into a folder that held something of the user's."""
    folder = tmp_path_factory.mktemp("done")
    drawn = np.zeros_like(a_heart.labels)
    drawn[0, 3] = a_heart.labels[0, 3]
    write_nifti(folder / "seed.nii.gz", drawn, a_heart.cine)
    (folder / "out").mkdir()
    (folder / "out" / "notes.txt").write_text("mine")
    answer = medvos(
        "propagate", a_cine_file, "--seed", folder / "seed.nii.gz", "--out", folder / "out",
        "--device", "cpu", "--progress", "json",
    )  # fmt: skip
    return answer, folder / "out"


def test_the_results_are_in_the_folder_beside_what_was_there(done):
    answer, out = done
    assert answer.returncode == 0, answer.stderr
    assert {file.name for file in out.iterdir()} == RESULT_FILES | {"notes.txt"}


def test_the_images_lie_on_the_grid_of_the_cine(done, a_heart: SyntheticHeart):
    labels = nib.load(done[1] / "segmentation.nii.gz")
    uncertainty = np.asarray(nib.load(done[1] / "uncertainty.nii.gz").dataobj)
    assert labels.shape == a_heart.labels.T.shape == uncertainty.shape
    assert np.allclose(labels.affine, a_heart.cine.affine, atol=1e-4)
    assert (uncertainty.min() >= 0) and (uncertainty.max() <= 1)


def test_the_drawn_slice_comes_back_as_drawn(done, a_heart: SyntheticHeart):
    labels = np.asarray(nib.load(done[1] / "segmentation.nii.gz").dataobj).T
    assert np.array_equal(labels[0, 3], a_heart.labels[0, 3])


def test_the_report_is_valid_and_says_how_it_was_made(done):
    schema = json.loads(files("medvos.report").joinpath("report.schema.json").read_text())
    document = json.loads((done[1] / "report.json").read_text())
    jsonschema.validate(document, schema)
    assert document["provenance"]["device"] == "cpu"
    assert document["provenance"]["terms"]


def test_progress_is_one_json_object_per_line_that_ends_with_done(done):
    lines = [json.loads(line) for line in done[0].stdout.splitlines()]
    assert all(set(line) == {"event", "done", "total", "eta_s", "message"} for line in lines)
    assert [line["event"] for line in lines[:-1]] == ["progress"] * (len(lines) - 1)
    assert lines[-1]["event"] == "done"
    counts = [line["done"] for line in lines]
    assert counts == sorted(counts)
    assert counts[-1] == lines[-1]["total"]
    assert done[0].stderr == ""


def test_the_summary_names_the_measures_and_the_report(propagate: Medvos, tmp_path: Path):
    answer = propagate()
    assert answer.returncode == 0, answer.stderr
    assert "LVEF" in answer.stdout
    assert str(tmp_path / "out" / "report.html") in answer.stdout


def test_without_progress_the_folder_alone_is_named(propagate: Medvos, environment: dict[str, str], tmp_path: Path):
    answer = propagate("--progress", "none", env=environment)  # in a process: libraries print while they are imported
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == f"{tmp_path / 'out'}\n"


def test_an_input_that_is_not_there(propagate: Medvos, tmp_path: Path):
    refused(propagate(cine=tmp_path / "nowhere"), "does not exist")


def test_an_empty_folder(propagate: Medvos, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    refused(propagate(cine=tmp_path / "empty"), "empty")


def test_a_folder_without_dicom(propagate: Medvos, tmp_path: Path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.txt").write_text("no pictures here")
    refused(propagate(cine=tmp_path / "notes"), "DICOM")


def test_a_localiser_only(propagate: Medvos, tmp_path: Path):
    for z, position in enumerate((0.0, 10.0, 20.0)):
        write_dicom(
            tmp_path / "localiser" / f"IM{z}",
            np.full((32, 32), 100 * z, np.uint16),
            ImagePositionPatient=[0.0, 0.0, position],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            PixelSpacing=[2.0, 2.0],
            ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"],
            SeriesDescription="localizer",
        )
    refused(propagate(cine=tmp_path / "localiser"), "one phase only")


def test_two_patients_in_a_folder_without_their_names(propagate: Medvos, tmp_path: Path):
    for number, name in enumerate(("DOE^JANE", "ROE^RICHARD")):
        write_stack(tmp_path / "both" / str(number), PatientID=f"P{number}", PatientName=name, series=number + 1)
    answer = propagate(cine=tmp_path / "both")
    refused(answer, "patient")
    assert "DOE" not in answer.stderr
    assert "ROE" not in answer.stderr


def test_a_volume_without_time(propagate: Medvos, a_seed_file: Path):
    refused(propagate(cine=a_seed_file), "3D")


def test_a_single_phase(propagate: Medvos, a_heart: SyntheticHeart, tmp_path: Path):
    nib.save(nib.Nifti1Image(a_heart.cine.array[:1].T, a_heart.cine.affine), tmp_path / "one.nii.gz")
    refused(propagate(cine=tmp_path / "one.nii.gz"), "phase")


def test_pixels_that_are_not_numbers(propagate: Medvos, a_heart: SyntheticHeart, tmp_path: Path):
    array = a_heart.cine.array.copy()
    array[2, 3, 4, 5] = np.nan
    write_nifti(tmp_path / "nan.nii.gz", array, a_heart.cine)
    refused(propagate(cine=tmp_path / "nan.nii.gz"), "NaN")


def test_a_truncated_file(propagate: Medvos, a_cine_file: Path, tmp_path: Path):
    (tmp_path / "cut.nii.gz").write_bytes(a_cine_file.read_bytes()[:20_000])
    refused(propagate(cine=tmp_path / "cut.nii.gz"), "cut.nii.gz")


def test_a_seed_that_is_not_there(propagate: Medvos, tmp_path: Path):
    refused(propagate(seed=tmp_path / "seed.nii"), "seed.nii does not exist")


def test_a_seed_on_another_grid(propagate: Medvos, a_heart: SyntheticHeart, tmp_path: Path):
    moved = a_heart.cine.affine.copy()
    moved[:3, 3] += 7
    elsewhere = replace(a_heart.cine, affine=moved)
    write_nifti(tmp_path / "moved.nii.gz", a_heart.labels[0], elsewhere)
    refused(propagate(seed=tmp_path / "moved.nii.gz"), "another grid")


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (np.zeros((6, 80, 80), np.uint8), "no label"),
        (np.full((6, 80, 80), -1, np.int16), "outside 0 to 255"),
        (np.full((6, 80, 80), 300, np.int16), "label 300 alone"),
        (np.full((6, 80, 80), 0.5, np.float32), "not whole numbers"),
    ],
)
def test_a_seed_that_is_empty_or_no_label_image(
    propagate: Medvos, a_heart: SyntheticHeart, tmp_path: Path, labels: np.ndarray, said: str
):
    write_nifti(tmp_path / "bad.nii.gz", labels, a_heart.cine)
    refused(propagate(seed=tmp_path / "bad.nii.gz"), said)


@pytest.mark.parametrize("phase", [-1, 6, 1000])
def test_a_phase_out_of_range(propagate: Medvos, phase: int):
    refused(propagate("--phase", phase), "phases 0 to 5")


def test_a_3d_seed_without_its_phase(medvos: Medvos, a_cine_file: Path, a_seed_file: Path, tmp_path: Path):
    refused(medvos("propagate", a_cine_file, "--seed", a_seed_file, "--out", tmp_path / "out"), "--phase")


def test_no_such_model(propagate: Medvos):
    refused(propagate("--model", "xyz"), "xyz")


def test_weights_whose_checksum_is_wrong(propagate: Medvos, environment: dict[str, str], tmp_path: Path):
    entry = {"file": "w.safetensors", "sha256": "0" * 64, "terms": "none", "summary": "damaged", "config": {}}
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "w.safetensors").write_bytes(b"damaged")
    (tmp_path / "models" / "manifest.json").write_text(json.dumps({"models": {"cstm": entry}}))
    refused(propagate(env={**environment, "MEDVOS_MODELS": str(tmp_path / "models")}), "checksum")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there(propagate: Medvos):
    refused(propagate("--device", "cuda"), "cuda")


def test_nothing_is_left_behind_after_an_error(propagate: Medvos, tmp_path: Path):
    before = set(tmp_path.iterdir())
    propagate("--model", "xyz")
    assert set(tmp_path.iterdir()) == before


def test_an_output_that_is_a_file(propagate: Medvos, a_seed_file: Path):
    refused(propagate(out=a_seed_file), "is a file")


def test_a_seed_that_the_results_would_overwrite(propagate: Medvos, a_heart: SyntheticHeart, tmp_path: Path):
    corrected = tmp_path / "segmentation.nii.gz"
    write_nifti(corrected, a_heart.labels[0], a_heart.cine)
    before = corrected.read_bytes()
    refused(propagate(seed=corrected, out=tmp_path), "overwritten")
    assert corrected.read_bytes() == before


def test_a_corrected_result_keeps_what_does_not_depend_on_it(
    medvos: Medvos, done, a_heart: SyntheticHeart, a_cine_file: Path, tmp_path: Path
):
    before = shutil.copytree(done[1], tmp_path / "before")
    report = json.loads((before / "report.json").read_text(encoding="utf-8"))
    report["subject"] |= {"sex": "F", "height_cm": 171.0, "weight_kg": 64.0, "heart_rate": 72.0}
    report["provenance"]["chosen_phases"] = {"ED": 0, "ES": 2}
    (before / "report.json").write_text(json.dumps(report), encoding="utf-8")
    drawn = np.zeros_like(a_heart.labels)
    drawn[0, 3], drawn[2, 1] = a_heart.labels[0, 3], np.roll(a_heart.labels[2, 1], 5, 0)
    write_nifti(tmp_path / "corrected.nii.gz", drawn, a_heart.cine)
    answer = medvos(
        "propagate", a_cine_file, "--seed", tmp_path / "corrected.nii.gz", "--previous", before,
        "--out", tmp_path / "out", "--progress", "json",
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    corrected = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    for fact in ("sex", "height_cm", "weight_kg", "heart_rate"):
        assert corrected["subject"][fact] == report["subject"][fact]
    assert corrected["measures"]["LVEDVI"]["value"] is not None
    assert corrected["phases"] == {"ED": 0, "ES": 2}
    assert corrected["provenance"]["chosen_phases"] == {"ED": 0, "ES": 2}
    assert json.loads(answer.stdout.splitlines()[-1])["total"] < json.loads(done[0].stdout.splitlines()[-1])["total"]
    first, second = (
        np.asarray(nib.load(folder / "segmentation.nii.gz").dataobj).T for folder in (done[1], tmp_path / "out")
    )
    np.testing.assert_array_equal(second[2, 1], drawn[2, 1])
    np.testing.assert_array_equal(second[:, 3:], first[:, 3:])
    assert (second[:, 1] != first[:, 1]).any()


def test_obstruction_in_a_corrected_result_is_wall_again(
    medvos: Medvos, done, a_heart: SyntheticHeart, a_cine_file: Path, tmp_path: Path
):
    before = shutil.copytree(done[1], tmp_path / "before")
    (before / "chance.nii.gz").write_bytes(b"of an earlier result")
    labels = np.asarray(nib.load(before / "segmentation.nii.gz").dataobj).T.copy()
    labels[:, 4:][labels[:, 4:] == MYO] = MVO
    write_nifti(before / "segmentation.nii.gz", labels, a_heart.cine)
    corrected = np.zeros_like(a_heart.labels)
    corrected[0, 3], corrected[2, 1] = a_heart.labels[0, 3], np.roll(a_heart.labels[2, 1], 5, 0)
    write_nifti(tmp_path / "corrected.nii.gz", corrected, a_heart.cine)
    answer = medvos(
        "propagate", a_cine_file, "--seed", tmp_path / "corrected.nii.gz", "--previous", before, "--out", before
    )
    assert answer.returncode == 0 and "predict it again" in answer.stdout.replace("\n", " ")
    assert not (np.asarray(nib.load(before / "segmentation.nii.gz").dataobj) == MVO).any()
    assert not (before / "chance.nii.gz").exists() and (before / "notes.txt").exists()


def test_a_previous_result_that_is_none(propagate: Medvos, tmp_path: Path):
    refused(propagate("--previous", tmp_path / "nothing"), "has no segmentation.nii.gz")


@linux
def test_a_read_only_folder(propagate: Medvos, tmp_path: Path):
    (tmp_path / "locked").mkdir(mode=0o555)
    refused(propagate(out=tmp_path / "locked", preexec_fn=_obey_permissions), "permission denied")
    refused(propagate(out=tmp_path / "locked" / "deep", preexec_fn=_obey_permissions), "permission denied")


def _obey_permissions() -> None:
    """Take from root the right to write where permissions forbid it (CAP_DAC_OVERRIDE), for this process alone."""
    drop_from_bounding_set, override = 24, 1
    ctypes.CDLL(None).prctl(drop_from_bounding_set, override, 0, 0, 0)


@linux
def test_a_full_disk(environment: dict[str, str], a_cine_file: Path, a_seed_file: Path, tmp_path: Path):
    (tmp_path / "disk").mkdir()
    mount = f"mount -t tmpfs -o size=16k tmpfs {shlex.quote(str(tmp_path / 'disk'))}"
    in_a_namespace = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    if subprocess.run([*in_a_namespace, mount], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    arguments = ["propagate", a_cine_file, "--seed", a_seed_file, "--phase", 0, "--out", tmp_path / "disk" / "out"]
    run = shlex.join(map(str, [sys.executable, "-m", "medvos", *arguments, "--progress", "none"]))
    script = f"{mount} && {run}; code=$?; ls -A {shlex.quote(str(tmp_path / 'disk'))}; exit $code"
    command = [*in_a_namespace, script]
    answer = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    refused(answer, "o space left on device")


@linux
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_in_the_middle_exits_3_and_leaves_nothing(
    environment: dict[str, str], a_cine_file: Path, a_seed_file: Path, tmp_path: Path, number: signal.Signals
):
    before = set(tmp_path.iterdir())
    arguments = ["propagate", a_cine_file, "--seed", a_seed_file, "--phase", 0, "--out", tmp_path / "out"]
    command = [sys.executable, "-m", "medvos", *map(str, arguments), "--progress", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as job:
        assert json.loads(job.stdout.readline())["event"] == "progress"
        assert any(path.name.startswith(".medvos-unfinished") for path in tmp_path.iterdir())
        job.send_signal(number)
        _, said = job.communicate(timeout=30)
    assert job.returncode == 3
    assert said == "medvos: Cancelled; nothing was written.\n"
    assert set(tmp_path.iterdir()) == before

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from medvos_command import Medvos

from medvos.cine.cine import Cine, Source
from medvos.cine.write import write_nifti
from medvos.measure.measure import measure
from medvos.report.write_results import write_results
from medvos.result import Result
from medvos.synth.ejected_fraction import ejected_fraction
from medvos.synth.heart import SyntheticHeart


def test_measures_of_a_segmentation_on_disk_are_those_of_its_labels(
    medvos: Medvos, a_truth_file: Path, a_heart: SyntheticHeart
):
    answer = medvos("measure", a_truth_file, "--json")
    assert answer.returncode == 0, answer.stderr
    found = {name: one["value"] for name, one in json.loads(answer.stdout)["measures"].items()}
    expected = measure(a_heart.labels, a_heart.cine)
    for name, value in found.items():
        assert value == (None if expected[name].value is None else pytest.approx(expected[name].value, rel=1e-3)), name


def test_the_table_shows_the_measures_and_the_phases(medvos: Medvos, a_truth_file: Path):
    answer = medvos("measure", a_truth_file)
    assert "LVEF" in answer.stdout
    assert "ED is phase 1" in answer.stdout


def test_of_a_heart_without_labels_there_are_reasons_alone(medvos: Medvos, a_heart: SyntheticHeart, tmp_path: Path):
    write_nifti(tmp_path / "empty.nii.gz", np.zeros_like(a_heart.labels), a_heart.cine)
    answer = medvos("measure", tmp_path / "empty.nii.gz")
    assert answer.returncode == 0, answer.stderr
    assert "no voxel is labelled LV" in answer.stdout
    assert "None" not in answer.stdout


def test_a_reader_chooses_phases_and_says_whose_heart_it_is(medvos: Medvos, a_truth_file: Path):
    about = ("--sex", "F", "--age", 44, "--height", 180, "--weight", 80, "--heart-rate", 60)
    answer = medvos("measure", a_truth_file, "--ed", 5, "--es", 1, *about, "--json")
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert found["phases"] == {"ED": 5, "ES": 1}
    assert found["measures"]["LVEDVI"]["value"] == pytest.approx(found["measures"]["LVEDV"]["value"] / 2, rel=1e-3)
    assert found["normal"]["ranges"]["LVEF"]["group"].startswith("women of 40 to 49")


def test_a_folder_of_results_is_measured_with_its_intervals(medvos: Medvos, a_result: Result, tmp_path: Path):
    expected = write_results(a_result, tmp_path / "results")
    answer = medvos("measure", tmp_path / "results", "--json")
    assert answer.returncode == 0, answer.stderr
    one = json.loads(answer.stdout)["measures"]["LVEF"]
    assert one["value"] == pytest.approx(expected["LVEF"].value, rel=1e-3)
    assert one["interval"] == pytest.approx(expected["LVEF"].interval, rel=1e-2)


def test_an_echo_clip_is_measured_beat_by_beat(medvos: Medvos, tmp_path: Path):
    labels, cine = a_clip()
    write_nifti(tmp_path / "four.nii.gz", labels, cine)
    one = medvos("measure", tmp_path / "four.nii.gz", "--echo", "--json")
    two = medvos("measure", tmp_path / "four.nii.gz", "--two-chamber", tmp_path / "four.nii.gz", "--json")
    assert one.returncode == two.returncode == 0, one.stderr + two.stderr
    assert len(json.loads(one.stdout)["beats"]) == 2
    assert json.loads(one.stdout)["measures"]["LVEF"] == json.loads(two.stdout)["measures"]["LVEF"]
    assert "EF (%)" in medvos("measure", tmp_path / "four.nii.gz", "--echo").stdout


@pytest.mark.parametrize("two", [False, True])
def test_the_beat_that_was_chosen_for_a_clip_is_measured_by_every_option(medvos: Medvos, tmp_path: Path, two: bool):
    labels, cine = a_clip()
    chosen = (20, 25)
    found = measure(labels, cine)
    assert (found.ed, found.es) != chosen
    certain = np.zeros(labels.shape, np.float32)
    result = Result(cine, labels, certain, certain[..., 0, 0], np.zeros(labels.shape[:2], bool), {"notes": []})
    write_results(result, tmp_path / "four", ed=chosen[0], es=chosen[1])
    other = ("--two-chamber", tmp_path / "four") if two else ("--echo",)
    found = json.loads(medvos("measure", tmp_path / "four", *other, "--json").stdout)
    assert found["phases"] == {"ED": chosen[0], "ES": chosen[1]}


def test_a_clip_without_times_is_not_taken_for_one_beat(medvos: Medvos, tmp_path: Path):
    labels, cine = a_clip()
    ten = np.concatenate([labels] * 6)
    image = nib.Nifti1Image(ten.T, cine.affine)
    image.header.set_xyzt_units("mm", "unknown")
    image.header["pixdim"][4] = 0
    nib.save(image, tmp_path / "ten.nii.gz")
    found = json.loads(medvos("measure", tmp_path / "ten.nii.gz", "--echo", "--labels", "lv=3", "--json").stdout)
    assert len(found["beats"]) == 12
    expected = measure(labels, replace(cine, source=Source(kind="video")))["LVEF"].value
    assert found["measures"]["LVEF"]["value"] == pytest.approx(expected, abs=2)
    assert "33 ms between frames were assumed" in " ".join(found["provenance"]["notes"])
    assert "1000 ms" not in " ".join(found["provenance"]["notes"])


@pytest.mark.parametrize(
    ("options", "why"),
    [(("--ed", 6), "0 to 5"), (("--height", "1.75"), "1.75"), (("--age", "200"), "200"), (("--echo",), "one slice")],
)
def test_what_cannot_be_is_one_line(medvos: Medvos, a_truth_file: Path, options: tuple, why: str):
    answer = medvos("measure", a_truth_file, *options)
    assert answer.returncode == 2
    assert why in answer.stderr
    assert answer.stderr.count("\n") == 1


def a_clip() -> tuple[np.ndarray, Cine]:
    """Two beats of half an ellipse, 40 ms a frame."""
    y, x = np.mgrid[:80, :80] - 40.0
    radii = 20 - 6 * ejected_fraction(np.arange(0, 2, 0.05), 0.36, 0.25)
    labels = np.array([((y - 20) / 50) ** 2 + (x / radius) ** 2 < (y < 20) for radius in radii])[:, None] * np.uint8(3)
    times = np.arange(len(labels)) * 40.0
    return labels, Cine(labels.astype(np.float32), np.diag([-1.0, -1.0, 1.0, 1.0]), times, len(labels) * 40.0)


def test_pictures_are_no_segmentation(medvos: Medvos, a_cine_file: Path):
    answer = medvos("measure", a_cine_file)
    assert answer.returncode == 2
    assert "labels" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_labels_in_another_order_are_measured_as_they_lie_and_a_note_says_so(
    medvos: Medvos, a_heart: SyntheticHeart, tmp_path: Path
):
    turned = np.array([0, 3, 2, 1], np.uint8)[a_heart.labels]
    write_nifti(tmp_path / "turned.nii.gz", turned, a_heart.cine)
    answer = medvos("measure", tmp_path / "turned.nii.gz", "--json")
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    expected = measure(a_heart.labels, a_heart.cine)
    for name in ("LVEF", "LVM", "RVEF"):
        assert found["measures"][name]["value"] == pytest.approx(expected[name].value, rel=1e-3), name
    assert "label 2 encloses label 1" in found["provenance"]["notes"][0]
    told = medvos("measure", tmp_path / "turned.nii.gz", "--json", "--labels", "lv=1,myo=2,rv=3")
    assert json.loads(told.stdout)["measures"] == found["measures"]


def test_a_single_label_of_which_nothing_tells_what_it_is_is_asked_for(
    medvos: Medvos, a_heart: SyntheticHeart, tmp_path: Path
):
    write_nifti(tmp_path / "one.nii.gz", (a_heart.labels == 3).astype(np.uint8), a_heart.cine)
    refused = medvos("measure", tmp_path / "one.nii.gz")
    assert refused.returncode == 2 and refused.stderr.count("\n") == 1
    assert "label 1 alone" in refused.stderr and "--labels lv=1" in refused.stderr
    answer = medvos("measure", tmp_path / "one.nii.gz", "--labels", "lv=1", "--json")
    expected = measure(a_heart.labels, a_heart.cine)["LVEF"].value
    assert json.loads(answer.stdout)["measures"]["LVEF"]["value"] == pytest.approx(expected, rel=1e-3)


def test_a_proposal_that_nobody_confirmed_is_a_doubt_here_too(medvos: Medvos, a_result: Result, tmp_path: Path):
    doubt = "The seed is a proposal that nobody has confirmed."
    write_results(replace(a_result, provenance={**a_result.provenance, "doubts": [doubt]}), tmp_path / "out")
    assert f"Doubt: {doubt}" in medvos("measure", tmp_path / "out").stdout.splitlines()
    found = json.loads(medvos("measure", tmp_path / "out", "--json").stdout)
    assert found["provenance"] == {"doubts": [doubt]}

"""Output folders that hold something else."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cine_files import write_clip, write_stack
from medvos_command import Medvos
from typer.testing import CliRunner

from medvos.cine.write import write_nifti
from medvos.cli.main import app
from medvos.cli.out_folder import check_same_cine
from medvos.errors import InputError
from medvos.report.document import describe_input
from medvos.report.handed_over import hand_over
from medvos.report.write_results import write_results
from medvos.result import Result
from medvos.segmentation.echo_clip import EchoInference
from medvos.synth.heart import SyntheticHeart


def refused(answer: subprocess.CompletedProcess[str], said: str) -> None:
    assert answer.returncode == 2 and answer.stderr.count("\n") == 1, answer.stderr
    assert said in answer.stderr


def test_results_of_another_cine_are_kept_and_those_of_this_one_replaced(
    medvos: Medvos, a_heart: SyntheticHeart, a_cine_file: Path, a_seed_file: Path, tmp_path: Path
):
    other = replace(a_heart.cine, array=a_heart.cine.array[:, :, ::-1])  # on the same grid
    write_nifti(tmp_path / "other.nii.gz", other.array, other)
    propagate = ("--seed", a_seed_file, "--phase", 0, "--out", tmp_path / "out")
    assert medvos("propagate", a_cine_file, *propagate).returncode == 0
    before = {file: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    refused(medvos("propagate", tmp_path / "other.nii.gz", *propagate), "has the results of another cine")
    assert {file: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before
    answer = medvos("propagate", a_cine_file, *propagate)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("name", ["report.html", "report.json", "volumes.csv", "chance.nii.gz"])
def test_files_of_other_programs_with_the_names_of_results_are_kept(
    a_result: Result, a_heart: SyntheticHeart, tmp_path: Path, name: str
):
    (tmp_path / "notes.txt").write_text("mine")
    check_same_cine(tmp_path, a_heart.cine)
    (tmp_path / name).write_text("[1, 2]")
    with pytest.raises(InputError, match=f"{name} is of no result of medvos and would be replaced"):
        check_same_cine(tmp_path, a_heart.cine)
    assert (tmp_path / name).read_text() == "[1, 2]"


def test_labels_that_were_corrected_in_the_folder_are_not_replaced(a_result: Result, a_heart: SyntheticHeart, tmp_path):
    write_results(a_result, tmp_path)
    check_same_cine(tmp_path, a_heart.cine)
    labels = a_result.labels.copy()
    labels[0, 2] = 0
    write_nifti(tmp_path / "segmentation.nii.gz", labels, a_heart.cine, labels=True)
    with pytest.raises(InputError, match="would be lost"):
        check_same_cine(tmp_path, a_heart.cine)
    # Another program may have smoothed the labels that somebody has corrected.
    write_nifti(tmp_path / "segmentation.nii.gz", labels.astype(np.float32) / 2, a_heart.cine)
    with pytest.raises(InputError, match="would be lost"):
        check_same_cine(tmp_path, a_heart.cine)


def written(folder: Path, heart: SyntheticHeart, **changes: object) -> Path:
    stated = {**describe_input(heart.cine), "kind": "nifti", "images_sha256": None, **changes}
    (folder / "report.json").write_text(json.dumps({"provenance": {"input": stated}}), encoding="utf-8")
    return folder


def test_results_without_a_digest_are_compared_by_size_and_times(a_heart: SyntheticHeart, tmp_path: Path):
    cine = replace(a_heart.cine, source=replace(a_heart.cine.source, kind="nifti"))
    check_same_cine(written(tmp_path, a_heart), cine)
    for change in ({"shape": [6, 5, 80, 80]}, {"period_ms": 700.0}, {"spacing_mm": [9.0, 1.0]}):
        with pytest.raises(InputError, match="another cine"):
            check_same_cine(written(tmp_path, a_heart, **change), cine)


def test_a_demo_replaces_a_demo_and_no_patient(a_heart: SyntheticHeart, tmp_path: Path):
    check_same_cine(written(tmp_path, a_heart, kind="synthetic", period_ms=700.0), a_heart.cine)
    with pytest.raises(InputError, match="another cine"):
        check_same_cine(written(tmp_path, a_heart, period_ms=700.0), a_heart.cine)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"provenance": 3}', '{"provenance": {"input": 3}}'])
def test_a_report_of_no_cine_is_replaced_where_it_is_of_medvos(a_heart: SyntheticHeart, tmp_path: Path, text: str):
    (tmp_path / "report.json").write_text(text, encoding="utf-8")
    if "provenance" in text:
        check_same_cine(tmp_path, a_heart.cine)
    else:
        with pytest.raises(InputError, match="is of no result of medvos"):
            check_same_cine(tmp_path, a_heart.cine)


@pytest.mark.parametrize("command", ["propagate", "segment", "propose"])
@pytest.mark.parametrize("place", ["", "series"])
def test_nothing_is_written_among_the_images(
    medvos: Medvos, a_seed_file: Path, tmp_path: Path, command: str, place: str
):
    images = tmp_path / "images"
    write_stack(images / "series")
    before = sorted(images.rglob("*"))
    options = {"propagate": ("--seed", a_seed_file, "--phase", 0), "segment": ("--model", "vivim"), "propose": ()}
    answer = medvos(command, images, "--out", images / place, *options[command])
    refused(answer, "holds the images themselves")
    assert sorted(images.rglob("*")) == before


def test_nothing_is_written_beside_a_dicom_clip(medvos: Medvos, tmp_path: Path):
    clip = write_clip(tmp_path / "clips" / "clip.dcm")
    refused(medvos("segment", clip, "--out", tmp_path / "clips"), "holds the images themselves")
    assert list((tmp_path / "clips").iterdir()) == [clip]


def test_results_may_lie_beside_a_nifti(medvos: Medvos, a_heart: SyntheticHeart, tmp_path: Path):
    write_nifti(tmp_path / "cine.nii.gz", a_heart.cine.array, a_heart.cine)
    drawn = np.zeros_like(a_heart.labels)
    drawn[0, 3] = a_heart.labels[0, 3]
    write_nifti(tmp_path / "seed.nii.gz", drawn, a_heart.cine)
    answer = medvos("propagate", tmp_path / "cine.nii.gz", "--seed", tmp_path / "seed.nii.gz", "--out", tmp_path)
    assert answer.returncode == 0, answer.stderr


def test_exports_of_the_panel_keep_to_the_same_rules(
    medvos: Medvos, a_result: Result, a_heart: SyntheticHeart, tmp_path: Path
):
    images = tmp_path / "images"
    write_stack(images)
    before = sorted(images.rglob("*"))
    cine = replace(a_result.cine, source=replace(a_result.cine.source, kind="dicom", path=str(images)))
    hand_over(replace(a_result, cine=cine), tmp_path / "handed")
    for name in ("results", "volumes", "stl"):
        answer = medvos("handed-over", name, tmp_path / "handed", "--out", images)
        refused(answer, "holds the images themselves")
    assert sorted(images.rglob("*")) == before
    (tmp_path / "other").mkdir()
    written(tmp_path / "other", a_heart, shape=[9, 9, 9, 9])
    refused(medvos("handed-over", "results", tmp_path / "handed", "--out", tmp_path / "other"), "of another cine")
    for _ in range(2):
        answer = medvos("handed-over", "results", tmp_path / "handed", "--out", tmp_path / "own")
        assert answer.returncode == 0, answer.stderr


def test_a_clip_is_refused_before_its_frames_are_segmented(
    a_heart: SyntheticHeart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def begun(_: EchoInference) -> None:
        raise AssertionError("the frames were segmented in vain")

    monkeypatch.setattr(EchoInference, "frames", begun)
    (tmp_path / "out").mkdir()
    clip, out = write_clip(tmp_path / "clip.dcm"), written(tmp_path / "out", a_heart)
    answer = CliRunner().invoke(app, ["segment", str(clip), "--out", str(out), "--device", "cpu"])
    assert isinstance(answer.exception, InputError) and "has the results of another cine" in str(answer.exception)

"""One case after the other as a worker runs them, with real commands and a network of random weights."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from cine_files import write_clip
from cohort_files import settings, with_misbehaviour
from forked_command import CommandServer
from tiny_network import a_network, store_network
from tiny_tcmn import a_tcmn, store_tcmn

import medvos
from medvos.cine.write import write_nifti
from medvos.cohort.case import Case
from medvos.cohort.child import stop
from medvos.cohort.record import FILE, Status
from medvos.cohort.run_case import EVALUATION, LOG, RESULTS, run_case
from medvos.structures import LV
from medvos.synth.heart import SyntheticHeart

SETTINGS = settings("run case")


@pytest.fixture(scope="module", autouse=True)
def environment_of_children(
    environment: dict[str, str], command_server: CommandServer | None, tmp_path_factory: pytest.TempPathFactory
):
    folder = tmp_path_factory.mktemp("children")
    store_network(folder / "store", a_network())
    changed = with_misbehaviour(environment, folder / "start")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", changed["PYTHONPATH"])
        patch.setenv("MEDVOS_MODELS", str(folder / "store"))
        if command_server is not None:
            patch.setattr(sys, "executable", str(command_server.launcher))
        yield


@pytest.fixture(scope="module")
def case(a_heart: SyntheticHeart, a_cine_file: Path, a_truth_file: Path, tmp_path_factory: pytest.TempPathFactory):
    seed = tmp_path_factory.mktemp("seed") / "seed.nii.gz"
    drawn = np.zeros_like(a_heart.labels)
    drawn[0, 3] = a_heart.labels[0, 3]
    write_nifti(seed, drawn, a_heart.cine)
    return Case("heart", a_cine_file, seed, None, a_truth_file)


@pytest.fixture(scope="module")
def finished(case: Case, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("finished") / "heart"
    return run_case(case, folder, SETTINGS), folder


@pytest.fixture
def done(finished, tmp_path: Path) -> Path:
    """A copy of the folder of the finished case."""
    return Path(shutil.copytree(finished[1], tmp_path / "heart"))


def stamp(folder: Path) -> int:
    return (folder / "segmentation.nii.gz").stat().st_mtime_ns


def test_a_case_gets_its_results_measures_time_and_memory(finished):
    record, folder = finished
    assert (record.status, record.reason) == (Status.FINISHED, None)
    assert {file.name for file in folder.iterdir()} == {*RESULTS, FILE, EVALUATION}
    assert record.measures == json.loads((folder / "report.json").read_text())["measures"]
    assert record.seconds > 0
    assert record.peak_mb > 50


def test_its_measures_are_compared_with_the_truth(finished):
    record, _ = finished
    pair = record.compared["LVEDV"]
    assert pair["truth"] > 0
    assert pair["prediction"] == pytest.approx(record.measures["LVEDV"]["value"], abs=0.001)


def test_what_is_finished_and_unchanged_is_not_run_again(finished, case: Case, done: Path):
    before = stamp(done)
    assert run_case(case, done, settings("again", device="auto")) == finished[0]
    assert stamp(done) == before


def test_a_changed_truth_is_compared_without_a_new_run(case: Case, done: Path, a_heart: SyntheticHeart, tmp_path: Path):
    before = stamp(done)
    write_nifti(tmp_path / "truth.nii.gz", np.roll(a_heart.labels, 1, axis=0)[:, ::-1].copy(), a_heart.cine)
    again = run_case(replace(case, truth=tmp_path / "truth.nii.gz"), done, SETTINGS)
    assert stamp(done) == before
    assert again.status is Status.FINISHED
    assert json.loads((done / FILE).read_text())["truth"] is not None


def test_what_was_compared_in_another_way_is_compared_again(case: Case, done: Path, monkeypatch: pytest.MonkeyPatch):
    (done / EVALUATION).write_text('{"measures": {}}', encoding="utf-8")
    assert run_case(case, done, SETTINGS).compared == {}
    monkeypatch.setattr("medvos.cohort.run_case.COMPARED_BY", 99)
    assert run_case(case, done, SETTINGS).compared["LVEDV"]["truth"] > 0


def test_a_truth_that_cannot_be_compared_leaves_the_case_finished(case: Case, done: Path):
    record = run_case(replace(case, truth=case.cine.parent / "gone.nii.gz"), done, SETTINGS)
    assert record.status is Status.FINISHED
    assert record.measures["LVEDV"]["value"] is not None
    assert record.reason == "Not compared with its truth: There is no such file."
    assert record.compared == {}


def test_a_comparison_of_earlier_results_does_not_stay_beside_new_ones(case: Case, done: Path):
    run_case(replace(case, phase=0, truth=None), done, SETTINGS)
    assert not (done / EVALUATION).exists()


def test_a_lost_file_or_a_changed_seed_is_run_again(case: Case, done: Path):
    (done / "volumes.csv").unlink()
    (done / ".medvos-unfinished-0").mkdir()
    before = stamp(done)
    assert run_case(replace(case, phase=0), done, SETTINGS).status is Status.FINISHED
    assert (done / "volumes.csv").is_file()
    assert stamp(done) != before
    assert not list(done.glob(".medvos-unfinished-*"))


def test_a_changed_case_that_fails_is_not_taken_for_finished_afterwards(case: Case, done: Path):
    record = run_case(replace(case, seed=case.cine), done, SETTINGS)
    assert record.status is Status.FAILED
    assert run_case(replace(case, seed=case.cine), done, SETTINGS).status is Status.FAILED


def test_results_stay_with_their_record_until_new_ones_replace_them(finished, case: Case, done: Path):
    before = {file.name: file.read_bytes() for file in done.iterdir()}
    assert run_case(replace(case, seed=case.cine), done, SETTINGS).status is Status.FAILED
    assert (done / LOG).is_file()
    assert run_case(case, done, SETTINGS) == finished[0]
    assert {file.name: file.read_bytes() for file in done.iterdir()} == before


def test_results_that_are_replaced_half_way_are_not_taken_for_any(
    case: Case, done: Path, monkeypatch: pytest.MonkeyPatch
):
    moved: list[Path] = []
    move = Path.rename

    def rename_two(self: Path, target: Path) -> None:
        if target.parent == done:
            moved.append(target)
            if len(moved) == 3:
                raise KeyboardInterrupt
        move(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename_two)
        with pytest.raises(KeyboardInterrupt):
            run_case(replace(case, phase=0), done, SETTINGS)
    assert len(moved) > 3 and {file.name for file in done.iterdir()} == {*RESULTS}
    before = stamp(done)
    assert run_case(case, done, SETTINGS).status is Status.FINISHED
    assert stamp(done) != before


def test_a_stop_leaves_earlier_results_and_their_record(finished, case: Case, done: Path):
    before = {file.name: file.read_bytes() for file in done.iterdir()}
    stop("stopped early")
    record = run_case(replace(case, phase=0), done, settings("stopped early"))
    assert (record.status, record.earlier) == (Status.NOT_RUN, True)
    assert {file.name: file.read_bytes() for file in done.iterdir()} == before
    assert run_case(case, done, settings("stopped early")) == finished[0]  # what is current needs no run


def test_a_stop_while_a_case_runs_leaves_earlier_results_and_their_record(
    case: Case, done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("medvos.cohort.child.GRACE_S", 0.2)
    folder = done.rename(tmp_path / "hanging")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    threading.Timer(1.0, stop, ["stopped late"]).start()
    record = run_case(replace(case, phase=0), folder, settings("stopped late"))
    assert (record.status, record.earlier) == (Status.NOT_RUN, True)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("name", "reported"),
    [
        ("crashing", "It crashed (SIGSEGV); see crashing/failed.log."),
        ("killed", "It was killed, probably for lack of memory"),
    ],
)
def test_a_case_that_dies_is_reported(case: Case, tmp_path: Path, name: str, reported: str):
    record = run_case(replace(case, name=name), tmp_path / name, SETTINGS)
    assert record.status is Status.FAILED
    assert record.reason.startswith(reported)
    assert [file.name for file in (tmp_path / name).iterdir()] == [LOG]


def test_a_case_that_hangs_is_ended(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("medvos.cohort.child.GRACE_S", 0.2)
    record = run_case(replace(case, name="hanging"), tmp_path / "hanging", settings("hanging", timeout_s=1.0))
    assert record.status is Status.FAILED
    assert "--timeout" in record.reason


@pytest.mark.parametrize(("seed", "reported"), [(None, "It has no seed: "), ("gone.nii.gz", "The seed does not exist")])
def test_a_case_without_a_seed_fails_with_the_reason(case: Case, tmp_path: Path, seed: str | None, reported: str):
    changed = replace(case, seed=seed and tmp_path / seed)
    record = run_case(changed, tmp_path / "out", SETTINGS)
    assert record.status is Status.FAILED
    assert record.reason.startswith(reported)
    assert seed or f"{case.name}.nii.gz" in record.reason


def test_a_clip_without_a_seed_is_asked_for_a_mask_of_a_frame(case: Case, tmp_path: Path):
    record = run_case(replace(case, cine=tmp_path / "clip.AVI", seed=None), tmp_path / "out", SETTINGS)
    assert f"draw one frame and save it as {case.name}.png in the folder of --seeds" in record.reason


@pytest.mark.parametrize(("name", "stated"), [("heart", "The seed heart.nii.gz"), ("P-1", "The seed")])
def test_a_seed_with_the_name_of_its_cine_is_not_taken_for_it(case: Case, tmp_path: Path, name: str, stated: str):
    """As ``--seeds seeds`` finds it, where also the case has that name; or with a case of another name in a table."""
    cine, seed = (tmp_path / folder / "heart.nii.gz" for folder in ("scans", "seeds"))
    for folder in (cine.parent, seed.parent):
        folder.mkdir()
    shutil.copy(case.cine, cine)
    shutil.copy(case.seed, seed)
    same_name = replace(case, name=name, cine=cine, seed=seed, truth=None)
    image = nib.load(seed)
    nib.save(nib.Nifti1Image(np.asarray(image.dataobj), np.diag([1.1, 1, 1, 1]) @ image.affine), seed)
    reason = run_case(same_name, tmp_path / "out", SETTINGS).reason
    assert reason.startswith(f"{stated} is on another grid than the cine, as that of another patient")
    assert "(it has" in reason and "; the cine has" in reason
    seed.write_bytes(case.seed.read_bytes()[:200])
    reason = run_case(same_name, tmp_path / "out", SETTINGS).reason
    assert reason == f"{stated} cannot be read as NIfTI: it is damaged or cut short; copy it again."
    shutil.copy(case.seed, seed)
    cine.write_bytes(case.cine.read_bytes()[:200])
    reason = run_case(same_name, tmp_path / "out", SETTINGS).reason
    assert reason.startswith(stated.replace("seed", "cine") + " cannot be read")
    shutil.copy(case.cine, cine)
    truth = tmp_path / "truth" / "heart.nii.gz"
    truth.parent.mkdir()
    truth.write_bytes(case.truth.read_bytes()[:200])
    reason = run_case(replace(same_name, truth=truth), tmp_path / "out", SETTINGS).reason
    assert reason.startswith(f"Not compared with its truth: {stated.replace('seed', 'truth')} cannot be read")


def test_a_missing_seed_is_asked_for_with_its_name(case: Case, tmp_path: Path):
    for cine in (case.cine.parent / "heart.nii.gz", case.cine.parent / "heart"):
        record = run_case(replace(case, cine=cine, seed=None), tmp_path / "out", SETTINGS)
        assert "save it as heart.nii.gz in the folder of --seeds" in record.reason


def test_a_folder_that_cannot_be_written_is_told_of_without_its_path(case: Case, tmp_path: Path):
    (tmp_path / "heart").touch()
    record = run_case(case, tmp_path / "heart", SETTINGS)
    assert record.status is Status.FAILED
    assert record.reason == "Its files cannot be read or written (File exists)."


def test_after_a_stop_a_case_is_not_run(case: Case, tmp_path: Path):
    stop("stopped before")
    record = run_case(case, tmp_path / "out", settings("stopped before"))
    assert (record.status, record.earlier) == (Status.NOT_RUN, False)
    assert not (tmp_path / "out").exists()


def test_confirmed_proposals_are_stated_to_the_command(case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from medvos.cohort import run_case as module

    asked: list[list[str]] = []

    def run(arguments, *_):
        asked.append(list(arguments))
        raise module.CaseFailure("of the test")

    monkeypatch.setattr(module, "_run", run)
    plain, confirmed = settings("b"), replace(settings("b"), confirmed=True)
    for each in (plain, confirmed):
        run_case(case, tmp_path / "unused", each)
    assert ["--confirmed" in arguments for arguments in asked] == [False, True]


def test_a_drawing_needs_no_new_run_when_proposals_are_confirmed(finished, case: Case, done: Path):
    before = stamp(done)
    assert run_case(case, done, replace(SETTINGS, confirmed=True)) == finished[0]
    assert stamp(done) == before


def test_without_a_model_each_case_gets_the_one_that_suits_it(case: Case, tmp_path: Path, monkeypatch):
    store = tmp_path / "store"
    store_network(store, a_network(), "cstm")
    store_tcmn(store, a_tcmn(), "tcmn")
    monkeypatch.setenv("MEDVOS_MODELS", str(store))
    clip = write_clip(tmp_path / "clip.dcm")
    opened = medvos.read(clip)
    drawing = np.zeros(opened.shape, np.uint8)
    drawing[0, 0, 8:14, 8:14] = LV
    write_nifti(tmp_path / "drawing.nii.gz", drawing, opened)
    own = settings("run case", model=None)
    found = [
        run_case(each, tmp_path / each.name, own)
        for each in (replace(case, truth=None), Case("clip", clip, tmp_path / "drawing.nii.gz"))
    ]
    assert [record.model for record in found] == ["cstm", "tcmn"], found

from __future__ import annotations

from pathlib import Path

import pytest

from medvos.cohort.folder import cases_in, unmatched_note
from medvos.errors import InputError
from medvos.staging import OPTIONAL, RESULTS


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    folder = tmp_path / "cohort"
    for name in ("p1/seed.nii.gz", "p1/IM1", "p2.nii.gz", "p3.seq.nrrd", "p4.avi", "notes.txt", ".hidden/IM1"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_each_subfolder_and_each_cine_file_is_a_case(cohort: Path):
    cases = cases_in(cohort, "{case}/seed.nii.gz", phase=2)
    assert [case.name for case in cases] == ["p1", "p2", "p3", "p4"]
    assert cases[0].cine == cohort / "p1"
    assert cases[0].seed == cohort / "p1" / "seed.nii.gz"
    assert all(case.phase == 2 for case in cases)


def test_seeds_and_truth_beside_the_cines_are_no_cases(cohort: Path):
    for name in ("p2_seed.nii.gz", "p2_truth.nii.gz"):
        (cohort / name).touch()
    cases = cases_in(cohort, "{case}_seed.nii.gz", truth="{case}_truth.nii.gz")
    assert [case.name for case in cases] == ["p1", "p2", "p3", "p4"]
    assert cases[1].truth == cohort / "p2_truth.nii.gz"


def test_the_files_of_a_result_among_the_cines_are_no_cases(cohort: Path):
    (cohort / "segmentation.nii.gz").touch()  # a cine of this name
    assert "segmentation" in [case.name for case in cases_in(cohort, "{case}/seed.nii.gz")]
    for name in (*RESULTS, *OPTIONAL):
        (cohort / name).touch()
    assert [case.name for case in cases_in(cohort, "{case}/seed.nii.gz")] == ["p1", "p2", "p3", "p4"]


def test_a_folder_of_seeds_has_those_of_the_cases_names(cohort: Path):
    seeds = cohort / "seeds"
    seeds.mkdir()
    for name in ("p1.nii.gz", "p3.seg.nrrd"):
        (seeds / name).touch()
    found = {case.name: case.seed for case in cases_in(cohort, str(seeds))}
    assert found == {"p1": seeds / "p1.nii.gz", "p2": None, "p3": seeds / "p3.seg.nrrd", "p4": None}


def test_a_mask_of_one_frame_is_a_seed_and_no_truth(cohort: Path):
    masks = cohort / "masks"
    masks.mkdir()
    for name in ("p4.png", "p9.png"):
        (masks / name).touch()
    cases = cases_in(cohort, str(masks), 0, str(masks))
    assert {case.name: (case.seed, case.truth) for case in cases}["p4"] == (masks / "p4.png", None)
    assert unmatched_note("--seeds", str(masks), cases) == "--seeds has p9.png, which is no case's name."
    assert unmatched_note("--truth", str(masks), cases) is None
    (masks / "p4.nii.gz").touch()
    with pytest.raises(InputError, match=r"p4\.nii\.gz and p4\.png for the case 'p4'"):
        cases_in(cohort, str(masks))


def test_an_ending_in_capitals_is_found_and_another_name_is_not(cohort: Path):
    masks = cohort / "masks"
    masks.mkdir()
    for name in ("p1.NII.GZ", "P2.nii", "p3-old.png", "p4.PNG"):
        (masks / name).touch()
    found = {case.name: case.seed for case in cases_in(cohort, str(masks))}
    assert found == {"p1": masks / "p1.NII.GZ", "p2": None, "p3": None, "p4": masks / "p4.PNG"}


@pytest.mark.parametrize("option", ["--seeds", "--truth"])
def test_two_label_images_of_a_case_are_refused_in_one_sentence(cohort: Path, option: str):
    labels = cohort.parent / "labels"
    labels.mkdir()
    for name in ("p1.nii.gz", "p1.seg.nrrd", "p2.nii"):
        (labels / name).touch()
    with pytest.raises(InputError, match=r"p1\.nii\.gz and p1\.seg\.nrrd for the case 'p1'") as refusal:
        cases_in(cohort, *((str(labels),) if option == "--seeds" else ("{case}/seed.nii.gz", None, str(labels))))
    assert str(refusal.value).startswith(option) and "\n" not in str(refusal.value)


def test_seeds_that_are_neither_are_refused(cohort: Path):
    with pytest.raises(InputError, match=r"\{case\}"):
        cases_in(cohort, "seed.nii.gz")


def test_a_folder_and_a_file_of_one_name_are_refused(cohort: Path):
    (cohort / "p1.nii").touch()
    with pytest.raises(InputError, match=r"p1 and p1\.nii would both be the case 'p1'"):
        cases_in(cohort, "{case}/seed.nii.gz")


def test_two_files_of_one_name_are_refused_by_their_names(cohort: Path):
    (cohort / "P2.nii").touch()
    with pytest.raises(InputError, match=r"P2\.nii and p2\.nii\.gz would both be the case 'p2'"):
        cases_in(cohort, "{case}/seed.nii.gz")


def test_label_images_of_no_case_are_named(cohort: Path):
    seeds = cohort / "seeds"
    seeds.mkdir()
    for name in ("p1.nii.gz", "notes.txt", ".p9.nii.gz"):
        (seeds / name).touch()
    cases = cases_in(cohort, str(seeds))
    assert unmatched_note("--seeds", str(seeds), cases) is None
    (seeds / "p02.nii.gz").touch()
    assert unmatched_note("--seeds", str(seeds), cases) == "--seeds has p02.nii.gz, which is no case's name."
    for name in ("P1.nii", "seed2.seg.nrrd", "seed3.nrrd"):
        (seeds / name).touch()
    assert unmatched_note("--truth", str(seeds), cases) == (
        "--truth has P1.nii, p02.nii.gz, seed2.seg.nrrd and 1 more, which are no cases' names."
    )
    assert unmatched_note("--seeds", "{case}/seed.nii.gz", cases) is None


def test_a_folder_without_cases_is_refused(tmp_path: Path):
    (tmp_path / "IM1").touch()
    with pytest.raises(InputError, match="holds no case"):
        cases_in(tmp_path, "{case}/seed.nii.gz")


def test_an_archive_is_a_case_and_what_systems_add_is_none(cohort: Path):
    for name in (
        "p5.zip",
        "P6.TAR.GZ",
        "__MACOSX/._p5.zip",
        "Thumbs.db",
        "@eaDir/p1/IM1",
        "lost+found/x",
        "._p2.nii.gz",
    ):
        (cohort / name).parent.mkdir(parents=True, exist_ok=True)
        (cohort / name).touch()
    cases = cases_in(cohort, "{case}/seed.nii.gz")
    assert [case.name for case in cases] == ["P6", "p1", "p2", "p3", "p4", "p5"]

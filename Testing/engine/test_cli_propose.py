"""``medvos propose`` in a process of its own."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from cine_files import write_stack
from medvos_command import Medvos

from medvos.cli.propose import propose
from medvos.cohort.folder import case_name, cases_in
from medvos.synth.heart import SyntheticHeart


def test_a_proposal_is_a_seed_on_the_cine_s_grid(
    medvos: Medvos, a_heart: SyntheticHeart, a_cine_file: Path, tmp_path: Path
):
    answer = medvos("propose", a_cine_file, "--out", tmp_path / "new" / "seed.nii.gz", "--phase", 1, "--slice", 3)
    assert answer.returncode == 0, answer.stderr
    assert "Phase 2, slice 4 (--phase 1 --slice 3): look at seed.nii.gz" in answer.stdout
    seed = nib.load(tmp_path / "new" / "seed.nii.gz")
    assert np.allclose(seed.affine, a_heart.cine.affine, atol=1e-4)
    drawn = np.asarray(seed.dataobj).T.any((2, 3))
    assert np.argwhere(drawn).tolist() == [[1, 3]]


def test_in_a_folder_the_proposal_has_the_name_by_which_a_cohort_finds_it(
    medvos: Medvos, a_cine_file: Path, tmp_path: Path
):
    scans = tmp_path / "scans"
    scans.mkdir()
    (scans / "P.001.nii").write_bytes(gzip.decompress(a_cine_file.read_bytes()))
    answer = medvos("propose", scans / "P.001.nii", "--out", tmp_path / "seeds", "--phase", 0, "--slice", 3)
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "seeds" / "P.001.nii.gz").is_file() and "P.001.nii.gz" in answer.stdout
    (case,) = cases_in(scans, str(tmp_path / "seeds"))
    assert (case.name, case.seed) == ("P.001", tmp_path / "seeds" / "P.001.nii.gz")


@pytest.mark.parametrize("place", [".", "P-001"])
def test_a_proposal_that_is_named_may_lie_beside_the_images(medvos: Medvos, tmp_path: Path, place: str):
    write_stack(tmp_path / "P-001")
    seed = tmp_path / place / "seed.nii.gz"
    answer = medvos("propose", tmp_path / "P-001", "--out", seed, "--phase", 0, "--slice", 0)
    assert answer.returncode == 0 and seed.is_file(), answer.stderr


def test_a_result_of_an_unchanged_proposal_says_so_until_it_is_confirmed(
    medvos: Medvos, a_cine_file: Path, tmp_path: Path
):
    seed = tmp_path / "seed.nii.gz"
    assert medvos("propose", a_cine_file, "--out", seed, "--phase", 0, "--slice", 3).returncode == 0
    for out, options, said in (("as-it-is", (), True), ("confirmed", ("--confirmed",), False)):
        answer = medvos("propagate", a_cine_file, "--seed", seed, "--out", tmp_path / out, *options)
        assert answer.returncode == 0, answer.stderr
        assert ("that nobody has confirmed" in answer.stdout) is said
        page = (tmp_path / out / "report.html").read_text(encoding="utf-8")
        assert ("proposed, not confirmed" in page) is said
        assert ("drawn or accepted by the reader" in page) is not said


def test_a_drawing_is_not_overwritten(medvos: Medvos, a_cine_file: Path, tmp_path: Path):
    seed = tmp_path / "seed.nii.gz"
    propose = ("propose", a_cine_file, "--out", seed, "--phase", 0, "--slice", 3)
    assert medvos(*propose).returncode == medvos(*propose).returncode == 0  # it is a proposal, and unchanged
    image = nib.load(seed)
    labels = np.asarray(image.dataobj).copy()
    labels[tuple(np.argwhere(labels)[0])] = 0
    nib.save(nib.Nifti1Image(labels, image.affine, image.header), seed)
    corrected = seed.read_bytes()
    answer = medvos(*propose)
    assert answer.returncode == 2 and "is not an unchanged proposal" in answer.stderr
    assert seed.read_bytes() == corrected


def test_in_a_folder_a_drawing_is_kept_and_a_loop_over_scans_goes_on(
    medvos: Medvos, a_cine_file: Path, a_seed_file: Path, tmp_path: Path
):
    (tmp_path / "seeds").mkdir()
    seed = tmp_path / "seeds" / f"{case_name(a_cine_file)}.nii.gz"
    shutil.copy(a_seed_file, seed)
    answer = medvos("propose", a_cine_file, "--out", tmp_path / "seeds")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == f"{seed.name} is kept: it is not an unchanged proposal of this cine.\n"
    assert seed.read_bytes() == a_seed_file.read_bytes()


def test_in_a_folder_an_unchanged_proposal_is_kept_unless_another_place_is_named(
    medvos: Medvos, a_cine_file: Path, tmp_path: Path
):
    propose = ("propose", a_cine_file, "--out", tmp_path / "seeds")
    assert medvos(*propose, "--phase", 0, "--slice", 3).returncode == 0
    (seed,) = (tmp_path / "seeds").iterdir()
    before = seed.read_bytes()
    answer = medvos(*propose)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith(f"{seed.name} is kept: it is an unchanged proposal on this cine's grid")
    assert seed.read_bytes() == before
    assert medvos(*propose, "--phase", 1, "--slice", 3).returncode == 0
    assert seed.read_bytes() != before


@pytest.mark.parametrize("suffix", [".seg.nrrd", ".nrrd", ".nii"])
def test_in_a_folder_a_drawing_in_another_format_is_the_seed_of_its_case(
    medvos: Medvos, a_cine_file: Path, tmp_path: Path, suffix: str
):
    drawing = tmp_path / "seeds" / f"{case_name(a_cine_file)}{suffix}"
    drawing.parent.mkdir()
    drawing.write_bytes(b"drawn by a person")
    answer = medvos("propose", a_cine_file, "--out", tmp_path / "seeds")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == f"{drawing.name} is kept as the seed of this case: move it away for a proposal.\n"
    assert list(drawing.parent.iterdir()) == [drawing]


def test_without_a_proposal_no_folder_is_left(a_cine_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def stopped(*_: object) -> None:
        raise SystemExit(3)  # as by Ctrl-C

    monkeypatch.setattr("medvos.segmentation.seed_proposal.propose_seed", stopped)
    with pytest.raises(SystemExit):
        propose(a_cine_file, tmp_path / "new" / "seed.nii.gz")
    with pytest.raises(SystemExit):
        propose(a_cine_file, tmp_path / "seeds")
    assert not list(tmp_path.iterdir())


def test_what_it_cannot_do_is_one_line(medvos: Medvos, a_cine_file: Path, tmp_path: Path):
    for arguments, said in (
        (("--out", tmp_path / "seed.png"), ".nii.gz"),
        (("--out", a_cine_file), "the input itself"),
        (("--out", tmp_path / "seed.nii.gz", "--slice", 77), "Slice 77 is out of range: the cine has slices 0 to 5."),
        (("--out", tmp_path / "seed.nii.gz", "--phase", 40), "Phase 40 is out of range: the cine has phases 0 to 5."),
    ):
        answer = medvos("propose", a_cine_file, *arguments)
        assert answer.returncode == 2
        assert answer.stderr.count("\n") == 1
        assert said in answer.stderr
    assert not (tmp_path / "seed.nii.gz").exists()

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from medvos.cine.proposal import has_unchanged_proposal
from medvos.cine.seed import PROPOSAL, digest_of
from medvos.cine.write import write_nifti
from medvos.synth.heart import SyntheticHeart


@pytest.fixture
def proposal(a_heart: SyntheticHeart, tmp_path: Path) -> Path:
    """The file of a proposal on one slice."""
    labels = np.zeros_like(a_heart.labels)
    labels[1, 3] = a_heart.labels[1, 3]
    description = PROPOSAL + digest_of(labels[1, 3])
    write_nifti(tmp_path / "seed.nii.gz", labels, a_heart.cine, description, labels=True)
    return tmp_path / "seed.nii.gz"


def change(path: Path, voxels: np.ndarray) -> None:
    image = nib.load(path)
    nib.save(nib.Nifti1Image(voxels, image.affine, image.header), path)


def voxels_of(path: Path) -> np.ndarray:
    return np.asarray(nib.load(path).dataobj).copy()


def test_a_proposal_is_one_until_its_slice_is_changed(proposal: Path):
    assert has_unchanged_proposal(proposal)
    labels = voxels_of(proposal)
    labels[tuple(np.argwhere(labels)[0])] = 0
    change(proposal, labels)
    assert not has_unchanged_proposal(proposal)


def test_it_stays_one_beside_a_drawing_and_in_another_orientation(proposal: Path):
    labels = voxels_of(proposal)
    labels[..., 2, 0] = labels[..., 3, 1]
    x, y = np.argwhere(labels[..., 2, 0])[0]
    labels[x, y, 2, 0] = 0
    change(proposal, labels[::-1, ::-1])
    assert has_unchanged_proposal(proposal)


def test_a_drawing_or_a_file_that_cannot_be_read_is_none(proposal: Path, a_seed_file: Path):
    assert not has_unchanged_proposal(a_seed_file)
    proposal.write_bytes(proposal.read_bytes()[:400])
    assert not has_unchanged_proposal(proposal)
    assert not has_unchanged_proposal(proposal.with_name("gone.nii.gz"))
    assert not has_unchanged_proposal(proposal.with_name("frame.png"))

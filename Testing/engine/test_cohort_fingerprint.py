from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cohort_files import settings
from tiny_network import a_network, store_network
from tiny_tcmn import a_tcmn, store_tcmn

from medvos.cine.seed import PROPOSAL, digest_of
from medvos.cine.write import write_nifti
from medvos.cohort.case import Case
from medvos.cohort.fingerprint import digest, made_from, of_default_models, of_model
from medvos.errors import InputError
from medvos.models.store import ModelInfo
from medvos.synth.heart import SyntheticHeart

SETTINGS = settings("batch")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    folder = tmp_path / "dicom"
    (folder / "series").mkdir(parents=True)
    (folder / "series" / "IM1").write_bytes(b"one")
    (folder / "IM2").write_bytes(b"two")
    (tmp_path / "seed.nii").write_bytes(b"drawn")
    return Case("a", folder, tmp_path / "seed.nii", 0)


def test_a_copy_of_the_inputs_is_the_same(case: Case, tmp_path: Path):
    before = made_from(case, SETTINGS)
    shutil.copytree(case.cine, tmp_path / "copy")
    os.utime(case.seed, (0, 0))
    assert made_from(replace(case, name="b", cine=tmp_path / "copy"), SETTINGS) == before


@pytest.mark.parametrize("change", ["pixel", "file", "name", "seed", "phase", "model", "labels"])
def test_every_change_that_matters_is_seen(case: Case, change: str):
    before = made_from(case, SETTINGS)
    changed, how = case, SETTINGS
    if change == "pixel":
        (case.cine / "IM2").write_bytes(b"tvo")
    elif change == "file":
        (case.cine / "IM3").touch()
    elif change == "name":
        (case.cine / "IM2").rename(case.cine / "IM4")
    elif change == "seed":
        case.seed.write_bytes(b"other")
    elif change == "phase":
        changed = replace(case, phase=1)
    elif change == "labels":
        how = settings("batch", labels="lv=1")
    else:
        how = settings("batch", model_digest="1")
    assert made_from(changed, how) != before


@pytest.mark.parametrize(("header", "voxels"), [("[a].hdr", "[a].img"), ("[a].nhdr", "[a].raw.gz")])
def test_a_header_counts_with_the_voxels_beside_it(tmp_path: Path, header: str, voxels: str):
    for name in (header, voxels, "b.img"):
        (tmp_path / name).touch()
    before = digest(tmp_path / header)
    (tmp_path / "b.img").write_bytes(b"of another")
    assert digest(tmp_path / header) == before
    (tmp_path / voxels).write_bytes(b"changed")
    assert digest(tmp_path / header) != before


def test_new_weights_and_new_constants_make_another_model():
    model = ModelInfo("tiny", Path("tiny.safetensors"), "0", "for tests", "tiny", {}, {"voxel": [1.0]})
    assert of_model(replace(model, path=Path("elsewhere"))) == of_model(model)
    assert of_model(replace(model, sha256="1")) != of_model(model)
    assert of_model(replace(model, calibration={"voxel": [2.0]})) != of_model(model)


def test_new_weights_of_its_companion_make_another_model_too(monkeypatch: pytest.MonkeyPatch):
    model = ModelInfo("tiny", Path("tiny.safetensors"), "0", "for tests", "tiny", {}, companion="other")
    found = []
    for checksum in "12":
        companion = ModelInfo("other", Path("other.safetensors"), checksum, "for tests", "", {}, network="vivim")
        monkeypatch.setattr("medvos.cohort.fingerprint.resolve", lambda *_, companion=companion: companion)
        found.append(of_model(model))
    assert found[0] != found[1]


def test_where_and_how_long_it_runs_does_not_matter(case: Case):
    assert made_from(case, settings("other", device="cuda", threads=4, timeout_s=1)) == made_from(case, SETTINGS)


def test_that_proposals_are_confirmed_matters_where_there_is_one(
    case: Case, a_heart: SyntheticHeart, a_seed_file: Path, tmp_path: Path
):
    labels = np.zeros_like(a_heart.labels)
    labels[0, 3] = a_heart.labels[0, 3]
    proposal = tmp_path / "proposal.nii.gz"
    write_nifti(proposal, labels, a_heart.cine, PROPOSAL + digest_of(labels[0, 3]), labels=True)
    confirmed = settings("batch", confirmed=True)
    for seed, matters in ((a_seed_file, False), (proposal, True)):
        changed = replace(case, seed=seed)
        assert (made_from(changed, confirmed) != made_from(changed, SETTINGS)) is matters


def test_a_truth_beside_the_cine_does_not_count(case: Case):
    before = made_from(case, SETTINGS)
    truth = case.cine / "truth.nii.gz"
    truth.touch()
    assert made_from(replace(case, truth=truth), SETTINGS) == before
    assert made_from(case, SETTINGS) != before


def test_missing_files_have_a_fingerprint_too(tmp_path: Path):
    found = made_from(Case("a", tmp_path / "gone", tmp_path / "gone.nii"), SETTINGS)
    assert found["input"] == found["seed"] == "missing"


def test_where_no_model_is_named_the_weights_of_either_default_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    seen = set()
    for name in ("cstm", "both"):
        store_network(tmp_path / name, a_network(), "cstm")
        if name == "both":
            store_tcmn(tmp_path / name, a_tcmn(), "tcmn")
        monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / name))
        seen.add(of_default_models())
    assert len(seen) == 2


def test_without_any_weights_a_cohort_is_refused_before_its_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path))
    with pytest.raises(InputError, match="weights"):
        of_default_models()


def test_what_a_description_beside_the_seed_names_its_labels_matters(case: Case, tmp_path: Path):
    before = made_from(case, SETTINGS)
    seen = [before]
    for name in ("RV", "aorta"):
        (tmp_path / "seed.label").write_text(f'1 255 0 0 1 1 1 "{name}"\n')
        seen.append(made_from(case, SETTINGS))
    assert "names" not in before and seen[0] != seen[1] != seen[2] != seen[0]

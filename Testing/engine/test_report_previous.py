"""Reading back a folder of results."""

from __future__ import annotations

import numpy as np
import pytest
from tiny_network import a_cine, heart_slice

from medvos.errors import InputError
from medvos.report.folder import write_results
from medvos.report.previous import read_result
from medvos.result import Result

CINE = a_cine(4, 3)


@pytest.fixture
def a_result() -> Result:
    rng = np.random.default_rng(0)
    labels = np.broadcast_to(heart_slice(), CINE.shape).copy()
    labels[2] = np.roll(labels[2], 4, 1)
    seeds = np.zeros((4, 3), bool)
    seeds[1, 2] = seeds[3, 0] = True
    scores = rng.random((4, 3)).astype(np.float32)
    return Result(CINE, labels, rng.random(CINE.shape, np.float32), scores, seeds, {"model": "tiny"})


def test_a_result_comes_back_as_it_was_written(a_result, tmp_path):
    write_results(a_result, tmp_path)
    back = read_result(tmp_path, CINE)
    np.testing.assert_array_equal(back.labels, a_result.labels)
    np.testing.assert_array_equal(back.seeds, a_result.seeds)
    np.testing.assert_allclose(back.uncertainty, a_result.uncertainty, atol=1e-6)
    np.testing.assert_allclose(back.slice_scores, a_result.slice_scores, atol=1e-4)
    assert back.provenance["model"] == "tiny"


def test_the_result_of_another_cine_is_refused(a_result, tmp_path):
    write_results(a_result, tmp_path)
    with pytest.raises(InputError, match=r"another (grid|cine)"):
        read_result(tmp_path, a_cine(4, 4))
    with pytest.raises(InputError, match=r"another (grid|cine)"):
        read_result(tmp_path, a_cine(5, 3))


@pytest.mark.parametrize("name", ["segmentation.nii.gz", "uncertainty.nii.gz", "report.json"])
def test_a_missing_or_damaged_file_is_named(a_result, tmp_path, name):
    write_results(a_result, tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:50])
    with pytest.raises(InputError, match=name):
        read_result(tmp_path, CINE)
    (tmp_path / name).unlink()
    with pytest.raises(InputError, match=f"has no {name}"):
        read_result(tmp_path, CINE)

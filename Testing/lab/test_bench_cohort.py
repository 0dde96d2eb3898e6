from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from labelled_heart import a_labelled_heart

from medvos.cine.read import read
from medvos.cine.seed import read_seed
from medvos.cohort.case_table import read_table
from medvos.evaluate.compare import compare_files
from medvos.structures import LV, MYO
from medvos_lab.bench.cohort import truth_of, write_cohorts
from medvos_lab.datasets.labelled import LabelledCine
from medvos_lab.datasets.sunnybrook import labels_from_contours, sunnybrook_4d


def test_acdc_becomes_a_table_that_batch_can_read(tmp_path: Path):
    case = a_labelled_heart()
    folder = tmp_path / "data" / "acdc"
    folder.mkdir(parents=True)
    labels = case.labels[[2, 0]]
    image = case.cine.array[[2, 0]].astype(np.uint8)
    np.savez(folder / "patient004.npz", image=image, label=labels, frame=np.array([1, 9]))
    (folder / "patients.csv").write_text("patient,dx_mm,dy_mm,dz_mm\npatient004,1.5,1.5,8\n")
    (table,) = write_cohorts(tmp_path / "data", tmp_path / "out", ["acdc"])
    (row,) = read_table(table)
    cine = read(row.cine)
    seed = read_seed(row.seed, cine, row.phase)
    assert row.name == "patient004"
    assert np.array_equal(cine.array, image)
    assert seed.drawn.sum() == 1
    assert np.array_equal(seed.labels[seed.drawn], labels[seed.drawn])
    scores = compare_files(row.truth, row.truth)
    assert scores["mean_dice"] == 1
    assert scores["measures"]["LVEF"]["truth"] > 0


def test_where_only_the_cavity_was_drawn_the_rest_is_background_and_other_slices_are_not_judged():
    cine = a_labelled_heart().cine
    endo = np.full(cine.shape, 255, np.uint8)
    epi = endo.copy()
    endo[0, 2] = 0
    endo[0, 2, 20:25, 20:25] = 1
    case = LabelledCine("a", cine, *_labels(endo, epi))
    truth = truth_of(case)
    assert set(np.unique(truth[0, 2])) == {0, LV}
    assert (np.delete(truth[0], 2, axis=0) == 255).all()
    assert not (truth == MYO).any()


def test_sunnybrook_is_read_as_it_was_scanned(data_folder: Path, tmp_path: Path):
    if not (data_folder / "sunnybrook_4d").is_dir():
        pytest.skip("no sunnybrook_4d in the data")
    (table,) = write_cohorts(data_folder, tmp_path, ["sunnybrook_4d"])
    cases = {case.name: case for case in sunnybrook_4d(data_folder)}
    for row in read_table(table):
        assert row.cine.name == "dicom"
        seed = read_seed(row.seed, cases[row.name].cine, row.phase)
        assert seed.drawn.sum() == 1


def _labels(endo: np.ndarray, epi: np.ndarray) -> tuple[np.ndarray, str, np.ndarray]:
    labels, drawn = labels_from_contours(endo, epi)
    return labels, "made", drawn

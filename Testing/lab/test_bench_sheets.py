from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from labelled_heart import a_labelled_heart
from matplotlib.image import imread

from medvos_lab.bench.protocol import Trial, prepare
from medvos_lab.bench.sheets import PREDICTION_COLOURS, contact_sheet, write_sheet


@pytest.fixture
def a_trial() -> Trial:
    return prepare(a_labelled_heart())


def has_colour(sheet: np.ndarray, colour: tuple[int, ...]) -> bool:
    return bool((sheet == np.array(colour)).all(axis=-1).any())


def test_a_sheet_shows_ed_above_es_and_only_slices_with_a_heart(a_trial: Trial):
    sheet = contact_sheet(a_trial, a_trial.seed.labels)
    assert sheet.dtype == np.uint8 and sheet.shape[2] == 3
    assert sheet.shape[1] % 6 == 0 and sheet.shape[0] % 2 == 0


def test_a_sheet_shows_truth_and_prediction(a_trial: Trial):
    nothing = np.zeros_like(a_trial.case.labels)
    assert has_colour(contact_sheet(a_trial, nothing), (255, 255, 255))
    assert not has_colour(contact_sheet(a_trial, nothing), PREDICTION_COLOURS[3])
    assert has_colour(contact_sheet(a_trial, a_trial.seed.labels), PREDICTION_COLOURS[3])


def test_a_sheet_is_written_as_png(a_trial: Trial, tmp_path: Path):
    sheet = contact_sheet(a_trial, a_trial.seed.labels)
    write_sheet(tmp_path / "sheet.png", sheet)
    assert imread(tmp_path / "sheet.png").shape[:2] == sheet.shape[:2]

from __future__ import annotations

from pathlib import Path

import pytest

from medvos.errors import InputError
from medvos_lab.datasets.root import data_root, dataset_folder


def test_the_data_folder_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("MEDVOS_DATA", str(tmp_path))
    assert data_root() == tmp_path


def test_a_missing_data_folder_says_which_variable_to_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("MEDVOS_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="set MEDVOS_DATA"):
        data_root()


def test_a_missing_data_set_says_which_variable_to_set(tmp_path: Path):
    with pytest.raises(InputError, match=r"acdc.*set MEDVOS_DATA"):
        dataset_folder(tmp_path, "acdc")

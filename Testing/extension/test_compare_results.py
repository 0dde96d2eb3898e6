"""The script that compares the results of two checkouts finds what differs."""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest
from extension.checkout import ROOT

REPORT = {
    "measures": {"LVEF": {"value": 55.1, "unit": "%", "reason": "a"}},
    "curves": [1.0, 2.0],
    "provenance": {
        "seconds": 1.5,
        "notes": ["a"],
        "model": "cstm",
        "weights_sha256": "00ff",
        "input": {"kind": "dicom"},
    },
}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compare_results", ROOT / "Utilities" / "compare_results.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders with the same results; the gzip headers hold other times."""
    for number, side in enumerate(("before", "after")):
        (tmp_path / side).mkdir()
        (tmp_path / side / "report.json").write_text(json.dumps(REPORT))
        (tmp_path / side / "labels.nii.gz").write_bytes(gzip.compress(b"voxels", mtime=number))
    return tmp_path / "before", tmp_path / "after"


def change(folder: Path, **parts: object) -> None:
    (folder / "report.json").write_text(json.dumps(REPORT | parts))


def test_the_same_results_do_not_differ(script: ModuleType, sides: tuple[Path, Path]):
    assert list(script.differences(*sides)) == []


@pytest.mark.parametrize(
    "parts",
    [
        {"provenance": REPORT["provenance"] | {"seconds": 9, "notes": ["b"]}},
        {"measures": {"LVEF": REPORT["measures"]["LVEF"] | {"reason": "b"}}},
    ],
)
def test_time_does_not_count_and_other_words_are_shown(script: ModuleType, sides: tuple[Path, Path], parts: dict):
    change(sides[1], **parts)
    ((counts, what),) = script.differences(*sides)
    assert not counts and "'a' -> 'b'" in what


@pytest.mark.parametrize(
    "parts",
    [
        {"measures": {"LVEF": REPORT["measures"]["LVEF"] | {"unit": "mL"}}},
        {"measures": {"LVEF": REPORT["measures"]["LVEF"] | {"reason": None}}},
        {"provenance": REPORT["provenance"] | {"model": "tcmn"}},
        {"provenance": REPORT["provenance"] | {"weights_sha256": "00fe"}},
        {"provenance": REPORT["provenance"] | {"input": {"kind": "nifti"}}},
    ],
)
def test_another_unit_name_or_checksum_counts(script: ModuleType, sides: tuple[Path, Path], parts: dict):
    change(sides[1], **parts)
    assert [counts for counts, _ in script.differences(*sides)] == [True]


@pytest.mark.parametrize(
    "parts",
    [
        {"measures": {"LVEF": REPORT["measures"]["LVEF"] | {"value": 55.2}}},
        {"measures": {"LVEF": REPORT["measures"]["LVEF"] | {"value": None}}},
        {"measures": {}},
        {"curves": [1.0]},
        {"more": 1},
    ],
)
def test_a_number_a_list_and_a_key_count(script: ModuleType, sides: tuple[Path, Path], parts: dict):
    change(sides[1], **parts)
    assert any(counts for counts, _ in script.differences(*sides))


def test_other_voxels_and_missing_files_count(script: ModuleType, sides: tuple[Path, Path]):
    (sides[1] / "labels.nii.gz").write_bytes(gzip.compress(b"others"))
    (sides[1] / "report.json").unlink()
    assert [counts for counts, _ in script.differences(*sides)] == [True, True]

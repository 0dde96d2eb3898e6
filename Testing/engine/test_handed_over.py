"""A result in files that keep every digit."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from medvos.cine.cine import Cine, Source
from medvos.cine.clip_region import View, Views
from medvos.report.handed_over import LISTS, PLAIN, hand_over, handed_over
from medvos.result import Result

SOURCE = Source(
    path="/scans/7",
    kind="dicom",
    notes=("Phase times are assumed.", "Größe: 1 m"),
    heart_rate=66.6,
    description={"modality": "US"},
    digest="ab12",
    sex="F",
    age_years=61,
    height_cm=168.5,
    weight_kg=61.25,
    spacing_known=False,
    series=(7, 9),
    given=("/scans/7/a", "/scans/7/b"),
    views=Views((View(1, 2, 30, 4, 50, (0.1, 0.2), False),), 0, "the first"),
    missing_slices=(3,),
    known_shunt=True,
    rate_given=True,
)
# What the reader of the images alone knows, which a cine of the panel never has.
OF_READERS = {"files", "frames", "contents", "stacks", "transforms", "stored"}


@pytest.fixture
def result() -> Result:
    random = np.random.default_rng(5)
    shape = (3, 2, 5, 4)
    affine = np.eye(4)
    affine[:3] = random.normal(size=(3, 4)) / 3
    times = np.array([0.0, 1000 / 3, 666.6666666666666])
    cine = Cine(random.normal(size=shape).astype(np.float32), affine, times, 901.0000000000001, SOURCE)
    labels = random.integers(0, 4, shape, dtype=np.uint8)
    uncertainty, probability = random.random((2, *shape), np.float32)
    seeds = random.random(shape[:2]) > 0.5
    provenance = {"model": "cstm", "seconds": 0.1 + 0.2, "notes": ["é"], "bands": {"LV": [[1.5, 2.5]]}}
    scores = random.random(shape[:2], np.float32)
    return Result(cine, labels, uncertainty, scores, seeds, provenance, probability)


@pytest.mark.parametrize("obstructed", [True, False])
def test_it_comes_back_to_the_last_digit(result: Result, tmp_path: Path, obstructed: bool):
    given = result if obstructed else replace(result, probability=None)
    hand_over(given, tmp_path / "result")
    found = handed_over(tmp_path / "result")
    assert found.cine.source == SOURCE and found.cine.source.given == SOURCE.given
    assert found.cine.period == given.cine.period and found.provenance == given.provenance
    for one, other in (
        *((getattr(found.cine, name), getattr(given.cine, name)) for name in ("array", "affine", "times")),
        *((getattr(found, name), getattr(given, name)) for name in ("labels", "uncertainty", "slice_scores", "seeds")),
    ):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    if obstructed:
        np.testing.assert_array_equal(found.probability, result.probability)
    else:
        assert found.probability is None


def test_relative_paths_lead_to_the_same_images_from_another_folder(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    source = replace(SOURCE, path="images", given=("images/a", "images/b"))
    hand_over(replace(result, cine=replace(result.cine, source=source)), tmp_path / "result")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    found = handed_over(tmp_path / "result").cine.source
    assert found.path == str(tmp_path / "images")
    assert found.given == (str(tmp_path / "images" / "a"), str(tmp_path / "images" / "b"))


def test_a_cine_without_a_path_still_has_none(result: Result, tmp_path: Path):
    hand_over(replace(result, cine=replace(result.cine, source=Source())), tmp_path / "result")
    assert handed_over(tmp_path / "result").cine.source == Source()


def test_every_fact_of_a_source_is_handed_over_or_is_one_that_the_panel_never_has():
    assert {*PLAIN, *LISTS, "views"} | OF_READERS == {field.name for field in fields(Source)}
    assert all(getattr(SOURCE, field.name) != getattr(Source(), field.name) for field in fields(Source)
               if field.name not in OF_READERS)  # fmt: skip


def test_a_damaged_file_is_an_error(result: Result, tmp_path: Path):
    hand_over(result, tmp_path / "result")
    (tmp_path / "result" / "labels.npy").write_bytes(b"")
    with pytest.raises((OSError, ValueError, EOFError)):
        handed_over(tmp_path / "result")

"""STL files of a beating heart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from export_case import obstructed

from medvos.cine.cine import Source
from medvos.errors import InputError
from medvos.export.stl import FACET, expected_size, write_surfaces
from medvos.measure.volumes import volume_curves
from medvos.result import Result
from medvos.structures import LV, RV


def facets(path: Path) -> np.ndarray:
    content = path.read_bytes()
    count = int(np.frombuffer(content[80:84], "<u4")[0])
    assert len(content) == 84 + 50 * count
    return np.frombuffer(content[84:], FACET)


def test_each_structure_has_a_file_a_phase_with_the_volume_of_its_slices(a_result: Result, tmp_path: Path):
    write_surfaces(a_result, tmp_path)
    phases = range(a_result.cine.shape[0])
    names = {f"{name}-phase-{t:02d}.stl" for name in ("LV", "Myo", "RV") for t in phases}
    assert {file.name for file in tmp_path.iterdir()} == names
    curves = volume_curves(a_result.labels, a_result.cine.affine)
    for t in phases:
        a, b, c = facets(tmp_path / f"LV-phase-{t:02d}.stl")["corners"].astype(float).transpose(1, 0, 2)
        volume = np.einsum("ni,ni->", a, np.cross(b, c)) / 6000
        assert volume == pytest.approx(curves["LV"][t], rel=0.12)


def test_number_and_size_of_the_files_are_known_before(a_result: Result, tmp_path: Path):
    files, size = expected_size(a_result)
    write_surfaces(a_result, tmp_path)
    written = [file.stat().st_size for file in tmp_path.iterdir()]
    assert files == len(written)
    assert size == pytest.approx(sum(written), rel=0.2)


def test_it_lies_in_the_patient_and_says_in_which_axes(a_result: Result, tmp_path: Path):
    write_surfaces(a_result, tmp_path)
    path = tmp_path / "RV-phase-00.stl"
    assert b"SPACE=LPS" in path.read_bytes()[:80]
    z, y, x = np.argwhere(a_result.labels[0] == RV).mean(0)
    centre = (a_result.cine.affine @ [x, y, z, 1])[:3] * [-1, -1, 1]
    points = facets(path)["corners"].reshape(-1, 3)
    np.testing.assert_allclose((points.min(0) + points.max(0)) / 2, centre, atol=12)
    assert np.allclose(np.linalg.norm(facets(path)["normal"], axis=1), 1, atol=1e-3)


def test_a_clip_has_no_surface(a_result: Result, tmp_path: Path):
    film = replace(a_result.cine, source=Source(kind="video", spacing_known=False))
    with pytest.raises(InputError, match="no surface"):
        write_surfaces(replace(a_result, cine=film), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_structure_that_is_missing_at_a_phase_has_no_file_there(a_result: Result, tmp_path: Path):
    labels = a_result.labels.copy()
    labels[1][labels[1] == LV] = 0
    labels[labels == RV] = 7
    write_surfaces(replace(a_result, labels=labels), tmp_path)
    names = {file.name for file in tmp_path.iterdir()}
    assert "LV-phase-01.stl" not in names and {"LV-phase-00.stl", "structure-7-phase-00.stl"} <= names


def test_obstruction_makes_no_hole_in_the_wall(a_result: Result, tmp_path: Path):
    for name, result in (("with", obstructed(a_result)), ("without", a_result)):
        (tmp_path / name).mkdir()
        write_surfaces(result, tmp_path / name)
    wall = "Myo-phase-00.stl"
    assert (tmp_path / "with" / wall).read_bytes() == (tmp_path / "without" / wall).read_bytes()
    assert b"not validated, research only" in (tmp_path / "with" / "MVO-phase-00.stl").read_bytes()[:80]
    assert b"validated" not in (tmp_path / "with" / wall).read_bytes()[:80]

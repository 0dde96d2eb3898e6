from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from session_fakes import FakeRunner

from medvos.cine.cine import Cine, Source
from medvos.cine.contents import SeriesRow
from medvos.cine.write import write_nifti
from medvos.errors import InputError
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.session import Session


@pytest.fixture
def session(logics: Logics) -> Session:
    return Session(logics, FakeRunner())


@pytest.fixture
def opened(session: Session, synthetic_browser: Any) -> Session:
    session.cines.open(synthetic_browser)
    return session


def test_a_browser_without_a_cine_is_refused_and_the_open_one_stays(opened: Session, logics: Logics):
    browser = opened.browser
    with pytest.raises(InputError, match="shows no volumes"):
        opened.cines.open(logics.scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode"))
    assert opened.browser is browser


def test_a_file_is_read_into_the_scene_under_no_name_of_its_own(session: Session, small_cine: Cine, tmp_path: Path):
    path = tmp_path / "DOE^JOHN.nii.gz"
    write_nifti(path, small_cine.array, small_cine)
    browser = session.cines.open_path(path)
    assert session.browser is browser
    np.testing.assert_array_equal(session.cine.array, small_cine.array)
    scene = session._workspace.logics.scene
    names = [scene.GetNthNode(n).GetName() or "" for n in range(scene.GetNumberOfNodes())]
    assert "Cine" in names and not any("DOE" in name for name in names)


def test_a_file_that_is_no_cine_is_refused(session: Session, tmp_path: Path):
    with pytest.raises(InputError):
        session.cines.open_path(tmp_path / "nothing.nii.gz")
    assert session.cine is None


def test_a_patient_from_a_scanner_is_ready_to_be_drawn_on_in_one_call(session: Session, data_folder: Path):
    folder = data_folder / "sunnybrook_4d" / "SCD0000301"
    if not folder.is_dir():
        pytest.skip("no Sunnybrook patient on this machine")
    session.cines.open_path(folder / "dicom")
    session.go_to(*session.seed.find_place())
    phase, z = session.place
    contours = np.load(folder / "labels.npz")["endo"]
    assert phase >= 16 and (contours[18:, z] == 1).any()
    session.seed.make_segments()
    assert session.nodes.phase_labels(phase).shape == contours.shape[1:]


def test_the_files_of_a_cine_are_known_until_the_scene_is_closed(
    session: Session, synthetic_browser: Any, tmp_path: Path
):
    session.cines.open(synthetic_browser)
    assert session.cines.dicom is None
    source = Source(str(tmp_path), "dicom", digest="ab")
    session.cines.remember_source(synthetic_browser, source)
    assert session.cines.dicom is source
    session.close()
    assert session.cines.dicom is None
    session.cines.open(synthetic_browser)
    assert session.cines.dicom is source
    session.cines.remember_source(synthetic_browser, replace(source, kind="nifti"))
    assert session.cines.dicom is None
    session._workspace.logics.scene.Clear(0)
    assert session.cines.dicom is None and not session._workspace._sources


def browsers(logics: Logics) -> int:
    return int(logics.scene.GetNumberOfNodesByClass("vtkMRMLSequenceBrowserNode"))


def test_a_cine_of_a_loaded_scene_is_found_again_and_its_files_are_known(
    session: Session, logics: Logics, small_cine: Cine, synthetic_browser: Any
):
    changes = []
    session.changed.connect(changes.append)
    source = Source("somewhere", "dicom", digest="ab")
    # Times are rounded when a scene is saved.
    read = replace(small_cine, times=small_cine.times.round(1), source=source)
    assert session.cines.add(read) is synthetic_browser
    session.cines.open(synthetic_browser)
    assert session.cines.dicom is source and browsers(logics) == 1 and changes


def test_another_cine_is_added(session: Session, logics: Logics, small_cine: Cine, synthetic_browser: Any):
    moved = small_cine.affine.copy()
    moved[0, 3] += 1
    brighter = small_cine.array.copy()
    brighter[3, 2, 1, 1] += 1
    for other in (
        replace(small_cine, affine=moved),
        replace(small_cine, array=brighter),
        replace(small_cine, array=small_cine.array[1:], times=small_cine.times[1:]),
        replace(small_cine, times=1.5 * small_cine.times, period=1.5 * small_cine.period),
    ):
        before = browsers(logics)
        assert session.cines.add(other) is not synthetic_browser
        assert browsers(logics) == before + 1


def test_a_cine_is_named_after_its_series_and_no_person(session: Session, logics: Logics, small_cine: Cine):
    rows = (SeriesRow(4, "scout", 3, 3, 1, "", False), SeriesRow(5, "SAX  rest", 60, 6, 10, "", True))
    for expected in ("SAX rest", "SAX rest_1"):
        moved = small_cine.affine.copy()
        moved[0, 3] += logics.scene.GetNumberOfNodes()
        named = replace(small_cine, affine=moved, source=Source("DOE^JOHN", "dicom", contents=rows))
        session.cines.open(session.cines.add(named))
        session.seed.make_segments()
        assert session.nodes.volume.GetName() == expected
        assert session.nodes.segmentation.GetName() == f"{expected} segmentation"
    names = [logics.scene.GetNthNode(n).GetName() or "" for n in range(logics.scene.GetNumberOfNodes())]
    assert not any("DOE" in name for name in names)

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from session_fakes import FakeRunner
from session_user import CORRECTION, User

from medvos.cine.cine import Source
from medvos.errors import InputError
from medvos.export.by_name import FORMS, WRITERS
from medvos.export.export import DICOM
from MedVOSSegmentLib.job.runner import Runner
from MedVOSSegmentLib.session.exports import EXPORTS, NO_DICOM
from MedVOSSegmentLib.session.session import Session


def test_the_engine_knows_every_export_by_its_name():
    assert {each.name for each in EXPORTS} == set(WRITERS)
    assert {each.name for each in EXPORTS if each.is_dicom} == {n for n, form in FORMS.items() if form in DICOM}
    assert len({each.label for each in EXPORTS}) == len(EXPORTS)


def test_exports_are_of_what_the_segments_hold(done: User, tmp_path: Path):
    done.erase(CORRECTION)
    (file,) = done.session.export.export("segmentation", tmp_path)
    from medvos.cine.read import read

    np.testing.assert_array_equal(read(file).array, done.labels)


def test_nothing_is_exported_before_there_is_a_result(drawn: User, tmp_path: Path):
    with pytest.raises(InputError, match="nothing to export yet"):
        drawn.session.export.export("report", tmp_path)


def test_two_exports_at_once_are_refused_kindly_and_a_segmentation_beside_one_is_not(done: User, tmp_path: Path):
    job = done.session.export.start("volumes", tmp_path)
    with pytest.raises(InputError, match="An export is being written already"):
        done.session.export.start("report", tmp_path)
    done.session.propagation.propagate()
    done.session.cancel()
    while not job.poll(0.0, 0):
        pass
    assert job.outcome == [tmp_path / "volumes.csv"]


def test_what_cannot_be_exported_is_refused_at_once(done: User, tmp_path: Path, synthetic_browser: Any):
    session = done.session
    with pytest.raises(InputError, match="no export dicom; choose one of results, report"):
        session.export.start("dicom", tmp_path)
    with pytest.raises(InputError, match="nowhere is not a folder"):
        session.export.start("volumes", tmp_path / "nowhere")
    with pytest.raises(InputError, match=NO_DICOM):
        session.export.start("dicom-seg", tmp_path)
    session.cines.remember_source(synthetic_browser, Source(str(tmp_path), "dicom"))
    (tmp_path / "below").mkdir()
    with pytest.raises(InputError, match="among the DICOM images themselves"):
        session.export.start("dicom-seg", tmp_path / "below")


def test_a_failure_is_one_sentence(done: User, tmp_path: Path):
    done.session.export._runner = Runner(tmp_path / "NoPython")
    with pytest.raises(InputError, match="NoPython cannot be started"):
        done.session.export.export("volumes", tmp_path)


def test_a_session_is_given_the_python_of_its_exports(logics: Any, done: User, tmp_path: Path):
    session = Session(logics, FakeRunner(), Runner(tmp_path / "NoPython"))
    assert session.export._runner._python == tmp_path / "NoPython"

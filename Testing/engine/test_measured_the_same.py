"""One result has the same numbers wherever it is measured again: on the terminal, in a report and in DICOM."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from export_case import a_patient, a_result_of, labels_on, numbers
from medvos_command import Medvos
from tiny_network import a_cine

from medvos.cine.read import read
from medvos.cine.write import write_nifti
from medvos.errors import InputError
from medvos.measure.correction import with_limits
from medvos.measure.intervals import BEFORE
from medvos.measure.measure import NOT_AS_CHOSEN, measure
from medvos.measure.subject import Subject, stating, subject_of, with_facts_of
from medvos.report.read_again import OtherCine, as_before
from medvos.report.read_results import (
    result_on,
    result_to_correct,
    result_with_images,
    stored_measures,
    stored_result,
)
from medvos.report.write_results import write_results
from medvos.result import with_chosen_phases

GIVEN = Subject("F", 44, 168.0, 61.0, 60.0, known_shunt=True)
ED, ES = 1, 2  # not those of the volumes, which are 0 and 4
SHOWN = ("LVEDV", "LVEF", "CO", "LVEDVI", "RVEF")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``dicom`` that states 75 beats a minute, and ``result`` whose reader chose the phases and gave other facts."""
    folder = tmp_path_factory.mktemp("same")
    cine = read(a_patient(folder / "dicom", HeartRate=75, PatientSize="1.9"))
    assert subject_of(cine).heart_rate == 75
    write_results(a_result_of(stating(cine, GIVEN)), folder / "result", ed=ED, es=ES)
    return folder


def test_the_terminal_measures_at_the_phases_that_were_chosen(case: Path, medvos: Medvos):
    done = medvos("measure", case / "result", "--json")
    told, stated = json.loads(done.stdout), stored_measures(case / "result")
    assert told["phases"] == {"ED": ED, "ES": ES}
    for name in SHOWN:
        assert told["measures"][name]["value"] == pytest.approx(stated[name].value, rel=1e-3), name


def test_other_phases_can_still_be_asked_for(case: Path, medvos: Medvos):
    done = medvos("measure", case / "result", "--json", "--ed", 0, "--es", 4)
    assert json.loads(done.stdout)["phases"] == {"ED": 0, "ES": 4}


def test_a_structured_report_has_the_phases_and_the_facts_that_were_given(case: Path, medvos: Medvos, tmp_path: Path):
    pytest.importorskip("highdicom")
    done = medvos("export", case / "result", "--to", "dicom-sr", "--out", tmp_path, "--source", case / "dicom")
    assert done.returncode == 0, done.stderr
    found = numbers(tmp_path / "measurements.dcm")
    stated = stored_measures(case / "result")
    for name, meaning in (("CO", "Cardiac Output"), ("LVEDV", "Left Ventricular ED Volume"), ("LVEDVI", "LVEDVI")):
        value = float(found[meaning].MeasuredValueSequence[0].NumericValue)
        assert value == pytest.approx(stated[name].value, rel=1e-3), name


def test_a_report_with_images_keeps_what_was_given(case: Path):
    result = result_with_images(case / "result", case / "dicom")
    assert result.cine.array.any() and measure(result, wall=False).subject == GIVEN
    stored = stored_result(case / "result").cine
    assert result.cine.period == stored.period and result.cine.source.rate_given


def test_the_facts_of_another_person_are_not_taken(case: Path):
    cine = read(case / "dicom")
    assert subject_of(result_on(case / "result", cine).cine) == GIVEN
    with pytest.raises(OtherCine, match="other images"):
        result_on(case / "result", replace(cine, source=replace(cine.source, digest="0" * 64)))


def test_phase_times_that_were_corrected_in_the_file_count(case: Path, tmp_path: Path):
    cine = read(case / "dicom")
    write_nifti(tmp_path / "cine.nii.gz", cine.array, cine)
    write_results(a_result_of(read(tmp_path / "cine.nii.gz")), tmp_path / "result")
    same = result_to_correct(tmp_path / "result", read(tmp_path / "cine.nii.gz")).cine
    assert not [note for note in same.source.notes if "phase times" in note]
    source = replace(cine.source, heart_rate=60.0)
    slower = replace(cine, times=cine.times * 1.25, period=cine.period * 1.25, source=source)
    write_nifti(tmp_path / "cine.nii.gz", cine.array, slower)
    corrected = result_to_correct(tmp_path / "result", read(tmp_path / "cine.nii.gz")).cine
    assert corrected.period == pytest.approx(1.25 * same.period, rel=1e-3)
    assert same.source.heart_rate == pytest.approx(75) and corrected.source.heart_rate == pytest.approx(60)
    assert corrected.source.notes[-1].startswith("The files state other phase times than before")
    # What is shown beside the stated measures is what they were measured with.
    shown = result_with_images(tmp_path / "result", tmp_path / "cine.nii.gz").cine
    assert (shown.period, shown.source.heart_rate) == (same.period, same.source.heart_rate)


def test_assumed_phase_times_and_a_given_heart_rate_do_not_replace_former_times(case: Path):
    cine = read(case / "dicom")
    given = stating(cine, replace(subject_of(cine), heart_rate=64.0))
    slower = replace(cine, times=cine.times * 1.25, period=cine.period * 1.25)
    assert as_before(slower, given).period == cine.period
    unknown = replace(slower, source=replace(cine.source, heart_rate=None))
    assert as_before(unknown, cine).period == cine.period
    assert as_before(slower, cine).period == slower.period
    assert as_before(slower, replace(cine, source=replace(cine.source, kind="nifti"))).period == cine.period


def test_a_fact_that_was_cleared_does_not_come_back_from_the_images(tmp_path: Path):
    cine = read(a_patient(tmp_path / "dicom", HeartRate=75, PatientSize="1.9", PatientWeight="80"))
    cleared = stating(cine, replace(subject_of(cine), height_cm=None))
    write_results(a_result_of(cleared), tmp_path / "result")
    assert result_with_images(tmp_path / "result", tmp_path / "dicom").cine.source.height_cm is None


def test_a_heart_rate_that_was_cleared_as_the_only_fact_does_not_come_back(tmp_path: Path):
    cine = read(a_patient(tmp_path / "dicom", HeartRate=75))
    write_results(a_result_of(stating(cine, Subject())), tmp_path / "result")
    assert subject_of(cine).heart_rate == 75
    assert subject_of(result_with_images(tmp_path / "result", tmp_path / "dicom").cine) == Subject()


def test_facts_of_the_images_fill_in_for_a_file_that_has_none(tmp_path: Path):
    cine = read(a_patient(tmp_path / "dicom", HeartRate=75, PatientSize="1.9"))
    converted = replace(cine, source=replace(cine.source, kind="nifti", sex=None, height_cm=None, heart_rate=60.0))
    told = with_facts_of(cine, converted).source
    assert (told.sex, told.height_cm, told.heart_rate) == ("F", 190.0, 60.0)


def test_chosen_phases_that_do_not_fit_are_replaced_with_a_word(case: Path):
    result = stored_result(case / "result")
    turned = replace(result, labels=np.ascontiguousarray(result.labels[::-1]))
    measures = measure(turned, wall=False)
    assert (measures.ed, measures.es) == (4, 0) and NOT_AS_CHOSEN.sentence in measures.doubts


@pytest.mark.parametrize("chosen", [{"ED": 0}, {"ED": "0", "ES": "4"}, {"ED": 0.0, "ES": 4.0}, [0, 4]])
def test_chosen_phases_that_are_no_numbers_are_a_damaged_report(case: Path, tmp_path: Path, chosen: object):
    folder = Path(shutil.copytree(case / "result", tmp_path / "result"))
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    report["provenance"]["chosen_phases"] = chosen
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    with pytest.raises(InputError, match=r"report\.json"):
        stored_result(folder)


def test_a_correction_is_held_against_the_phases_of_the_volumes():
    cine = a_cine(5, 3)
    result = a_result_of(cine, labels_on(cine))
    limits = with_limits(result, with_chosen_phases(result, ED, ES)).provenance["intervals"][BEFORE]
    assert limits["LVEF"][:2] == pytest.approx(list(measure(result, wall=False)["LVEF"].interval or ()))

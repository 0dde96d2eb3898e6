"""DICOM structured report of the measures."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from export_case import (
    NOTICE,
    a_patient,
    a_patient_in_series,
    a_result_of,
    an_enhanced_patient,
    dicom_faults,
    labels_on,
    numbers,
    obstructed,
)
from highdicom.sr import srread

from medvos.cine.read import read
from medvos.errors import InputError
from medvos.export.images import source_images
from medvos.export.structured_report import write_report
from medvos.measure.measure import measure
from medvos.measure.verdict import verdict_sentences
from medvos.result import Result


def report_of(path: Path, out: Path, labels=None) -> tuple[Result, Path]:
    cine = read(path)
    result = a_result_of(cine, labels)
    out.mkdir()
    write_report(result, source_images(cine), out)
    return result, out / "measurements.dcm"


def parts(item: pydicom.Dataset, relationship: str) -> list[pydicom.Dataset]:
    return [one for one in item.get("ContentSequence", []) if one.RelationshipType == relationship]


def test_doubts_grade_and_withheld_verdicts_are_comments_in_the_words_of_the_report(tmp_path: Path):
    result, path = report_of(a_patient(tmp_path / "patient"), tmp_path / "out")
    measures = measure(result)
    texts = {item.TextValue for item in parts(pydicom.dcmread(path), "CONTAINS") if "TextValue" in item}
    assert verdict_sentences(measures)
    assert texts >= {*verdict_sentences(measures), *(f"Doubt: {doubt}" for doubt in measures.doubts)}


def test_every_known_measure_is_there_with_value_unit_and_interval(tmp_path: Path):
    result, path = report_of(a_patient(tmp_path / "patient"), tmp_path / "out")
    measures, found = measure(result), numbers(path)
    assert len(found) == sum(one.value is not None for one in measures.values())
    for name, meaning, unit in (
        ("LVEDV", "Left Ventricular ED Volume", "mL"),
        ("LVEF", "Left ventricular ejection fraction by MR", "%"),
        ("LVM", "Left Ventricle Mass", "g"),
        ("RVESV", "Right Ventricular ES Volume", "mL"),
        ("CO", "Cardiac Output", "L/min"),
    ):
        value = found[meaning].MeasuredValueSequence[0]
        assert float(value.NumericValue) == pytest.approx(measures[name].value, abs=1e-3)
        assert value.MeasurementUnitsCodeSequence[0].CodeValue == unit
        ends = [float(one.MeasuredValueSequence[0].NumericValue) for one in parts(found[meaning], "HAS PROPERTIES")]
        low, high = measures[name].interval
        assert ends == pytest.approx([measures[name].value - low, high - measures[name].value], abs=1e-3)
        assert high > low


def test_a_volume_says_its_point_of_the_cycle_and_the_images_of_that_phase(tmp_path: Path):
    result, path = report_of(a_patient(tmp_path / "patient"), tmp_path / "out")
    measures, found = measure(result), numbers(path)
    for meaning, point, phase in (
        ("Left Ventricular ED Volume", "End diastole", measures.ed),
        ("Left Ventricular ES Volume", "End Systole", measures.es),
    ):
        (reported,) = parts(found[meaning], "HAS CONCEPT MOD")
        assert reported.ConceptCodeSequence[0].CodeMeaning == point
        images = parts(found[meaning], "INFERRED FROM")
        stated = [one.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for one in images]
        assert stated == [pydicom.dcmread(file).SOPInstanceUID for file in result.cine.source.files[phase]]


def test_of_a_file_with_several_frames_those_of_the_phase_are_named(tmp_path: Path):
    _, path = report_of(an_enhanced_patient(tmp_path / "cine.dcm"), tmp_path / "out")
    (image,) = parts(numbers(path)["Left Ventricular ED Volume"], "INFERRED FROM")
    assert list(image.ReferencedSOPSequence[0].ReferencedFrameNumber) == [4, 8, 12]


@pytest.mark.parametrize("write", [a_patient, a_patient_in_series, an_enhanced_patient])
def test_the_standard_is_kept(write, tmp_path: Path):
    _, path = report_of(write(tmp_path / "patient"), tmp_path / "out")
    assert dicom_faults(path) == []


def test_another_program_reads_it_as_a_measurement_report(tmp_path: Path):
    _, path = report_of(a_patient(tmp_path / "patient"), tmp_path / "out")
    groups = srread(path).content.get_image_measurement_groups()
    assert {group.finding_type.meaning for group in groups} == {
        "Left ventricle",
        "Left Ventricle Myocardium",
        "Right ventricle",
    }


def test_a_second_report_is_the_same_to_the_byte_and_other_labels_make_another(tmp_path: Path):
    path = a_patient(tmp_path / "patient")
    _, first = report_of(path, tmp_path / "a")
    _, second = report_of(path, tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
    labels = labels_on(read(path))
    labels[0, 0, 0, 0] = 3
    _, third = report_of(path, tmp_path / "c", labels)
    assert pydicom.dcmread(third).SOPInstanceUID != pydicom.dcmread(first).SOPInstanceUID


def test_masks_without_lv_leave_the_rv(tmp_path: Path):
    path = a_patient(tmp_path / "patient")
    labels = labels_on(read(path))
    labels[labels > 1] = 0
    _, report = report_of(path, tmp_path / "out", labels)
    assert not any("Left" in meaning for meaning in numbers(report)) and "Right Ventricular ED Volume" in numbers(
        report
    )


def test_a_single_slice_has_nothing_to_report(tmp_path: Path):
    path = a_patient(tmp_path / "patient", slices=1)
    with pytest.raises(InputError, match=r"no measure to report \(a single slice has an area, not a volume\)"):
        report_of(path, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_a_predicted_obstruction_says_what_it_is_worth(tmp_path: Path):
    cine = read(a_patient(tmp_path / "patient"))
    write_report(obstructed(a_result_of(cine)), source_images(cine), tmp_path)
    path = tmp_path / "measurements.dcm"
    said = [one for one in pydicom.dcmread(path).ContentSequence if one.ValueType == "TEXT"]
    assert ("Comment", NOTICE) in [(one.ConceptNameCodeSequence[0].CodeMeaning, one.TextValue) for one in said]
    found = numbers(path)
    for name in ("Microvascular obstruction", "Microvascular obstruction, part of left ventricular mass"):
        reported = [one.TextValue for one in parts(found[name], "HAS PROPERTIES") if one.ValueType == "TEXT"]
        assert reported == [NOTICE]
        assert parts(found[name], "HAS CONCEPT MOD")[0].ConceptCodeSequence[0].CodeMeaning == "End diastole"
    assert not dicom_faults(path)

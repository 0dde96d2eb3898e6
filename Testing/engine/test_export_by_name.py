"""Every export that the panel offers, written by its name."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
from export_case import a_patient, a_result_of, numbers

from medvos.cine.read import read
from medvos.errors import InputError
from medvos.export.by_name import FORMS, WRITERS, export_by_name, left_behind
from medvos.export.export import DICOM
from medvos.measure.measure import measure
from medvos.measure.subject import Subject, stating
from medvos.report.report_file import write_report
from medvos.result import Result
from medvos.structures import MVO, MYO
from medvos.synth.heart import synthetic_heart

OF_DICOM = [name for name, form in FORMS.items() if form in DICOM]
FILES = {
    "results": {"segmentation.nii.gz", "uncertainty.nii.gz", "volumes.csv", "report.json", "report.html"},
    "report": {"report.html"},
    "report-pdf": {"report.pdf"},
    "segmentation": {"segmentation.nii.gz"},
    "volumes": {"volumes.csv"},
    "seg-nrrd": {f"phase-{t:02d}.seg.nrrd" for t in range(6)},
    "seq-nrrd": {"segmentation.seq.nrrd"},
    "stl": {f"{name}-phase-{t:02d}.stl" for name in ("LV", "Myo", "RV") for t in range(6)},
}
# When a report was made.
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


@pytest.fixture(scope="module")
def result() -> Result:
    small_heart = synthetic_heart(1, shape=(6, 6, 80, 80), spacing=(16.0, 3.0, 3.0), kind="healthy")
    shape = small_heart.labels.shape
    seeds = np.zeros(shape[:2], bool)
    seeds[0, 3] = True
    provenance = {"model": "cstm", "device": "cpu", "seconds": 1.0, "terms": "for anyone", "notes": []}
    uncertainty, scores = np.zeros(shape, np.float32), np.zeros(shape[:2], np.float32)
    return Result(small_heart.cine, small_heart.labels, uncertainty, scores, seeds, provenance)


@pytest.mark.parametrize("name", [name for name in WRITERS if name not in OF_DICOM])
def test_an_export_writes_its_files_and_no_others(name: str, result: Result, tmp_path: Path):
    export_by_name(name, result, tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == FILES[name]
    assert all(file.stat().st_size for file in tmp_path.iterdir())


def test_the_segmentation_is_read_back_as_it_was(result: Result, tmp_path: Path):
    export_by_name("segmentation", result, tmp_path)
    np.testing.assert_array_equal(read(tmp_path / "segmentation.nii.gz").array, result.labels)


def test_the_segmentation_bears_the_notice_of_obstruction(result: Result, tmp_path: Path):
    labels = np.where(result.labels == MYO, np.uint8(MVO), result.labels)
    export_by_name("segmentation", replace(result, labels=labels), tmp_path)
    header = nibabel.load(tmp_path / "segmentation.nii.gz").header
    assert b"not validated on patients" in header["descrip"].item()


def test_the_report_tells_the_seeds(result: Result, tmp_path: Path):
    export_by_name("results", result, tmp_path)
    document = json.loads((tmp_path / "report.json").read_text())
    assert document["provenance"]["seeds"] == [{"phase": 0, "slice": 3}]


@pytest.mark.parametrize("phases", [(99, None), (None, 99)])
@pytest.mark.parametrize("name", ["results", "report", "volumes"])
def test_phases_that_were_chosen_and_are_not_there_are_refused(
    name: str, phases: tuple[int | None, int | None], result: Result, tmp_path: Path
):
    with pytest.raises(InputError, match="phase"):
        export_by_name(name, result, tmp_path, phases)
    assert not list(tmp_path.iterdir())


def test_the_report_is_measured_at_the_phases_that_were_chosen(result: Result, tmp_path: Path):
    _, es, *_, ed, _ = (int(phase) for phase in np.argsort(measure(result, wall=False).volumes_ml["LV"]))
    write_report(tmp_path / "expected.html", result, measure(result, ed=ed, es=es))
    export_by_name("report", result, tmp_path / "chosen", (ed, es))
    export_by_name("report", result, tmp_path / "found")
    expected, chosen, found = (
        TIME.sub("", (tmp_path / name).read_text())
        for name in ("expected.html", "chosen/report.html", "found/report.html")
    )
    assert chosen == expected != found


def test_the_dicom_report_is_measured_at_the_phases_that_were_chosen(tmp_path: Path):
    result = a_result_of(read(a_patient(tmp_path / "patient")))
    curve = measure(result, wall=False).volumes_ml["LV"]
    assert np.argmax(curve) != 1 and np.argmin(curve) != 3
    export_by_name("dicom-sr", result, tmp_path / "out", (1, 3))
    found = numbers(tmp_path / "out" / "measurements.dcm")
    volumes = [
        float(found[f"Left Ventricular {phase} Volume"].MeasuredValueSequence[0].NumericValue) for phase in ("ED", "ES")
    ]
    assert volumes == pytest.approx([curve[1], curve[3]], abs=1e-3)


def test_a_fact_that_the_user_has_cleared_does_not_come_back_from_the_images(tmp_path: Path):
    cine = read(a_patient(tmp_path / "patient", PatientSize="1.70", PatientWeight="64"))
    stated = a_result_of(cine)
    cleared = replace(stated, cine=stating(cine, Subject(sex="F")))
    names = []
    for folder, result in (("stated", stated), ("cleared", cleared)):
        export_by_name("dicom-sr", result, tmp_path / folder)
        names.append(set(numbers(tmp_path / folder / "measurements.dcm")))
    indexed = names[0] - names[1]
    assert any("Index" in name or "BSA" in name for name in indexed), indexed


@pytest.mark.parametrize("name", OF_DICOM)
def test_dicom_needs_images_that_are_there(name: str, result: Result, tmp_path: Path):
    gone = replace(result.cine.source, kind="dicom", path=str(tmp_path / "gone"))
    with pytest.raises(InputError, match="gone does not exist"):
        export_by_name(name, replace(result, cine=replace(result.cine, source=gone)), tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_unknown_export_is_refused(result: Result, tmp_path: Path):
    with pytest.raises(InputError, match="no export dicom; choose one of results, report"):
        export_by_name("dicom", result, tmp_path)


@pytest.mark.parametrize(("name", "file"), [("volumes", "volumes.csv"), ("report", "report.html")])
def test_a_place_that_cannot_be_written_is_refused_and_left_clean(name: str, file: str, result: Result, tmp_path: Path):
    (tmp_path / file).mkdir()
    with pytest.raises(InputError, match="choose another"):
        export_by_name(name, result, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [file]


def test_what_an_earlier_export_has_left_is_known_by_its_name(result: Result, tmp_path: Path):
    export_by_name("stl", result, tmp_path)
    (tmp_path / "RV-phase-77.stl").write_bytes(b"of another program")
    assert set(left_behind("stl", tmp_path)) == FILES["stl"]
    assert "overlay.mp4" in left_behind("results", tmp_path)
    assert not left_behind("report-pdf", tmp_path) and not left_behind("segmentation", tmp_path)

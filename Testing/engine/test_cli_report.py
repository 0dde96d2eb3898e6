"""``medvos report`` as another program runs it."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from export_case import a_patient, a_result_of
from medvos_command import Medvos

from medvos.cine.read import read
from medvos.report.write_results import write_results


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``dicom`` of one Jane Roebuck and ``result``."""
    folder = tmp_path_factory.mktemp("case")
    dicom = a_patient(folder / "dicom", PatientName="Roebuck^Jane", PatientID="471177")
    write_results(a_result_of(read(dicom)), folder / "result")
    return folder


def text_of(file: Path) -> str:
    return " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(file))


def test_the_pdf_has_pictures_with_the_source_and_says_so_without(case: Path, medvos: Medvos, tmp_path: Path):
    for name, options in (("bare.pdf", ()), ("full.pdf", ("--source", case / "dicom"))):
        done = medvos("report", case / "result", "--out", tmp_path / name, *options)
        assert done.returncode == 0 and not done.stderr
    note = "The images are not stored with the result"
    assert note in text_of(tmp_path / "bare.pdf") and note not in text_of(tmp_path / "full.pdf")


def test_the_patient_is_named_only_when_asked(case: Path, medvos: Medvos, tmp_path: Path):
    for name, options in (("without.html", ()), ("with.html", ("--patient",))):
        done = medvos("report", case / "result", "--source", case / "dicom", "--out", tmp_path / name, *options)
        assert done.returncode == 0 and "Roebuck" not in done.stdout + done.stderr
    assert "Roebuck" not in (tmp_path / "without.html").read_text()
    assert all(text in (tmp_path / "with.html").read_text() for text in ("Roebuck, Jane", "471177", "female"))


def test_a_source_that_is_another_cine_is_named(case: Path, medvos: Medvos, tmp_path: Path, a_cine_file: Path):
    another = a_patient(tmp_path / "another", slices=2)
    for source in (another, a_cine_file):
        done = medvos("report", case / "result", "--source", source, "--out", tmp_path / "report.pdf")
        assert done.returncode == 2
        assert done.stderr == (
            f"medvos: The images in {source.name} are not those that were segmented: give that cine (--source).\n"
        )


def test_a_patient_without_dicom_is_one_line(case: Path, medvos: Medvos, tmp_path: Path):
    done = medvos("report", case / "result", "--patient", "--out", tmp_path / "report.pdf")
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "--source" in done.stderr
    assert not list(tmp_path.iterdir())


def test_another_cine_as_source_is_refused(case: Path, medvos: Medvos, tmp_path: Path):
    other = a_patient(tmp_path / "other", origin=(0.0, 0.0, 0.0))
    done = medvos("report", case / "result", "--source", other, "--out", tmp_path / "report.pdf")
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert not (tmp_path / "report.pdf").exists()


def test_what_is_told_of_the_person_gives_reference_ranges(case: Path, medvos: Medvos, tmp_path: Path):
    stated = ("--sex", "F", "--age", 44, "--height", 165, "--weight", 60)
    assert medvos("report", case / "result", "--out", tmp_path / "report.html", *stated).returncode == 0
    page = (tmp_path / "report.html").read_text()
    assert "women of 40 to 49 years" in page and "LVEDVI" in page

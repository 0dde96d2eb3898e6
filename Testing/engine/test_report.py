from __future__ import annotations

import base64
import csv
import errno
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from io import BytesIO, StringIO
from pathlib import Path

import jsonschema
import matplotlib.image
import nibabel as nib
import numpy as np
import pytest

from medvos.cine.cine import Source
from medvos.cine.fractions import STEPS
from medvos.errors import InputError
from medvos.measure.catalogue import CATALOGUE, Needs, names_that_need
from medvos.measure.measure import measure
from medvos.measure.subject import Subject
from medvos.report import write_results as results_writer
from medvos.report.contact_sheet import contact_sheet, heart_window, mosaic, pick
from medvos.report.document import report_document
from medvos.report.page import report_page
from medvos.report.plotting import svg_of
from medvos.report.score_map import worst
from medvos.report.volumes_csv import volumes_csv
from medvos.report.write_results import write_results
from medvos.result import Result
from medvos.staging import staged

RESULT_FILES = {"segmentation.nii.gz", "uncertainty.nii.gz", "volumes.csv", "report.json", "report.html"}


@pytest.fixture(scope="module")
def schema() -> dict:
    return json.loads(files("medvos.report").joinpath("report.schema.json").read_text())


@pytest.fixture(scope="module")
def a_page(a_result: Result) -> str:
    return report_page(a_result, measure(a_result))


class Links(HTMLParser):
    """Collects everything that a browser would fetch, and the nesting of tags."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "srcset")]


def test_the_folder_holds_the_five_files(a_result: Result, tmp_path: Path):
    write_results(a_result, tmp_path / "deep" / "down")
    assert {file.name for file in (tmp_path / "deep" / "down").iterdir()} == RESULT_FILES
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]


def test_images_keep_grid_values_and_phase_duration(a_result: Result, tmp_path: Path):
    write_results(a_result, tmp_path)
    labels = nib.load(tmp_path / "segmentation.nii.gz")
    uncertainty = nib.load(tmp_path / "uncertainty.nii.gz")
    assert np.array_equal(np.asarray(labels.dataobj).T, a_result.labels)
    np.testing.assert_allclose(np.asarray(uncertainty.dataobj).T, a_result.uncertainty, atol=0.5 / STEPS + 1e-6)
    assert labels.get_data_dtype() == np.uint8
    assert np.allclose(labels.affine, a_result.cine.affine, atol=1e-4)
    assert labels.header.get_zooms()[3] == pytest.approx(a_result.cine.period / a_result.cine.shape[0], rel=1e-5)


def test_other_files_in_the_folder_stay_and_old_results_are_replaced(a_result: Result, tmp_path: Path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "report.json").write_text("old")
    write_results(a_result, tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == RESULT_FILES | {"notes.txt"}
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert json.loads((tmp_path / "report.json").read_text())["phases"]["ED"] == 0


def test_a_failure_in_the_middle_leaves_the_old_results_whole(
    a_result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "segmentation.nii.gz").write_text("old")

    def full_disk(*_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(results_writer, "report_page", full_disk)
    with pytest.raises(InputError, match="no space left on device"):
        write_results(a_result, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["segmentation.nii.gz"]
    assert (tmp_path / "segmentation.nii.gz").read_text() == "old"


def test_two_threads_do_not_mix_their_results(tmp_path: Path):
    with staged(tmp_path / "a") as first, staged(tmp_path / "b") as second:
        (first / "one").touch()
        (second / "two").touch()
    assert [path.name for path in sorted(tmp_path.rglob("*")) if path.is_file()] == ["one", "two"]
    assert (tmp_path / "a" / "one").exists()


def test_a_name_that_the_disk_refuses_is_the_users_to_mend(tmp_path: Path):
    with pytest.raises(InputError, match="name too long"), staged(tmp_path / ("n" * 300)):
        pytest.fail("the work began")


def test_where_one_file_cannot_be_replaced_all_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As on Windows, where a program that shows a file holds it."""
    old = {"report.html": "old", "volumes.csv": "old", "chance.nii.gz": "old"}
    for name, text in old.items():
        (tmp_path / name).write_text(text)
    rename = Path.rename

    def held(self: Path, target: Path) -> Path:
        if self == tmp_path / "volumes.csv" and self.read_text() == "old":
            raise PermissionError(errno.EACCES, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(InputError, match="permission denied"), staged(tmp_path, ["chance.nii.gz"]) as staging:
        for name in ("report.html", "report.json", "volumes.csv"):
            (staging / name).write_text("new")
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == old


def test_earlier_files_that_cannot_be_put_back_are_kept_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "report.html").write_text("old")
    rename = Path.rename

    def full(self: Path, target: Path) -> Path:
        if target == tmp_path / "report.html":
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(InputError, match="copy them back") as refusal, staged(tmp_path) as staging:
        (staging / "report.html").write_text("new")
    (saved,) = tmp_path.iterdir()
    assert str(saved) in str(refusal.value) and (saved / "report.html").read_text() == "old"


def test_a_folder_that_is_a_file_is_refused_before_any_work(tmp_path: Path):
    (tmp_path / "taken").write_text("")
    for place in (tmp_path / "taken", tmp_path / "taken" / "below"):
        with pytest.raises(InputError, match="is a file"), staged(place):
            pytest.fail("the work began")


def test_a_folder_in_the_place_of_a_result_is_refused_before_anything_is_replaced(a_result: Result, tmp_path: Path):
    (tmp_path / "volumes.csv").mkdir()
    with pytest.raises(InputError, match=r"volumes\.csv"):
        write_results(a_result, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["volumes.csv"]


def test_the_report_follows_its_schema(a_result: Result, schema: dict):
    document = report_document(a_result, measure(a_result))
    jsonschema.validate(json.loads(json.dumps(document, allow_nan=False)), schema)
    # Without a clip there are no beats; of a heart without segmented obstruction, the volume alone is listed.
    elsewhere = {*names_that_need(Needs.BEATS), *names_that_need(Needs.OBSTRUCTION)} - {"MVO"}
    assert list(document["measures"]) == [row.name for row in CATALOGUE if row.name not in elsewhere]
    assert [segment["number"] for segment in document["wall"]] == list(range(1, 18))
    assert len(document["curves"]["time_ms"]) == len(document["curves"]["LV_mL"]) == a_result.labels.shape[0]
    assert document["provenance"]["seeds"] == [{"phase": 0, "slice": 3}]
    assert document["provenance"]["terms"] == "for anyone"


def test_reference_ranges_and_beats_follow_the_schema(a_result: Result, schema: dict):
    document = report_document(a_result, measure(a_result, subject=Subject("F", 44, 165, 60)))
    jsonschema.validate(json.loads(json.dumps(document, allow_nan=False)), schema)
    assert document["normal"]["ranges"]["LVEF"]["verdict_text"]
    assert document["subject"]["age_years"] == 44 and document["grade"]["source"].startswith("2021 ESC")
    video = replace(a_result.cine, array=a_result.cine.array[:, 3:4], source=Source(kind="video"))
    clip = report_document(a_result, measure(a_result.labels[:, 3:4], video))
    jsonschema.validate(json.loads(json.dumps(clip, allow_nan=False)), schema)
    assert clip["beats"]


def test_the_schema_refuses_a_missing_value_without_a_reason(a_result: Result, schema: dict):
    document = report_document(a_result, measure(a_result))
    document["measures"]["MVO"]["reason"] = None
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_an_empty_segmentation_still_has_a_valid_report(a_result: Result, schema: dict, tmp_path: Path):
    empty = replace(a_result, labels=np.zeros_like(a_result.labels))
    write_results(empty, tmp_path)
    document = json.loads((tmp_path / "report.json").read_text())
    jsonschema.validate(document, schema)
    assert document["phases"] == {"ED": None, "ES": None}
    assert "not known" in (tmp_path / "report.html").read_text()


def test_two_phases_and_one_slice_have_a_report(a_result: Result, tmp_path: Path):
    cine = a_result.cine
    small = Result(
        replace(cine, array=cine.array[:2, 3:4], times=cine.times[:2]),
        a_result.labels[:2, 3:4],
        a_result.uncertainty[:2, 3:4],
        a_result.slice_scores[:2, 3:4],
        a_result.seeds[:2, 3:4],
    )
    write_results(small, tmp_path)
    assert json.loads((tmp_path / "report.json").read_text())["measures"]["LVEF"]["reason"]


def test_generic_structures_have_a_curve_a_contour_and_a_colour(a_result: Result, tmp_path: Path):
    labels = a_result.labels.copy()
    labels[labels == 1] = 9
    write_results(replace(a_result, labels=labels), tmp_path)
    assert "structure 9_mL" in (tmp_path / "volumes.csv").read_text().splitlines()[0]
    page = (tmp_path / "report.html").read_text()
    assert 'id="contours-9"' in page
    assert "structure 9</span>" in page


def test_the_table_has_a_row_per_phase_and_empty_cells_where_nothing_is_labelled(a_result: Result):
    labels = a_result.labels.copy()
    labels[2] = 0
    rows = list(csv.DictReader(StringIO(volumes_csv(measure(labels, a_result.cine)))))
    assert list(rows[0]) == ["phase", "time_ms", "RV_mL", "Myo_mL", "LV_mL"]
    assert len(rows) == len(labels)
    assert rows[2]["LV_mL"] == ""
    assert float(rows[0]["LV_mL"]) == pytest.approx(measure(a_result)["LVEDV"].value, abs=1e-3)


def test_the_page_needs_no_network(a_page: str):
    links = Links()
    links.feed(a_page)
    assert links.addresses
    assert all(address.startswith(("data:", "#")) for address in links.addresses)
    assert "<script" not in a_page
    assert not re.search(r"url\((?!#)|@import", a_page)


def test_the_page_says_what_it_must(a_page: str, a_result: Result):
    assert "Not a medical device" in a_page
    assert "for anyone" in a_page
    assert f"{measure(a_result)['LVEF'].value:.1f} <small>%" in a_page
    assert "slice 1 at phase 6 (90 %)" in a_page


def test_the_page_escapes_what_comes_from_files(a_result: Result):
    nasty = replace(a_result, provenance={"notes": ["<script>alert(1)</script>"], "terms": "<script>"})
    page = report_page(nasty, measure(a_result))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_paths_and_free_text_that_may_name_the_patient_stay_out(a_result: Result):
    source = Source(path="/scans/DOE^JANE", kind="dicom", description={"patient": "DOE^JANE"}, files=(("DOE^JANE",),))
    named = replace(a_result, cine=replace(a_result.cine, source=source))
    assert "DOE^JANE" not in report_page(named, measure(named))
    assert "DOE^JANE" not in json.dumps(report_document(named, measure(named)))


def test_the_contact_sheet_shows_the_pictures_and_marks_the_drawn_slice(a_result: Result):
    svg = svg_of(contact_sheet(a_result, measure(a_result)))
    data = re.findall(r"data:image/png;base64,\s*([A-Za-z0-9+/=\s]+)", svg)
    images = [matplotlib.image.imread(BytesIO(base64.b64decode(text))) for text in data]
    assert max(image[..., :3].std() for image in images) > 0.1
    assert all(f">slice {z + 1}<" in svg for z in range(a_result.labels.shape[1]))
    assert "phase 1 · ED" in svg
    assert len(re.findall(r"stroke: #ffffff", svg)) == int(a_result.seeds.sum())


def test_phases_are_spread_evenly_and_ed_and_es_are_always_shown():
    assert pick(6, 8) == [0, 1, 2, 3, 4, 5]
    assert pick(25, 8) == [0, 3, 6, 9, 12, 16, 19, 22]
    shown = pick(30, 8, keep=(29, 11))
    assert len(shown) == 8
    assert {29, 11} <= set(shown)
    assert shown == sorted(set(shown))


def test_the_window_holds_every_label_and_is_square_in_mm():
    labels = np.zeros((2, 2, 100, 100), np.uint8)
    labels[0, 1, 40:60, 30:35] = 3
    labels[1, 0, 45:50, 33:60] = 1
    rows, columns = heart_window(labels, (2.0, 1.0))
    assert rows.start <= 40 < 60 <= rows.stop
    assert columns.start <= 30 < 60 <= columns.stop
    assert (rows.stop - rows.start) * 2 == pytest.approx(columns.stop - columns.start, abs=2)


def test_the_window_stays_inside_the_picture():
    labels = np.zeros((1, 1, 64, 48), np.uint8)
    labels[..., :5, 40:] = 2
    rows, columns = heart_window(labels, (1.0, 1.0))
    assert 0 <= rows.start < rows.stop <= 64
    assert 0 <= columns.start < columns.stop <= 48


def test_the_mosaic_puts_phases_across_and_slices_down():
    tiles = np.arange(6, dtype=np.float32).reshape(2, 3, 1, 1).repeat(4, axis=2).repeat(5, axis=3)
    image = mosaic(tiles)
    assert image.shape == (3 * 6 - 2, 2 * 7 - 2)
    assert (image[0, 0], image[6, 0], image[0, 7]) == (0, 1, 3)
    assert np.isnan(image[4, 0])


def test_where_to_look_names_the_worst_phase_of_the_worst_slices_but_not_what_was_drawn():
    scores = np.array([[0.1, 0.9, 0.7], [0.5, 0.0, 0.2]], np.float32)
    seeds = np.array([[False, True, False], [False, False, False]])
    assert worst(scores, seeds, 3) == [(0, 2, pytest.approx(0.7)), (1, 0, 0.5)]
    assert worst(scores, seeds, 1) == [(0, 2, pytest.approx(0.7))]

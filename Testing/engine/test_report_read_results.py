"""Folders of results read back: onto a cine, without one, and the measures alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from export_case import obstructed
from tiny_network import a_cine, heart_slice

from medvos.cine.cine import Source
from medvos.cine.fractions import STEPS
from medvos.cine.write import write_nifti
from medvos.errors import InputError
from medvos.measure.measure import measure
from medvos.measure.measures import Measures
from medvos.measure.subject import Subject, stating
from medvos.measure.verdict import verdict_text
from medvos.report.document import measures_document
from medvos.report.read_results import CHANGED, read_result, stored_measures, stored_result, written_measures
from medvos.report.write_results import write_results
from medvos.result import Result
from medvos.structures import LA, LV, MVO, MYO

CINE = a_cine(4, 3)


@pytest.fixture
def a_tiny_result() -> Result:
    rng = np.random.default_rng(0)
    labels = np.broadcast_to(heart_slice(), CINE.shape).copy()
    labels[2] = np.roll(labels[2], 4, 1)
    seeds = np.zeros((4, 3), bool)
    seeds[1, 2] = seeds[3, 0] = True
    scores = rng.random((4, 3)).astype(np.float32)
    return Result(CINE, labels, rng.random(CINE.shape, np.float32), scores, seeds, {"model": "tiny"})


def test_a_tiny_result_comes_back_as_it_was_written(a_tiny_result, tmp_path):
    write_results(a_tiny_result, tmp_path)
    back = read_result(tmp_path, CINE)
    np.testing.assert_array_equal(back.labels, a_tiny_result.labels)
    np.testing.assert_array_equal(back.seeds, a_tiny_result.seeds)
    np.testing.assert_allclose(back.uncertainty, a_tiny_result.uncertainty, atol=0.5 / STEPS + 1e-6)
    np.testing.assert_allclose(back.slice_scores, a_tiny_result.slice_scores, atol=1e-4)
    assert back.provenance["model"] == "tiny"


def test_a_result_that_is_measured_again_keeps_the_facts_of_the_person(a_tiny_result, tmp_path):
    facts = {"sex": "F", "age_years": 44, "height_cm": 168.0, "weight_kg": 61.0, "heart_rate": 60.0}
    known = replace(CINE, source=replace(CINE.source, **facts))
    write_results(replace(a_tiny_result, cine=known), tmp_path)
    again, stated = measure(stored_result(tmp_path)), stored_measures(tmp_path)
    assert again.subject == stated.subject == Subject(**facts)
    assert again.normal.keys() == stated.normal.keys() and again.normal


def test_what_the_user_stated_of_the_person_comes_back_as_the_user_s(a_tiny_result, tmp_path):
    told = stating(a_tiny_result.cine, Subject(heart_rate=75.0, known_shunt=True))
    write_results(replace(a_tiny_result, cine=told), tmp_path)
    source = stored_result(tmp_path).cine.source
    assert source.heart_rate == 75.0 and source.rate_given and source.known_shunt


def test_a_report_of_an_earlier_version_has_no_verdict_that_nobody_checked(a_tiny_result, tmp_path):
    known = replace(CINE, source=replace(CINE.source, sex="F", age_years=44))
    write_results(replace(a_tiny_result, cine=known), tmp_path)
    document = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    for name in ("held", "grade", "verdicts", "subject", "papillary"):
        del document[name]
    for stated in document["measures"].values():
        del stated["unreliable"]
    for segment in document["wall"]:
        del segment["unreliable"]
    for stated in document["normal"]["ranges"].values():
        del stated["verdict_text"]
        stated["verdict"] = "low?"
    (tmp_path / "report.json").write_text(json.dumps(document), encoding="utf-8")
    measures = stored_measures(tmp_path)
    assert measures.normal and {verdict_text(name, measures) for name in measures.normal} == {"no verdict"}
    assert any("did not check" in doubt for doubt in measures.doubts)
    assert "LVEF" not in measures or measures["LVEF"].value is None or "LVEF" in measures.held


def test_the_result_of_another_cine_is_refused(a_tiny_result, tmp_path):
    write_results(a_tiny_result, tmp_path)
    with pytest.raises(InputError, match=r"another (grid|cine)"):
        read_result(tmp_path, a_cine(4, 4))
    with pytest.raises(InputError, match=r"another (grid|cine)"):
        read_result(tmp_path, a_cine(5, 3))


@pytest.mark.parametrize("name", ["segmentation.nii.gz", "uncertainty.nii.gz", "report.json"])
def test_a_missing_or_damaged_file_is_named(a_tiny_result, tmp_path, name):
    write_results(a_tiny_result, tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:50])
    with pytest.raises(InputError, match=name):
        read_result(tmp_path, CINE)
    (tmp_path / name).unlink()
    with pytest.raises(InputError, match=f"has no {name}"):
        read_result(tmp_path, CINE)


@pytest.fixture
def folder(a_result: Result, tmp_path: Path) -> Path:
    write_results(a_result, tmp_path / "result")
    return tmp_path / "result"


def test_everything_but_the_pictures_comes_back(a_result: Result, folder: Path):
    result = stored_result(folder)
    np.testing.assert_array_equal(result.labels, a_result.labels)
    np.testing.assert_allclose(result.uncertainty, a_result.uncertainty, atol=0.5 / STEPS + 1e-6)
    np.testing.assert_array_equal(result.seeds, a_result.seeds)
    np.testing.assert_allclose(result.cine.affine, a_result.cine.affine, atol=1e-4)
    np.testing.assert_allclose(result.cine.times, a_result.cine.times, atol=1e-3)
    assert result.cine.source.kind == a_result.cine.source.kind and result.provenance["model"] == "cstm"
    assert result.cine.array.shape == a_result.cine.shape and not result.cine.array.any()


def test_its_measures_are_those_of_the_report(folder: Path):
    stated = json.loads((folder / "report.json").read_text())["measures"]
    for name, one in measure(stored_result(folder)).items():
        assert (one.value is None) == (stated[name]["value"] is None)
        assert one.value is None or one.value == pytest.approx(stated[name]["value"], rel=1e-4)
        assert (one.interval or ()) == pytest.approx(tuple(stated[name]["interval"] or ()), rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("name", ["segmentation.nii.gz", "uncertainty.nii.gz", "report.json"])
def test_a_folder_without_one_of_its_files_is_refused(name: str, folder: Path):
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"result has no {name}"):
        stored_result(folder)


def test_the_folder_in_which_the_user_stands_is_named_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "somewhere").mkdir()
    monkeypatch.chdir(tmp_path / "somewhere")
    for place in (Path(), Path("..") / "somewhere"):
        with pytest.raises(InputError, match=r"^somewhere has no segmentation"):
            stored_result(place)
        with pytest.raises(InputError, match=r"^somewhere has no report"):
            stored_measures(place)


def test_a_report_of_another_cine_is_refused(folder: Path):
    report = json.loads((folder / "report.json").read_text())
    report["curves"]["time_ms"].append(1e4)
    (folder / "report.json").write_text(json.dumps(report))
    with pytest.raises(InputError, match="of different cines"):
        stored_result(folder)


def test_a_damaged_report_of_a_result_is_refused(folder: Path):
    (folder / "report.json").write_text('{"curves": ')
    with pytest.raises(InputError, match=r"report\.json cannot be read"):
        stored_result(folder)


def test_all_that_was_stated_comes_back(a_result: Result, tmp_path: Path):
    stated = measures_document(measure(a_result, subject=Subject("F", 44, 165, 60)))
    (tmp_path / "report.json").write_text(json.dumps(stated))
    restored = stored_measures(tmp_path)
    assert measures_document(restored) == stated
    assert verdict_text("LVEF", restored) == stated["normal"]["ranges"]["LVEF"]["verdict_text"]
    assert restored.subject == Subject("F", 44, 165, 60, heart_rate=restored.subject.heart_rate)


def test_a_wall_that_an_earlier_version_called_unreliable_is_so_at_both_phases(a_result: Result, tmp_path: Path):
    stated = measures_document(measure(a_result))
    for segment in stated["wall"]:
        del segment["unreliable_ed"], segment["unreliable_es"]
    stated["wall"][0]["unreliable"] = True
    (tmp_path / "report.json").write_text(json.dumps(stated))
    first, second = stored_measures(tmp_path).wall[:2]
    assert first.unreliable_ed and first.unreliable_es and not second.unreliable


def test_a_phase_without_labels_is_no_number(a_result: Result, tmp_path: Path):
    labels = a_result.labels.copy()
    labels[2] = 0
    (tmp_path / "report.json").write_text(json.dumps(measures_document(measure(labels, a_result.cine))))
    curve = stored_measures(tmp_path).volumes_ml["LV"]
    assert np.isnan(curve[2]) and np.isfinite(curve[[0, 1, 3]]).all()


def test_the_curve_of_a_clip_in_percent_is_not_taken_for_millilitres(a_result: Result, tmp_path: Path):
    video = replace(a_result.cine, array=a_result.cine.array[:, 3:4], source=Source(kind="video", spacing_known=False))
    stated = measures_document(measure(a_result.labels[:, 3:4], video))
    (tmp_path / "report.json").write_text(json.dumps(stated))
    restored = stored_measures(tmp_path)
    assert measures_document(restored) == stated
    assert list(restored.percent) == ["LV"] and not restored.volumes_ml


def test_beats_of_a_clip_come_back(a_result: Result, tmp_path: Path):
    stated = measures_document(measure(a_result)) | {
        "beats": [{"ed": 0, "es": 2, "edv": None, "esv": None, "ef": 51.0}]
    }
    (tmp_path / "report.json").write_text(json.dumps(stated))
    assert stored_measures(tmp_path).beats[0].ef == 51.0


def test_damaged_measures_are_refused(tmp_path: Path):
    (tmp_path / "report.json").write_text('{"measures": {}}')
    with pytest.raises(InputError, match=r"report\.json cannot be read"):
        stored_measures(tmp_path)


def test_obstruction_comes_back_segment_by_segment(a_result: Result, tmp_path: Path):
    stated = measures_document(measure(obstructed(a_result)))
    (tmp_path / "report.json").write_text(json.dumps(stated))
    assert stated["obstructed"] and measures_document(stored_measures(tmp_path)) == stated


def relabelled(result: Result, folder: Path, was: int, now: int) -> Measures:
    """Measures of a folder of the result in whose segmentation one label is, in part, another afterwards."""
    write_results(result, folder)
    assert written_measures(folder, stored_result(folder)).doubts == stored_measures(folder).doubts
    labels = result.labels.copy()
    part = labels[:, :, ::2]
    part[part == was] = now
    assert (labels != result.labels).any()
    write_nifti(folder / "segmentation.nii.gz", labels, result.cine, labels=True)
    return written_measures(folder, stored_result(folder))


def test_contours_that_were_changed_are_measured_anew(a_result: Result, tmp_path: Path):
    assert CHANGED.sentence in relabelled(a_result, tmp_path / "result", LV, MYO).doubts


def test_obstruction_that_was_changed_is_measured_anew(a_result: Result, tmp_path: Path):
    case = obstructed(a_result)
    before = measure(case)["MVO"].value
    after = relabelled(case, tmp_path / "result", MVO, MYO)
    assert CHANGED.sentence in after.doubts and after["MVO"].value < before


@pytest.mark.parametrize(("was", "now"), [(LV, 0), (LA, 0)])
def test_a_clip_without_pixel_size_that_was_changed_is_measured_anew(
    a_result: Result, tmp_path: Path, was: int, now: int
):
    video = replace(a_result.cine, array=a_result.cine.array[:, 3:4], source=Source(kind="video", spacing_known=False))
    labels = a_result.labels[:, 3:4].copy()
    labels[:, :, :6, :6] = LA
    of_clip = {"uncertainty": a_result.uncertainty[:, 3:4], "slice_scores": a_result.slice_scores[:, 3:4]}
    clip = Result(video, labels, seeds=a_result.seeds[:, 3:4], provenance={}, **of_clip)
    assert CHANGED.sentence in relabelled(clip, tmp_path / "result", was, now).doubts


def test_one_phase_is_not_taken_for_changed(a_tiny_result: Result, tmp_path: Path):
    of_one = {name: getattr(a_tiny_result, name)[:1] for name in ("labels", "uncertainty", "slice_scores", "seeds")}
    one = replace(a_tiny_result, cine=replace(CINE, array=CINE.array[:1], times=CINE.times[:1]), **of_one)
    write_results(one, tmp_path)
    assert CHANGED.sentence not in written_measures(tmp_path, read_result(tmp_path, one.cine)).doubts


def test_a_report_without_a_digest_is_compared_by_its_curves(a_result: Result, folder: Path):
    document = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    del document["labels_sha256"]
    (folder / "report.json").write_text(json.dumps(document), encoding="utf-8")
    assert CHANGED.sentence not in written_measures(folder, stored_result(folder)).doubts
    labels = np.where(a_result.labels == LV, MYO, a_result.labels)
    write_nifti(folder / "segmentation.nii.gz", labels, a_result.cine, labels=True)
    assert CHANGED.sentence in written_measures(folder, stored_result(folder)).doubts

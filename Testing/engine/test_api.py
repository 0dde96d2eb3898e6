"""The functions of the package, whose examples are run, and what they say to a wrong argument."""

from __future__ import annotations

import doctest
import importlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_network import a_network, store_network

import medvos
from medvos.cine.write import write_nifti
from medvos.measure.subject import Subject, stating
from medvos.result import Result
from medvos.synth.heart import SyntheticHeart

HEAVY = ("torch", "scipy", "matplotlib", "nibabel", "pydicom", "skimage", "pandas")
DOCUMENTED = ("medvos", "medvos.api.segmenting", "medvos.api.results", "medvos.measure.measures")
WITHOUT_FILES = (
    "medvos.packages",
    "medvos.notebook",
    "medvos.cine.fractions",
    "medvos.progress",
    "medvos.cli.threads",
)


@pytest.fixture
def folder(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    a_heart: SyntheticHeart,
    a_result: Result,
) -> Path:
    """A working directory with ``cine.nii.gz``, ``seed.nii.gz``, ``truth.nii.gz`` and the folder ``results``."""
    drawn = np.zeros_like(a_heart.labels)
    drawn[0, 3] = a_heart.labels[0, 3]
    write_nifti(tmp_path / "cine.nii.gz", a_heart.cine.array, a_heart.cine)
    write_nifti(tmp_path / "seed.nii.gz", drawn, a_heart.cine, labels=True)
    write_nifti(tmp_path / "truth.nii.gz", a_heart.labels, a_heart.cine, labels=True)
    medvos.write_results(a_result, tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def failures_of(module: str, names: set[str] | None = None) -> int:
    """Run the examples of a module, or those of some of its functions."""
    loaded = importlib.import_module(module)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for test in doctest.DocTestFinder().find(loaded, extraglobs={"medvos": medvos, "np": np}):
        if test.examples and (names is None or test.name.rpartition(".")[2] in names):
            runner.run(test)
    assert runner.summarize().attempted
    return runner.summarize().failed


@pytest.mark.parametrize("module", WITHOUT_FILES)
def test_small_examples_are_true(module: str):
    assert failures_of(module) == 0


@pytest.mark.parametrize("module", DOCUMENTED)
def test_the_examples_of_the_package_run_as_they_stand(folder: Path, module: str):
    assert failures_of(module) == 0


def test_the_package_opens_without_anything_heavy_and_its_functions_stay_functions(environment: dict[str, str]):
    code = (
        "import sys, medvos; print(*sys.modules)\n"
        "import medvos.report.page, medvos.export.stl, medvos.evaluate.compare, medvos.measure.wall\n"
        "assert all(map(callable, (medvos.report, medvos.export, medvos.evaluate, medvos.measure)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert not set(HEAVY) & set(run.stdout.split())


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (
            lambda: medvos.propagate(np.zeros((2, 2, 9, 9)), "seed.nii.gz"),
            r"not the type ndarray: .*medvos\.read\(path\)",
        ),
        (lambda: medvos.propagate("cine.nii.gz", np.zeros((6, 6, 80, 80))), r"medvos\.seed_from_array\(labels, cine"),
        (lambda: medvos.propagate("cine.nii.gz", None), r"and not None: make the seed"),
        (lambda: medvos.export(None, "stl", "out"), r"medvos\.read_results reads one"),
        (
            lambda: medvos.report(3, "report.html"),
            r"medvos\.report takes a Result or the folder of one, and not the type int",
        ),
        (lambda: medvos.measure(np.zeros((2, 2, 9, 9), np.uint8)), r"measure\(labels, cine\)"),
    ],
)
def test_a_wrong_argument_is_answered_with_the_function_that_makes_the_right_one(folder: Path, call, named: str):
    with pytest.raises(TypeError, match=named):
        call()


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: medvos.export("results", "obj", "out"), "no export to 'obj': choose dicom-seg"),
        (lambda: medvos.report("results", "report.docx"), r"\.pdf nor \.html"),
        (lambda: medvos.read_results("nowhere"), "nowhere has no segmentation.nii.gz"),
        (lambda: medvos.propagate("cine.nii", "seed.nii.gz"), "cine.nii does not exist"),
        (lambda: medvos.evaluate("results", "truth.nii.gz", structures="LA"), "no structure 'LA'"),
        (lambda: medvos.segment("cine.nii.gz", model="mvo"), "needs the segmented heart"),
        (lambda: medvos.segment("cine.nii.gz", model="echo-lv"), "choose the model vivim"),
    ],
)
def test_a_wrong_input_is_one_sentence(folder: Path, call, named: str):
    with pytest.raises(medvos.InputError, match=named):
        call()


def test_paths_and_objects_give_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / "models").mkdir()
    store_network(folder / "models", a_network())
    monkeypatch.setenv("MEDVOS_MODELS", str(folder / "models"))
    cine = medvos.read("cine.nii.gz")
    by_path = medvos.propagate("cine.nii.gz", Path("seed.nii.gz"), model="tiny", device="cpu")
    by_object = medvos.propagate(cine, medvos.read_seed("seed.nii.gz", cine), model="tiny", device="cpu")
    np.testing.assert_array_equal(by_path.labels, by_object.labels)
    medvos.write_results(by_path, "first")
    again = medvos.propagate(cine, "seed.nii.gz", model="tiny", device="cpu", previous=Path("first"))
    np.testing.assert_array_equal(again.labels, by_path.labels)
    stated = replace(by_path, cine=stating(cine, Subject(sex="F", heart_rate=72.0)))
    again = medvos.propagate("cine.nii.gz", "seed.nii.gz", model="tiny", device="cpu", previous=stated)
    assert again.cine.source.sex == "F" and again.cine.source.heart_rate == 72.0
    assert medvos.read_results("first", cine).cine.array is cine.array
    assert medvos.measure(medvos.read_results("results"))["LVEF"].value == pytest.approx(
        medvos.measure("results")["LVEF"].value
    )


def test_a_report_of_a_folder_has_the_measures_that_are_written_there(folder: Path):
    path = folder / "results" / "report.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["measures"]["LVEF"]["interval"] = [1.0, 99.0]
    path.write_text(json.dumps(document), encoding="utf-8")
    assert medvos.report("results", "report.html")["LVEF"].interval == (1.0, 99.0)
    assert medvos.report("results", "report.html", ed=0)["LVEF"].interval != (1.0, 99.0)


def test_a_report_of_a_folder_whose_labels_were_changed_is_measured_anew_and_says_so(folder: Path):
    result = medvos.read_results("results")
    labels = result.labels.copy()
    labels[:, 2][labels[:, 2] == 3] = 2
    write_nifti(folder / "results" / "segmentation.nii.gz", labels, result.cine, labels=True)
    measures = medvos.report("results", "report.html")
    assert measures["LVEDV"].value == pytest.approx(medvos.measure(labels, result.cine)["LVEDV"].value)
    assert any("was changed after report.json" in doubt for doubt in measures.doubts)
    assert "was changed after report.json" in Path("report.html").read_text(encoding="utf-8")


def test_short_forms_are_one_line_and_without_arrays(folder: Path, a_result: Result):
    measures = medvos.measure(a_result)
    seed = medvos.read_seed("seed.nii.gz", a_result.cine)
    assert repr(a_result.cine).startswith("Cine(synthetic, 6 phases x 6 slices x 80 x 80, spacing 16.00 x 3.00 x 3.00")
    assert repr(seed) == "Seed(slice 3 at phase 0, counted from 0; labels 1, 2, 3)"
    assert repr(a_result) == "Result(RV, Myo, LV; 6 phases x 6 slices, 1 drawn; model cstm)"
    assert repr(measures).startswith("Measures(LVEDV ") and "LVEF" in repr(measures)
    assert all("\n" not in repr(one) and len(repr(one)) < 160 for one in (a_result, a_result.cine, seed, measures))


def test_notebooks_show_the_curve_and_the_measures(a_result: Result):
    measures = medvos.measure(a_result)
    for html in (measures._repr_html_(), a_result._repr_html_()):
        assert html.count("<polyline") == 3 and "<table>" in html
    assert "LVEF" in measures._repr_html_() and ">ES<" in measures._repr_html_()


def test_a_table_of_measures_has_units_and_both_ends(a_result: Result):
    measures = medvos.measure(a_result)
    stated = measures.to_dict()["LVEF"]
    assert stated["value"] == measures["LVEF"].value and stated["unit"] == "%"
    pytest.importorskip("pandas")
    frame = measures.to_frame()
    assert list(frame.index) == list(measures) and frame.index.name == "measure"
    row = frame.loc["LVEF"]
    assert (row.low, row.high) == measures["LVEF"].interval and row.unit == "%"


def test_without_pandas_the_table_says_how_to_get_it(a_result: Result, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(medvos.InputError, match=re.escape("pip install 'pandas>=2.2'")):
        medvos.measure(a_result).to_frame()


@pytest.mark.skipif(os.name == "nt", reason="the marker is read by type checkers, alike on every system")
def test_type_checkers_find_the_types():
    assert (Path(medvos.__file__).parent / "py.typed").is_file()

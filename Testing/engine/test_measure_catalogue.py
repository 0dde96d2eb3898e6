from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from html import escape
from importlib.resources import files
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from export_case import a_patient, a_result_of, numbers
from rich.console import Console

from medvos.cine.cine import Cine, Source
from medvos.cine.read import read
from medvos.cli.terminal_tables import measures_table
from medvos.cohort.agreement import agreements
from medvos.cohort.record import Record, Status
from medvos.cohort.summary_csv import cohort_csv
from medvos.export.images import source_images
from medvos.export.structured_report import report_of
from medvos.measure.catalogue import (
    BY_NAME,
    CATALOGUE,
    HEADLINES,
    PER_AREA,
    RANKED,
    Needs,
    in_order,
    names_that_need,
    row_of,
)
from medvos.measure.measure import measure
from medvos.measure.measures import Measure
from medvos.measure.reference import _table
from medvos.measure.subject import Subject
from medvos.report.document import measures_document
from medvos.report.page import report_page
from medvos.result import Result
from medvos.structures import LV, MVO, MYO, RV

ROOT = Path(__file__).resolve().parents[2]


def a_heart(kind: str = "array", slices: int = 3) -> tuple[np.ndarray, Cine]:
    """A beating heart of boxes, and its cine."""
    labels = np.zeros((20, slices, 32, 32), np.uint8)
    for t in range(20):
        half = 6 + round(2 * np.cos(2 * np.pi * t / 20))
        labels[t, :, 4:28, 4:28] = MYO
        labels[t, :, 16 - half : 16 + half, 16 - half : 16 + half] = LV
        labels[t, :, 10:22, :3] = RV
    times = np.arange(20) * 40.0
    grid = np.broadcast_to(np.float32(0), labels.shape)
    return labels, Cine(grid, np.diag([1.0, 1.0, 8.0, 1.0]), times, 800.0, Source(kind=kind, heart_rate=75.0))


def test_names_are_unique_and_so_are_ranks():
    ranks = [row.rank for row in CATALOGUE if row.rank is not None]
    assert len(BY_NAME) == len(CATALOGUE)
    assert sorted(ranks) == list(range(1, len(ranks) + 1))


def test_the_ejection_fraction_comes_first_in_every_short_list():
    assert RANKED[:7] == ("LVEF", "LVEDV", "LVESV", "LVM", "RVEF", "RVEDV", "RVESV")
    assert "RVESV" not in RANKED[:HEADLINES]


def test_codes_are_unique():
    codes = [row.code for row in CATALOGUE]
    assert len({code[:2] for code in codes}) == len(codes)


def test_a_measure_per_area_has_the_unit_and_the_phases_of_its_measure():
    for name, of in PER_AREA.items():
        assert BY_NAME[name].unit == f"{BY_NAME[of].unit}/m²"
        assert BY_NAME[name].phases == BY_NAME[of].phases
        assert BY_NAME[name].needs is Needs.BODY_SIZE


@pytest.mark.parametrize("kind", ["array", "video"])
def test_every_measure_of_a_heart_is_in_the_catalogue_with_its_unit_and_in_its_order(kind: str):
    labels, cine = a_heart(kind, slices=1 if kind == "video" else 3)
    measures = measure(labels, cine)
    assert list(measures) == list(in_order(measures))
    assert all(one.unit == BY_NAME[name].unit for name, one in measures.items())


def test_a_stack_has_all_measures_but_those_of_obstruction_and_of_beats():
    assert set(measure(*a_heart())) == set(BY_NAME) - {"MVOM", "HR", "LAA"}


def test_obstruction_adds_its_share_of_the_mass_beside_its_volume():
    labels, cine = a_heart()
    labels[:, :, 5:7, 5:7] = MVO
    names = list(measure(labels, cine))
    assert names == [row.name for row in CATALOGUE if row.needs is not Needs.BEATS]


def test_a_clip_without_an_atrium_has_all_measures_but_that_of_it_and_the_mass_of_obstruction():
    assert list(measure(*a_heart("video", slices=1))) == [
        row.name for row in CATALOGUE if row.name not in ("MVOM", "LAA")
    ]


def test_what_needs_the_labels_alone_is_known_without_anything_else():
    labels, cine = a_heart()
    bare = Cine(cine.array, cine.affine, cine.times, cine.period)
    measures = measure(labels, bare)
    known = {name for name, one in measures.items() if one.value is not None}
    assert known == set(names_that_need(Needs.LABELS))


def test_every_measure_of_a_stack_has_an_interval_or_is_of_a_kind_that_has_none(a_result: Result):
    """Add samples of a new measure to ``from_volumes`` of ``medvos/measure/function.py`` where this fails."""
    measures = measure(a_result, subject=Subject("F", 50, 165.0, 60.0, 70.0), wall=False)
    of_stacks = names_that_need(Needs.LABELS, Needs.HEART_RATE, Needs.BODY_SIZE)
    assert {name for name, one in measures.items() if one.interval is not None} == set(of_stacks)
    assert all(measures[name].reason for name in measures if name not in of_stacks)


def test_reference_ranges_are_of_measures_of_the_catalogue():
    assert {name for ages in _table().values() for ranges in ages.values() for name in ranges} <= set(BY_NAME)


def test_agreement_is_computed_of_every_ranked_measure():
    compared = {row.name: {"prediction": 1.0, "truth": 2.0, "unit": row.unit} for row in CATALOGUE}
    found = agreements([Record("a", Status.FINISHED, compared=compared)])
    assert tuple(one.name for one in found) == RANKED


def test_every_measure_reaches_report_tables_and_dicom(tmp_path: Path):
    """A row of the catalogue is enough for a measure to be shown and exported everywhere."""
    cine = read(a_patient(tmp_path / "patient"))
    result = a_result_of(cine)
    by_name = {row.name: Measure(1.0, row.unit, (0.5, 1.5)) for row in CATALOGUE}
    measures = replace(measure(result), by_name=by_name)
    assert list(measures_document(measures)["measures"]) == list(BY_NAME)
    page, console = report_page(result, measures), Console(width=200, file=StringIO())
    console.print(measures_table(measures))
    report = report_of(result, measures, source_images(cine))
    report.save_as(tmp_path / "measurements.dcm")
    stated = {
        item.ConceptNameCodeSequence[0][0x0008, 0x0100].value
        for item in numbers(tmp_path / "measurements.dcm").values()
    }
    for row in CATALOGUE:
        assert escape(row.long_name) in page
        assert f"{1:.{row.decimals}f} {row.unit}" in page
        assert row.name in console.file.getvalue()
        assert row.code.value in stated
    record = Record("a", Status.FINISHED, measures=measures_document(measures)["measures"])
    assert cohort_csv([record]).count("_low") == len(CATALOGUE)


def test_a_name_of_another_version_has_a_bare_row():
    row = row_of("LATER")
    assert (row.long_name, row.unit, row.decimals, row.code.scheme) == ("LATER", "", 1, "99MEDVOS")


def test_the_schema_states_the_measures_of_the_catalogue():
    """Run ``python Utilities/write_schema.py`` where this fails."""
    spec = importlib.util.spec_from_file_location("write_schema", ROOT / "Utilities" / "write_schema.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    text = (files("medvos.report") / "report.schema.json").read_text(encoding="utf-8")
    assert script.with_catalogue(text) == text
    stated = json.loads(text)["properties"]["measures"]
    assert stated["propertyNames"]["enum"] == list(BY_NAME)
    assert stated["required"] == [row.name for row in CATALOGUE if row.required]
    assert set(stated["additionalProperties"]["properties"]["unit"]["enum"]) == {row.unit for row in CATALOGUE}

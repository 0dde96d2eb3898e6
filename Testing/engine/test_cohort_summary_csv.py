from __future__ import annotations

import csv
import io

import numpy as np

from medvos.cohort.agreement import agreement
from medvos.cohort.record import Made, Record, Status, finished
from medvos.cohort.summary_csv import agreement_csv, cohort_csv

EF = {"value": 55.12345, "unit": "%", "interval": [50.0, 60.0], "reason": None}
CO = {"value": None, "unit": "L/min", "interval": None, "reason": "the cine does not state the heart rate"}
RECORDS = [
    Record("a", Status.FAILED, "The seed, alas, is empty.", 2.0, 300.0),
    Record("b", Status.FINISHED, None, 12.3456, 900.0, {"LVEF": EF, "CO": CO},
           {"LVEF": {"prediction": 55.0, "truth": 57.0, "unit": "%"}}),
    Record("c", Status.NOT_RUN),
]  # fmt: skip


def test_each_case_is_a_row_with_its_fate_cost_and_measures():
    a, b, c = csv.DictReader(io.StringIO(cohort_csv(RECORDS)))
    assert (a["case"], a["status"], a["reason"]) == ("a", "failed", "The seed, alas, is empty.")
    assert (b["seconds"], b["peak_MB"]) == ("12.346", "900.0")
    assert (b["LVEF_percent"], b["LVEF_percent_low"], b["LVEF_percent_high"]) == ("55.123", "50.0", "60.0")
    assert (b["LVEF_percent_found"], b["LVEF_percent_true"], b["CO_L/min"]) == ("55.0", "57.0", "")
    assert c["status"] == "not run"
    assert a["LVEF_percent"] == c["LVEF_percent"] == ""


def test_a_row_names_model_phases_and_grade_before_its_measures_and_long_doubts_last():
    report = {
        "measures": {"LVEF": EF},
        "doubts": ["The LVSV is twice the RVSV."],
        "phases": {"ED": 0, "ES": 9},
        "grade": {"possible": ["mildly reduced", "preserved"]},
        "provenance": {"model": "some-weights", "doubts": []},
    }
    text = cohort_csv([RECORDS[0], finished("d", Made(None, 9.0, 800.0), report)])
    columns = text.splitlines()[0].split(",")
    assert columns[-1] == "doubts" and columns.index("LVEF_grade") < columns.index("LVEF_percent")
    failed, done = csv.DictReader(io.StringIO(text))
    assert (done["model"], done["ED_phase"], done["ES_phase"]) == ("some-weights", "0", "9")
    assert (done["LVEF_grade"], done["doubts"]) == ("mildly reduced or preserved", "The LVSV is twice the RVSV.")
    assert failed["LVEF_grade"] == failed["ED_phase"] == failed["model"] == ""


def test_units_in_the_names_of_columns_are_plain_text():
    indexed = {"LVEDVI": {"value": 80.0, "unit": "mL/m²", "interval": None}}
    assert "LVEDVI_mL/m2" in cohort_csv([Record("a", Status.FINISHED, measures=indexed)])


def test_agreement_has_a_row_for_each_measure():
    found = agreement("LVEF", "%", ("a", "b", "c"), np.array([50.0, 52, 51]), np.array([50.0, 50, 50]))
    (row,) = csv.DictReader(io.StringIO(agreement_csv([found])))
    assert (row["measure"], row["cases"], row["bias"], row["pearson_r"]) == ("LVEF", "3", "1.0", "")
    assert float(row["limit_low"]) < 1 < float(row["limit_high"])

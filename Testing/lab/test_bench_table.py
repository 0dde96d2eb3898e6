from __future__ import annotations

import csv
import io
import math
from dataclasses import replace

import numpy as np
import pytest

from medvos.evaluate.metrics import reliability
from medvos_lab.bench.output import markdown_table, to_csv
from medvos_lab.bench.score import CaseScores, JudgedVolumes, StructureScore
from medvos_lab.bench.table import GROUPS, case_row, summarise, to_markdown


def a_score(name: str, dice_ed: float, dice_es: float, hd95: float, ef: float, **more) -> CaseScores:
    rows = [
        StructureScore(structure, phase, region, value, hd95, spurious=1, missed=0, slices=5)
        for structure in ("LV", "Myo")
        for phase, value in (("ED", dice_ed), ("ES", dice_es))
        for region in ("whole", "base")
    ]
    volumes = {"LV": (JudgedVolumes(100, 100 - ef), JudgedVolumes(100, 40))}
    overlap = more.pop("slice_dice", np.array([[0.9, 0.5]]))
    return CaseScores(name, "N", "m", 2.0, tuple(rows), volumes, overlap, more.pop("scores", None), more.pop("r", None))


def test_dice_is_averaged_over_phases_and_cases():
    row = summarise([a_score("a", 0.9, 0.8, 2.0, 60), a_score("b", 0.7, 0.6, 4.0, 50)])
    assert row["cases"] == 2
    assert row["Dice LV"] == row["Dice mean"] == pytest.approx(0.75)
    assert row["Dice LV ED"] == pytest.approx(0.8)
    assert row["Dice LV base"] == pytest.approx(0.75)
    assert row["HD95 LV"] == pytest.approx(3)


def test_structures_that_the_data_lack_are_left_out_of_the_means():
    row = summarise([a_score("a", 0.9, 0.8, 2.0, 60)])
    assert math.isnan(row["Dice RV"]) and math.isnan(row["RV spurious"]) and math.isnan(row["RV EF"])
    assert row["Dice mean"] == pytest.approx(0.85)


def test_errors_of_ef_do_not_cancel_but_their_bias_does():
    row = summarise([a_score("a", 1, 1, 0, 66), a_score("b", 1, 1, 0, 56)])
    assert row["LV EF"] == pytest.approx(5)
    assert row["LV EF bias"] == pytest.approx(1)
    assert row["LV EF worst"] == pytest.approx(6)
    assert row["LV EDV"] == 0 and row["LV ESV"] == pytest.approx(5)


def test_the_ef_that_a_reader_gets_is_that_of_the_phases_found():
    """60 % at the expert's phases, 66 % at the extremes of the curve: 6 points off; two phases have no such EF."""
    beat = replace(a_score("a", 1, 1, 0, 60), reported=JudgedVolumes(100, 34))
    row = summarise([beat, a_score("b", 1, 1, 0, 60)])
    assert (row["LV EF"], row["LV EF reported"], row["LV EF reported bias"]) == (0, pytest.approx(6), pytest.approx(6))
    assert math.isnan(summarise([a_score("b", 1, 1, 0, 60)])["LV EF reported"])


def test_an_undefined_hd95_is_counted_and_not_averaged():
    row = summarise([a_score("a", 1, 1, 2.0, 60), a_score("b", 1, 1, float("nan"), 60)])
    assert row["HD95 LV"] == pytest.approx(2)
    assert row["HD95 undefined"] == 4  # two structures at two phases


def test_auroc_pools_the_slices_of_all_cases():
    good = a_score("a", 1, 1, 0, 60, slice_dice=np.array([[0.9, np.nan]]), scores=np.array([[0.1, 1.0]]))
    bad = a_score("b", 1, 1, 0, 60, slice_dice=np.array([[0.5, 0.9]]), scores=np.array([[0.6, 0.7]]))
    row = summarise([good, bad])
    assert row["AUROC"] == pytest.approx(0.5)
    assert row["bad slices"] == 1


def test_methods_without_scores_have_no_auroc_and_no_calibration():
    row = summarise([a_score("a", 1, 1, 0, 60)])
    assert math.isnan(row["AUROC"]) and math.isnan(row["ECE"])


def test_calibration_pools_the_voxels_of_all_cases():
    scores = [a_score("a", 1, 1, 0, 60, r=reliability([0.2], [False])) for _ in range(2)]
    assert summarise(scores)["ECE"] == pytest.approx(0.2)


def test_every_shown_column_is_a_figure_of_the_summary():
    row = summarise([a_score("a", 1, 1, 0, 60)])
    assert {c for columns in GROUPS.values() for c in columns} <= set(row)


def test_markdown_has_a_row_per_method_and_no_empty_column():
    text = to_markdown(
        {"copy": summarise([a_score("a", 0.5, 0.5, 9, 10)]), "m": summarise([a_score("a", 1, 1, 0, 60)])}
    )
    assert "| method | Dice LV | Dice Myo | Dice mean |" in text
    assert "| copy | 0.500 | 0.500 | 0.500 |" in text
    assert "Dice RV" not in text and "AUROC" not in text and "nan" not in text


def test_csv_has_a_row_per_case_and_leaves_unknown_cells_empty():
    rows = list(csv.DictReader(io.StringIO(to_csv([case_row(a_score(n, 0.5, 0.5, 9, 10)) for n in "ab"]))))
    assert [r["case"] for r in rows] == ["a", "b"]
    assert float(rows[0]["Dice LV"]) == 0.5
    assert rows[0]["Dice RV"] == ""


def test_a_markdown_table_aligns_numbers_to_the_right_and_fills_short_rows():
    assert markdown_table(["model", "Dice", "EF"], [["cstm", "0.912", 1], ["flow", "not here"]]) == [
        "| model | Dice | EF |",
        "|---|---:|---:|",
        "| cstm | 0.912 | 1 |",
        "| flow | not here | |",
    ]

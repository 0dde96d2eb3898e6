"""The table of an ablation: whom the rows are compared with, and what the folds of a cross-validation say."""

from __future__ import annotations

import json
import math

from medvos_lab.ablations import ABLATIONS
from medvos_lab.bench.ablation_table import Result, markdown
from medvos_lab.bench.paired import wilcoxon_p

WU, MVO = ABLATIONS["wu"], ABLATIONS["mvo"]


def line_of(row: str, lines: list[str]) -> str:
    return next(line for line in lines if line.startswith(f"| {row} "))


def test_the_p_value_is_that_of_the_cases():
    columns = dict.fromkeys(WU.columns, 0.5)
    better = [0.9 + 0.001 * n for n in range(12)]
    worse = [0.8 - 0.001 * n for n in range(12)]
    rows = [
        Result("k3", 2, None, "a", columns, "12 pairs", tuple(better), 10, "1 CPU thread"),
        Result("k1", 2, None, "b", columns, "12 pairs", tuple(worse), 10, "1 CPU thread"),
        Result("k5", 2, None, "c", columns, "12 pairs", tuple(better), 10, "1 CPU thread"),
    ]
    lines = markdown(WU, rows, 2)
    assert "p against k3 |" in "".join(lines)
    assert line_of("k1", lines).endswith("| < 0.001 |") and line_of("k3", lines).endswith("| – |")
    assert Result.of(json.loads(json.dumps(rows[0].entry))) == rows[0]
    # Without the whole method the first row that was scored is what the others are compared with.
    failed = Result("k3", 2, None, error="exploded")
    lines = markdown(WU, [failed, *rows[1:]], 2)
    assert "p against k1 |" in "".join(lines)
    assert line_of("k5", lines).endswith("| < 0.001 |") and line_of("k1", lines).endswith("| – |")


def folded(row: str, dices: list[float], trained: int) -> Result:
    by_fold = {"Dice": (min(dices), max(dices)), "Dice without contrast": (0.1, 0.05)}
    metrics = {"Dice": sum(dices) / len(dices), "Dice without contrast": 0.075}
    metrics["Dice where the core is over 2 % of the wall"] = 0.1234
    return Result(
        row,
        2,
        None,
        row,
        metrics,
        "8 hearts",
        tuple(dices),
        10,
        "1 CPU thread",
        trained=trained,
        folds=2,
        by_fold=by_fold,
    )


def test_folds_show_their_range_their_steps_and_p_over_the_hearts_of_all_of_them():
    gain, unet = [0.1 * n for n in range(1, 9)], [0.09 * n for n in range(1, 9)]
    rows = [folded("gain", gain, 2), folded("unet", unet, 4)]
    lines = markdown(MVO, rows, 2)
    assert "| unet | U-Net, all frames as channels | 4 | 10 | 0.405 (0.090 to 0.720) |" in "\n".join(lines)
    assert line_of("unet", lines).endswith(f"| {wilcoxon_p(unet, gain):.3f} |")
    assert "| Dice | fold 0 | fold 1 |" in lines and "| gain | 0.100 | 0.800 |" in lines
    assert "| 0.123 |" in line_of("gain", lines)
    assert any("2 times" in line and "without the patients" in line for line in lines)
    kept = Result.of(json.loads(json.dumps(rows[0].entry)))
    assert kept == rows[0] and kept.place == ("gain", 2, None, 2)


def test_a_table_of_an_earlier_version_is_read():
    entry = Result("k3", 2, None, "a", {"LV Dice": 0.5}, "12 pairs", (0.5,)).entry
    for key in ("by_fold", "folds", "trained"):
        del entry[key]
    assert Result.of(entry).place == ("k3", 2, None, 0)


def test_a_fold_without_a_metric_is_kept_as_json_has_it():
    result = Result("gain", 2, None, "a", {"Dice": 0.5}, folds=2, by_fold={"Dice": (0.5, math.nan)})
    text = json.dumps(result.entry, allow_nan=False)
    first, second = Result.of(json.loads(text)).by_fold["Dice"]
    assert first == 0.5 and math.isnan(second)
    assert "| gain | 0.500 | – |" in markdown(MVO, [result], 2)

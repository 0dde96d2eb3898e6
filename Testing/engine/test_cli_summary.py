"""What the terminal says at the end of a segmentation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medvos.cli.summary import summarise
from medvos.measure.measure import measure
from medvos.result import Result


@pytest.mark.parametrize("labelled", [True, False])
def test_a_table_is_printed_where_a_measure_is_known(
    a_result: Result, labelled: bool, capsys: pytest.CaptureFixture[str]
):
    own = replace(a_result, labels=np.where(a_result.labels > 0, np.uint8(7), 0).astype(np.uint8))
    result = a_result if labelled else own
    summarise(result.provenance, measure(result), Path("out"))
    printed = capsys.readouterr().out
    assert ("measure" in printed.splitlines()[0].split()) == labelled
    assert "LVEF" in printed

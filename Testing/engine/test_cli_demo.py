from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from medvos.cli import demo
from medvos.cli.options import Device, ProgressStyle


def test_the_demo_draws_one_slice_and_says_what_was_found_against_what_is_true(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(demo, "SHAPE", (6, 12, 128, 128))
    demo.demo(out=tmp_path / "demo", device=Device.CPU, progress=ProgressStyle.BAR)
    said = capsys.readouterr().out

    written = {file.name for file in (tmp_path / "demo").iterdir()}
    assert {"cine.nii.gz", "seed.nii.gz", "truth.nii.gz", "segmentation.nii.gz", "report.html"} <= written
    seed, truth = (np.asarray(nib.load(tmp_path / "demo" / name).dataobj).T for name in ("seed.nii.gz", "truth.nii.gz"))
    assert np.count_nonzero(seed.any(axis=(2, 3))) == 1
    assert np.array_equal(seed[seed > 0], truth[seed > 0])
    assert "the other 71 images" in said
    assert "LV ejection fraction" in said
    assert "Dice" in said
    assert str(tmp_path / "demo" / "report.html") in said

"""Segmentations and sequences for 3D Slicer; what Slicer makes of them is tested beside the scene."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nrrd
import numpy as np
from export_case import NOTICE, obstructed

from medvos.cine.read import read
from medvos.export.slicer_files import write_segmentations, write_sequence
from medvos.result import Result


def test_the_sequence_is_read_back_with_its_grid_and_its_times(a_result: Result, tmp_path: Path):
    write_sequence(a_result, tmp_path)
    cine = read(tmp_path / "segmentation.seq.nrrd")
    np.testing.assert_array_equal(cine.array, a_result.labels)
    np.testing.assert_allclose(cine.affine, a_result.cine.affine, atol=1e-9)
    np.testing.assert_allclose(cine.times, a_result.cine.times, rtol=1e-9)
    assert cine.period == a_result.cine.period and cine.source.heart_rate == a_result.cine.source.heart_rate


def test_segments_keep_their_ids_where_one_is_empty(a_result: Result, tmp_path: Path):
    labels = a_result.labels.copy()
    labels[labels == 3] = 9
    write_segmentations(replace(a_result, labels=labels), tmp_path)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [f"phase-{t:02d}.seg.nrrd" for t in range(len(labels))]
    for file, phase in zip(files, labels, strict=True):
        voxels, header = nrrd.read(str(file))
        np.testing.assert_array_equal(voxels.T, phase)
        segments = [(header[f"Segment{n}_ID"], header[f"Segment{n}_LabelValue"]) for n in range(4)]
        assert segments == [("LV", "3"), ("Myo", "2"), ("RV", "1"), ("structure 9", "9")]
        assert "Segment4_ID" not in header


def test_a_predicted_obstruction_says_what_it_is_worth(a_result: Result, tmp_path: Path):
    write_segmentations(obstructed(a_result), tmp_path)
    write_sequence(obstructed(a_result), tmp_path)
    for name in ("phase-00.seg.nrrd", "segmentation.seq.nrrd"):
        assert nrrd.read_header(str(tmp_path / name))["MedVOS.Notice"] == NOTICE
    header = nrrd.read_header(str(tmp_path / "phase-00.seg.nrrd"))
    assert header["Segment3_ID"] == "MVO" and f"MedVOS.Notice:{NOTICE}|" in header["Segment3_Tags"]
    assert "49755003^Morphologically Altered Structure" in header["Segment3_Tags"]
    assert not any("Notice" in header[f"Segment{n}_Tags"] for n in range(3))


def test_other_results_say_no_such_thing(a_result: Result, tmp_path: Path):
    write_segmentations(a_result, tmp_path)
    assert "MedVOS.Notice" not in nrrd.read_header(str(tmp_path / "phase-00.seg.nrrd"))

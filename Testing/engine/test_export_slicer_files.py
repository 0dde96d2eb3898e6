"""Segmentations and sequences for 3D Slicer; what Slicer makes of them is tested beside the scene."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nrrd
import numpy as np

from medvos.cine.read import read
from medvos.export.slicer_files import write_segmentations, write_sequence
from medvos.propagation.result import Result


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

"""What a DICOM database can load as a cine."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine.cine_files import FOUR_CHAMBER, write_stack
from engine.echo_files import sector_images, write_ultrasound

from MedVOSSegmentLib.dicom_candidates import HEART_CLIP, LONG_AXIS, OTHER, SHORT_AXIS, candidates_in


def lists_of(*folders: Path) -> list[list[str]]:
    """One list a series, as texts."""
    return [[str(path) for path in sorted(folder.iterdir())] for folder in folders]


def test_a_stack_is_more_certain_than_a_multivolume_and_a_long_axis_less(tmp_path: Path):
    write_stack(tmp_path / "sax", slices=4, phases=10, SeriesDescription="cine")
    write_stack(tmp_path / "4ch", slices=1, phases=10, series=9, orientation=FOUR_CHAMBER)
    stack, long_axis = candidates_in(lists_of(tmp_path / "sax", tmp_path / "4ch"))
    assert stack.name == "4: cine - Short-axis cine (MedVOSSegment)"
    assert "4 slices of 10 phases" in stack.tooltip
    assert long_axis.name == "9 - Long-axis cine (MedVOSSegment)"
    assert stack.confidence == SHORT_AXIS > 1.0 > long_axis.confidence == LONG_AXIS
    assert sorted(long_axis.files) == lists_of(tmp_path / "4ch")[0]


@pytest.mark.parametrize(("rate", "confidence"), [(61, HEART_CLIP), (0, OTHER)])
def test_a_clip_is_preferred_where_it_has_a_heart_rate(tmp_path: Path, rate: int, confidence: float):
    (tmp_path / "us").mkdir()
    write_ultrasound(tmp_path / "us" / "a", sector_images(), HeartRate=rate)
    (clip,) = candidates_in(lists_of(tmp_path / "us"))
    assert clip.confidence == confidence and "Ultrasound clip" in clip.name and "24 frames" in clip.tooltip


def test_nothing_is_offered_of_nothing():
    assert candidates_in([]) == [] == candidates_in([[]])

"""Ultrasound loops in files of one frame each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cine_files import write_dicom
from echo_files import sector_images
from test_cine_dicom_regions import region

from medvos.cine import read
from medvos.cine.read import open_clip
from medvos.errors import InputError

STILL = "1.2.840.10008.5.1.4.1.1.6.1"
IMAGES = sector_images(12, 6)


def write_loop(folder: Path, images=IMAGES, step: float = 0.02, **changes: Any) -> Path:
    """Files whose names are in reverse order; a change may be a function of the frame's number."""
    for k, image in enumerate(images):
        tags: dict[str, Any] = {
            "Modality": "US",
            "InstanceNumber": k + 1,
            "ContentTime": f"10{int(k * step) // 60:02d}{k * step % 60:09.6f}",
            "SequenceOfUltrasoundRegions": [region(0, 159, 0.05, 0, 119)],
            **{name: value(k) if callable(value) else value for name, value in changes.items()},
        }
        write_dicom(folder / f"{len(images) - k:02d}.dcm", image, STILL, **tags)
    return folder


def test_a_loop_is_put_together_in_the_order_of_instance_numbers(tmp_path):
    cine = read(write_loop(tmp_path))
    np.testing.assert_array_equal(cine.array[:, 0], IMAGES)
    np.testing.assert_allclose(cine.times, np.arange(12) * 20)
    assert cine.spacing[1:] == pytest.approx((0.5, 0.5)) and cine.is_echo
    assert "12 files of one frame" in " ".join(cine.source.notes)
    assert [Path(file).name for (file,) in cine.source.files] == [f"{12 - k:02d}.dcm" for k in range(12)]


def test_it_can_be_read_frame_by_frame_and_inverted(tmp_path):
    clip = open_clip(write_loop(tmp_path, 255 - IMAGES, PhotometricInterpretation="MONOCHROME1"))
    np.testing.assert_array_equal(np.stack(list(clip.steady())), IMAGES)


def test_without_a_clock_the_frame_time_counts_and_then_an_assumed_one(tmp_path):
    assert read(write_loop(tmp_path / "a", ContentTime="100000", FrameTime=25.0)).times[1] == 25
    assert "assumed" in " ".join(read(write_loop(tmp_path / "b", ContentTime=None)).source.notes)


def test_times_stand_in_for_instance_numbers(tmp_path):
    cine = read(write_loop(tmp_path, InstanceNumber=None))
    np.testing.assert_array_equal(cine.array[:, 0], IMAGES)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"InstanceNumber": None, "ContentTime": None}, "order"),
        ({"InstanceNumber": 1, "ContentTime": "100000"}, "order"),
        ({"InstanceNumber": lambda k: 12 - k}, "different orders"),
        ({"step": 20.0}, "20.0 s apart"),
        ({"ContentTime": lambda k: f"10000{k // 6 * 8}.{k:02d}"}, "several loops"),
        ({"images": IMAGES[:3]}, "3 single still images"),
        ({"SeriesInstanceUID": lambda k: f"1.2.{k}", "SeriesNumber": lambda k: k}, "12 series"),
        ({"images": [IMAGES[0], *IMAGES[1:, :100]]}, "differ in size"),
        ({"images": np.random.default_rng(0).integers(0, 255, IMAGES.shape).astype(np.uint8)}, "different views"),
    ],
)
def test_what_is_no_loop_is_refused_with_the_reason(tmp_path, changes, why):
    with pytest.raises(InputError, match=why):
        read(write_loop(tmp_path, **changes))


def test_a_series_for_each_frame_with_one_number_is_one_loop(tmp_path):
    cine = read(write_loop(tmp_path, SeriesInstanceUID=lambda k: f"1.2.{k}"))
    np.testing.assert_array_equal(cine.array[:, 0], IMAGES)

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from medvos.cine.cine import Cine, Source
from medvos.errors import InputError
from medvos.measure.echo import measure_echo, median_beat
from medvos.measure.measure import measure
from medvos.measure.measures import Beat
from medvos.measure.subject import Subject
from medvos.structures import LA, LV
from medvos.synth.ejected_fraction import ejected_fraction

PIXEL = 1.0  # mm
STEP = 40.0  # ms
PERIOD = 800.0


def a_view(strokes: tuple[float, ...] = (0.3, 0.4, 0.2), radius: float = 25.0) -> tuple[np.ndarray, np.ndarray]:
    """Labels (T, 1, Y, X) of beats of half an ellipse whose radius shrinks by these parts, and exact volumes in mL."""
    y, x = np.mgrid[:112, :112] - 56.0
    planes, volumes = [], []
    for stroke in strokes:
        for part in ejected_fraction(np.arange(0, 1, STEP / PERIOD), 0.36, 0.25):
            small = radius * (1 - stroke * part)
            planes.append(((y - 30) / 80) ** 2 + (x / small) ** 2 < (y < 30))
            volumes.append(2 / 3 * np.pi * small**2 * 80 / 1000)
    return (np.array(planes)[:, None] * LV).astype(np.uint8), np.array(volumes)


def a_clip(labels: np.ndarray, spacing_known: bool = True, kind: str = "video") -> Cine:
    times = np.arange(len(labels)) * STEP
    source = Source(kind=kind, spacing_known=spacing_known)
    array = np.zeros(labels.shape, np.float32)
    return Cine(array, np.diag([PIXEL, PIXEL, 1.0, 1.0]), times, len(labels) * STEP, source)


def with_atrium(labels: np.ndarray, es: int, rows: int = 10) -> np.ndarray:
    """The same with an atrium of 20 columns below the LV, ten rows high at one frame and five at all others."""
    found = labels.copy()
    found[:, 0, 90:95, 40:60] = LA
    found[es, 0, 90 : 90 + rows, 40:60] = LA
    return found


def test_a_clip_of_one_beat_says_of_which_rate_its_cardiac_output_is():
    labels, _ = a_view((0.3,))
    without = measure(labels, a_clip(labels))
    assert without["CO"].value is None and without["HR"].reason == "fewer than two complete beats were found"
    stated = measure(labels, a_clip(labels), subject=Subject(heart_rate=61))
    assert stated["CO"].value == pytest.approx(stated["LVSV"].value * 61 / 1000)
    assert stated["HR"].value is None
    assert stated["HR"].reason.endswith("found; the cardiac output is that of a stated rate of 61 /min")


def test_the_atrium_is_measured_at_the_es_of_the_median_beat():
    labels, _ = a_view()
    es = measure(labels, a_clip(labels)).es
    measures = measure(with_atrium(labels, es), a_clip(labels))
    assert measures["LAA"].value == pytest.approx(10 * 20 * PIXEL**2 / 100) and measures["LAA"].unit == "cm²"
    assert measures["LVEF"].value == measure(labels, a_clip(labels))["LVEF"].value


def test_an_atrium_without_pixel_size_or_at_another_frame_only_has_no_area_and_one_that_is_not_labelled_no_row():
    labels, _ = a_view()
    cine = a_clip(labels)
    assert "LAA" not in measure(labels, cine)
    es = measure(labels, cine).es
    unknown = measure(with_atrium(labels, es), a_clip(labels, spacing_known=False))["LAA"]
    assert unknown.value is None and "pixel size" in unknown.reason
    elsewhere = with_atrium(labels, es)
    elsewhere[es][elsewhere[es] == LA] = 0
    assert "no left atrium" in measure(elsewhere, cine)["LAA"].reason


def test_every_beat_is_measured_and_the_median_one_reported():
    labels, volumes = a_view()
    measures = measure(labels, a_clip(labels))
    assert [beat.ef for beat in measures.beats] == pytest.approx([51, 64, 36], abs=2)
    assert measures["LVEF"].value == pytest.approx(51, abs=2)
    assert (measures.ed, measures.es) == (measures.beats[0].ed, measures.beats[0].es)
    assert measures["LVEDV"].value == pytest.approx(volumes[measures.ed], rel=0.03)
    assert measures["LVESV"].value == pytest.approx(volumes[measures.es], rel=0.05)


def test_without_a_pixel_size_the_ejection_fraction_alone_is_known():
    labels, _ = a_view()
    measures = measure(labels, a_clip(labels, spacing_known=False))
    assert measures["LVEF"].value == pytest.approx(51, abs=2)
    assert measures["LVEDV"].value is None
    assert "pixel size" in measures["LVEDV"].reason
    assert measures.beats[0].edv is None
    assert not measures.volumes_ml


def test_a_second_view_makes_the_disks_elliptic():
    (four, volumes), (two, other) = a_view(radius=24), a_view(radius=30)
    measures = measure_echo(four, a_clip(four), (two, a_clip(two)))
    assert measures["LVEDV"].value == pytest.approx(np.sqrt(volumes.max() * other.max()), rel=0.03)
    assert measures["LVEF"].value == pytest.approx(51, abs=2)


def test_a_reader_chooses_the_beat():
    labels, _ = a_view()
    measures = measure(labels, a_clip(labels), ed=20, es=27)
    assert len(measures.beats) == 1
    assert measures["LVEF"].value == pytest.approx(64, abs=2)


def test_what_an_apical_view_does_not_show_says_so():
    labels, _ = a_view()
    measures = measure(labels, a_clip(labels), subject=Subject("F", 40, 170, 60, 60))
    for name in ("LVM", "RVEF", "LVPFR"):
        assert measures[name].value is None
        assert "echo" in measures[name].reason
    assert measures["CO"].value == pytest.approx(measures["LVSV"].value * 60 / 1000)
    assert not measures.normal
    assert "MRI" in measures.no_normal


def test_a_clip_without_an_lv_says_so():
    labels = np.zeros((20, 1, 32, 32), np.uint8)
    measures = measure(labels, a_clip(labels))
    assert "contraction" in measures["LVEF"].reason
    assert measures.ed is None


def test_a_stack_is_no_clip():
    labels = np.zeros((4, 3, 32, 32), np.uint8)
    with pytest.raises(InputError, match="one slice"):
        measure_echo(labels, a_clip(labels))


def test_a_slice_of_an_mri_is_no_echo():
    labels, _ = a_view()
    assert "single slice" in measure(labels, a_clip(labels, kind="dicom"))["LVEF"].reason
    ultrasound = a_clip(labels, kind="dicom")
    ultrasound = replace(ultrasound, source=replace(ultrasound.source, description={"modality": "US"}))
    assert measure(labels, ultrasound)["LVEF"].value is not None


def test_of_an_even_number_of_beats_the_lower_middle_one_counts():
    beats = tuple(Beat(0, 1, None, None, ef) for ef in (50.0, 70.0, 60.0, 40.0))
    assert median_beat(beats).ef == 50.0
    assert median_beat(()) is None


def test_views_that_cannot_be_of_one_lv_are_doubted():
    labels, _ = a_view()
    half = replace(a_clip(labels), affine=np.diag([PIXEL / 2, PIXEL / 2, 1.0, 1.0]))
    found = measure_echo(labels, a_clip(labels), (labels, half))
    assert any("mm in the 2-chamber view" in doubt for doubt in found.doubts)
    for two_chamber in (
        (labels, a_clip(labels)),
        (labels, replace(half, source=Source(kind="video", spacing_known=False))),
    ):
        assert not any("2-chamber" in doubt for doubt in measure_echo(labels, a_clip(labels), two_chamber).doubts)

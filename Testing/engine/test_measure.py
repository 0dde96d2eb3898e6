from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import medvos
from medvos.cine.cine import Cine, Source
from medvos.errors import InputError
from medvos.measure.ed_es import find_ed_and_es
from medvos.measure.measure import measure
from medvos.measure.subject import Subject
from medvos.measure.verdict import verdict_of
from medvos.measure.volumes import volume_curves
from medvos.result import Result
from medvos.structures import LV, MYO, RV
from medvos.synth.acquisition import Acquisition, ScanGrid
from medvos.synth.heart import synthetic_heart
from medvos.synth.motion import Motion
from medvos.synth.parameters import HeartParameters
from medvos.synth.placement import Placement
from medvos.synth.rasterise import rasterise

SPACING = (10.0, 2.0, 1.0)  # a voxel is 0.02 mL


def a_cine(shape: tuple[int, int, int, int], heart_rate: float | None = None) -> Cine:
    z, y, x = SPACING
    return Cine(
        np.zeros(shape, np.float32),
        np.diag([x, y, z, 1.0]),
        np.arange(shape[0]) * 40.0,
        shape[0] * 40.0,
        Source(heart_rate=heart_rate),
    )


@pytest.fixture
def beating() -> np.ndarray:
    """LV of 1000, 600, 400 and 800 voxels, so 20, 12, 8 and 16 mL; Myo of 500 voxels; RV of 700, then 350."""
    labels = np.zeros((4, 4, 25, 50), np.uint8)
    for phase, rows in enumerate((20, 12, 8, 16)):
        labels[phase, 1:3, :rows, :25] = LV
    labels[:, 1:3, :10, 25:] = MYO
    labels[:, :2, 10:24, 25:] = RV
    labels[2, :2, 17:24, 25:] = 0
    return labels


def test_volumes_are_areas_times_the_distance_between_slices(beating):
    curves = volume_curves(beating, a_cine(beating.shape).affine)
    assert curves["LV"] == pytest.approx([20, 12, 8, 16])
    assert curves["Myo"] == pytest.approx([10, 10, 10, 10])
    assert curves["RV"] == pytest.approx([14, 14, 7, 14])


def test_slices_stacked_obliquely_keep_the_perpendicular_distance(beating):
    affine = a_cine(beating.shape).affine.copy()
    affine[0, 2] = 5.0  # each slice 5 mm further along x: same slab thickness
    assert volume_curves(beating, affine)["LV"] == pytest.approx([20, 12, 8, 16])


def test_a_rotated_stack_has_the_same_volumes(beating):
    turn = np.eye(4)
    turn[:2, :2] = [[0.6, -0.8], [0.8, 0.6]]
    assert volume_curves(beating, turn @ a_cine(beating.shape).affine)["LV"] == pytest.approx([20, 12, 8, 16])


def test_other_labels_have_their_own_curve(beating):
    beating[:, 0, :5, 30:40] = 7
    assert volume_curves(beating, a_cine(beating.shape).affine)["structure 7"] == pytest.approx([1, 1, 1, 1])


def test_function_of_both_ventricles_is_measured_at_the_phases_of_the_lv(beating):
    measures = measure(beating, a_cine(beating.shape, heart_rate=60))
    assert (measures.ed, measures.es) == (0, 2)
    values = {name: one.value for name, one in measures.items()}
    expected = {
        "LVEDV": 20, "LVESV": 8, "LVSV": 12, "LVEF": 60, "LVM": 10.5,
        "RVEDV": 14, "RVESV": 7, "RVSV": 7, "RVEF": 50, "CO": 0.72, "MVO": None,
    }  # fmt: skip
    assert [name for name in values if name in expected] == list(expected)
    assert {name: values[name] for name in expected} == pytest.approx(expected)
    assert [measures[name].unit for name in ("LVEDV", "LVEF", "LVM", "CO")] == ["mL", "%", "g", "L/min"]


def test_cardiac_output_needs_the_heart_rate(beating):
    output = measure(beating, a_cine(beating.shape))["CO"]
    assert output.value is None
    assert "heart rate" in output.reason


def test_every_missing_value_has_a_reason(beating):
    for one in measure(np.zeros_like(beating), a_cine(beating.shape)).values():
        assert one.value is None
        assert one.reason


def test_the_rv_alone_gives_its_own_phases(beating):
    beating = np.where(beating[:, :2] == RV, RV, 0).astype(np.uint8)
    beating[1, :, 20:24] = 0
    beating[3, :, 15:24] = 0
    measures = measure(beating, a_cine(beating.shape))
    assert (measures.ed, measures.es) == (0, 3)
    assert measures["RVEF"].value == pytest.approx(100 * 9 / 14)
    assert measures["LVEF"].value is None


def test_muscle_alone_has_no_ed(beating):
    measures = measure(np.where(beating == MYO, MYO, 0).astype(np.uint8), a_cine(beating.shape))
    assert measures["LVM"].value is None
    assert measures["LVM"].reason == "ED is not known: no ventricle is labelled"


def test_phases_that_were_not_labelled_are_not_end_systole(beating):
    beating[1] = 0
    measures = measure(beating, a_cine(beating.shape))
    assert np.isnan(measures.volumes_ml["LV"][1])
    assert measures.es == 2


def test_a_single_labelled_phase_has_a_volume_but_no_function(beating):
    beating[1:] = 0
    measures = measure(beating, a_cine(beating.shape))
    assert measures["LVEDV"].value == pytest.approx(20)
    assert measures["LVEF"].value is None
    assert "two phases" in measures["LVEF"].reason


def test_an_rv_that_is_absent_at_end_systole_has_no_ejection_fraction(beating):
    beating[2][beating[2] == RV] = 0
    measures = measure(beating, a_cine(beating.shape))
    assert measures["RVEDV"].value == pytest.approx(14)
    assert measures["RVEF"].value is None
    assert "phase 3" in measures["RVEF"].reason


def test_one_slice_has_no_volume_but_its_phases_are_known(beating):
    flat = beating[:, 1:2]
    measures = measure(flat, a_cine(flat.shape))
    assert (measures.ed, measures.es) == (0, 2)
    assert measures["LVEF"].value is None
    assert "slice" in measures["LVEF"].reason


def test_an_lv_in_one_slice_only_has_no_volume(beating):
    beating[:, 2][beating[:, 2] == LV] = 0
    measures = measure(beating, a_cine(beating.shape, heart_rate=60))
    assert all(measures[name].value is None for name in ("LVEDV", "LVEF", "CO"))
    assert "one slice only" in measures["LVEF"].reason
    assert measures["RVEDV"].value == pytest.approx(14)


def test_a_slice_that_was_not_drawn_between_others_is_not_empty(beating):
    beating[2, 1] = 0
    measures = measure(beating, a_cine(beating.shape))
    assert measures["LVEDV"].value == pytest.approx(20)
    for name in ("LVESV", "LVEF", "RVESV"):
        assert measures[name].value is None
        assert "between labelled ones" in measures[name].reason


def test_an_lv_that_ends_in_one_slice_at_end_systole_has_an_ejection_fraction(beating):
    beating[2, 2][beating[2, 2] == LV] = 0
    assert measure(beating, a_cine(beating.shape))["LVEF"].value == pytest.approx(80)


def test_a_reader_chooses_other_phases(beating):
    measures = measure(beating, a_cine(beating.shape), ed=3, es=1)
    assert (measures.ed, measures.es) == (3, 1)
    assert measures["LVEF"].value == pytest.approx(25)


@pytest.mark.parametrize(
    ("ed", "es", "why"),
    [(4, None, "0 to 3"), (None, -1, "0 to 3"), (2, None, "same phase"), (2, 0, "larger at this")],
)
def test_phases_that_cannot_be_are_refused(beating, ed, es, why):
    with pytest.raises(InputError, match=why):
        measure(beating, a_cine(beating.shape), ed=ed, es=es)


def test_body_size_gives_values_per_square_metre(beating):
    person = Subject(height_cm=180, weight_kg=80, heart_rate=60)  # 2 m² by Mosteller
    measures = measure(beating, a_cine(beating.shape), subject=person)
    assert [measures[name].value for name in ("LVEDVI", "LVMI", "RVSVI", "CI")] == pytest.approx([10, 5.25, 3.5, 0.36])
    assert [measures[name].unit for name in ("LVEDVI", "LVMI", "CI")] == ["mL/m²", "g/m²", "L/min/m²"]


def test_without_body_size_there_is_nothing_per_square_metre(beating):
    assert "height and weight" in measure(beating, a_cine(beating.shape))["LVEDVI"].reason


def test_four_phases_are_too_few_for_rates(beating):
    assert "15 labelled phases" in measure(beating, a_cine(beating.shape, heart_rate=60))["LVPFR"].reason


def test_rates_need_to_know_how_long_a_beat_is():
    heart = synthetic_heart(2, shape=(15, 4, 60, 60), spacing=(20.0, 4.0, 4.0), kind="healthy")
    untold = replace(heart.cine, source=replace(heart.cine.source, heart_rate=None))
    assert "heart rate" in measure(heart.labels, untold)["LVPER"].reason
    stated = measure(heart.labels, untold, subject=Subject(heart_rate=heart.cine.source.heart_rate))
    for name in ("LVPER", "LVPFR", "RVPER", "RVPFR"):
        assert stated[name].value == pytest.approx(measure(heart.labels, heart.cine)[name].value)


def test_measures_carry_their_reference_ranges(beating):
    measures = measure(beating, a_cine(beating.shape), subject=Subject("F", 44))
    measures = replace(measures, held={})  # of a made heart whose ventricles eject different volumes
    assert verdict_of("LVEDV", measures) == "low"
    assert verdict_of("LVEF", measures) == "normal"
    assert "LVEDVI" not in measures.normal
    assert "sex" in measure(beating, a_cine(beating.shape)).no_normal


def test_labels_of_another_cine_are_refused(beating):
    with pytest.raises(InputError, match="shape"):
        measure(beating, a_cine((4, 5, 25, 50)))


@pytest.mark.parametrize("value", [-1, 2.5, 259])
def test_numbers_that_are_no_labels_are_refused(beating, value):
    with pytest.raises(InputError, match="The label map holds"):
        measure(np.full(beating.shape, value), a_cine(beating.shape))


def test_a_bare_label_map_needs_its_cine(beating):
    with pytest.raises(TypeError, match="cine"):
        measure(beating)


def test_a_result_brings_its_own_cine(a_result: Result):
    assert medvos.measure(a_result)["LVEDV"].value == measure(a_result.labels, a_result.cine)["LVEDV"].value


def test_ed_and_es_of_a_curve_without_volume_are_unknown():
    assert find_ed_and_es(np.zeros(5)) == (None, None)
    assert find_ed_and_es(np.array([np.nan, 4.0, np.nan])) == (1, None)


def test_fine_slices_give_the_exact_volumes_and_ef_of_a_synthetic_heart():
    motion = Motion(HeartParameters(), np.array([0.0, 0.36]))
    grid = ScanGrid((2, 250, 88, 88), (0.5, 1.8, 1.8))
    labels = rasterise(Placement(motion, Acquisition(), grid, np.random.default_rng(0)))
    measures = measure(labels, replace(a_cine(labels.shape), affine=np.diag([1.8, 1.8, 0.5, 1.0])))
    for name in ("LV", "Myo", "RV"):
        assert measures.volumes_ml[name] == pytest.approx(motion.volumes[name], rel=0.01)
    for name in ("LV", "RV"):
        exact = 100 * (1 - motion.volumes[name][1] / motion.volumes[name][0])
        assert measures[f"{name}EF"].value == pytest.approx(exact, rel=0.01)

"""A synthetic patient: the same for the same seed, exact, and plausible."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from medvos.errors import InputError
from medvos.structures import LV, MYO
from medvos.synth.heart import SyntheticHeart, synthetic_heart
from medvos.synth.parameters import KINDS, HeartParameters

SMALL = (5, 9, 72, 72)
COARSE = (9.0, 2.8, 2.8)


@pytest.fixture(scope="module")
def a_heart() -> SyntheticHeart:
    return synthetic_heart(3, SMALL, COARSE, kind="healthy")


@pytest.fixture(scope="module")
def many_hearts() -> list[SyntheticHeart]:
    return [synthetic_heart(seed, SMALL, COARSE, kind=KINDS[seed % len(KINDS)]) for seed in range(15)]


def test_the_same_seed_gives_the_same_patient() -> None:
    one, two = (synthetic_heart(11, SMALL, COARSE) for _ in range(2))
    assert np.array_equal(one.cine.array, two.cine.array)
    assert np.array_equal(one.labels, two.labels)
    assert one.parameters == two.parameters and one.ef == two.ef


def test_another_seed_gives_another_patient() -> None:
    one, two = (synthetic_heart(seed, SMALL, COARSE) for seed in (1, 2))
    assert one.parameters != two.parameters
    assert not np.array_equal(one.labels, two.labels)


def test_shapes_types_and_geometry_follow_the_request(a_heart: SyntheticHeart) -> None:
    cine = a_heart.cine
    assert cine.shape == a_heart.labels.shape == SMALL
    assert cine.array.dtype == np.float32 and a_heart.labels.dtype == np.uint8
    assert np.isfinite(cine.array).all() and (cine.array >= 0).all()
    assert cine.spacing == pytest.approx(COARSE)
    assert cine.times[0] == 0 and (np.diff(cine.times) > 0).all() and cine.times[-1] < cine.period
    assert all(len(curve) == SMALL[0] for curve in a_heart.volumes_ml.values())


def test_slices_follow_the_normal_of_the_dicom_view(a_heart: SyntheticHeart) -> None:
    x, y, z = (a_heart.cine.affine[:3, i] / a_heart.cine.spacing[2 - i] for i in range(3))
    assert np.cross(x, y) == pytest.approx(z, abs=1e-9)


def test_the_base_loses_its_labels_at_end_systole(many_hearts: list[SyntheticHeart]) -> None:
    lost = 0
    for heart in many_hearts:
        volumes = heart.volumes_ml["LV"]
        lv = (heart.labels == LV).any(axis=(2, 3))
        ed, es = lv[volumes.argmax()], lv[volumes.argmin()]
        lost += np.flatnonzero(ed).max() > np.flatnonzero(es).max()
    assert lost > len(many_hearts) / 2


def test_the_cavity_is_enclosed_by_myocardium(many_hearts: list[SyntheticHeart]) -> None:
    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)[None, None]
    for heart in many_hearts:
        around = binary_dilation(heart.labels == LV, cross)
        touched = np.unique(heart.labels[around])
        assert set(touched) <= {MYO, LV}


def test_no_structure_touches_the_edge_of_the_picture(many_hearts: list[SyntheticHeart]) -> None:
    for heart in many_hearts:
        edge = np.ones(SMALL[2:], bool)
        edge[1:-1, 1:-1] = False
        assert not heart.labels[:, :, edge].any()


def test_blood_is_brighter_than_myocardium_and_myocardium_than_lung(many_hearts: list[SyntheticHeart]) -> None:
    for heart in many_hearts:
        blood, wall = (np.median(heart.cine.array[heart.labels == label]) for label in (LV, MYO))
        assert blood > 1.3 * wall


def test_every_kind_has_the_function_that_names_it() -> None:
    ef = {kind: synthetic_heart(5, SMALL, COARSE, kind=kind).ef for kind in KINDS}
    assert ef["dilated"]["LV"] < 42 and ef["infarcted"]["LV"] < 52
    assert ef["hypertrophic"]["LV"] > 52 and ef["healthy"]["LV"] > 50
    assert ef["dilated-rv"]["RV"] < 50


def test_given_parameters_are_used() -> None:
    wanted = HeartParameters(lv_edv=120.0, lv_ef=50.0)
    heart = synthetic_heart(0, (25, 4, 72, 72), COARSE, parameters=wanted)
    assert heart.parameters is wanted
    assert heart.volumes_ml["LV"][0] == pytest.approx(120.0, rel=2e-3)
    assert heart.ef["LV"] == pytest.approx(50.0, abs=1.0)


def test_a_picture_smaller_than_the_heart_is_refused() -> None:
    with pytest.raises(InputError, match="too small for this heart"):
        synthetic_heart(0, (2, 4, 32, 32), (8.0, 1.5, 1.5))


@pytest.mark.parametrize("shape", [(0, 4, 80, 80), (4, 80, 80)])
def test_a_senseless_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError):
        synthetic_heart(0, shape, COARSE)  # type: ignore[arg-type]


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InputError, match="choose one of healthy"):
        synthetic_heart(0, SMALL, COARSE, kind="broken")  # type: ignore[arg-type]

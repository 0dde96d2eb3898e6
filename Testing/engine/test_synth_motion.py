"""The continuous heart in motion: volumes, thickening and through-plane motion."""

from __future__ import annotations

import numpy as np
import pytest

from medvos.synth.motion import Motion
from medvos.synth.parameters import KINDS, HeartParameters

BEAT = np.arange(20) / 20


@pytest.fixture(scope="module", params=[(kind, seed) for kind in KINDS for seed in (0, 1, 2)], ids=str)
def a_motion(request: pytest.FixtureRequest) -> Motion:
    kind, seed = request.param
    return Motion(HeartParameters.random(np.random.default_rng(seed), kind), BEAT)


def test_the_cavities_have_the_volumes_that_were_asked_for(a_motion: Motion) -> None:
    p = a_motion.parameters
    assert a_motion.volumes["LV"] == pytest.approx(p.lv_edv * (1 - p.lv_ef / 100 * a_motion.lv), rel=5e-3)
    assert a_motion.volumes["RV"] == pytest.approx(p.rv_edv * (1 - p.rv_ef / 100 * a_motion.rv), rel=5e-3)


def test_the_myocardium_keeps_its_volume(a_motion: Motion) -> None:
    volumes = a_motion.volumes["Myo"]
    assert np.ptp(volumes) < 0.02 * volumes.mean()


def test_the_wall_thickens_while_the_cavity_closes() -> None:
    motion = Motion(HeartParameters(), BEAT)
    thickness = []
    for phase in (0, int(motion.lv.argmax())):
        height = motion.base[phase] + 0.4 * motion.length[phase]
        section = motion.section(phase, np.array([height]))
        thickness.append((section.epicardium - section.endocardium).mean())
    assert 1.25 * thickness[0] < thickness[1] < 2.2 * thickness[0]


def test_an_infarct_hardly_moves() -> None:
    p = HeartParameters(lv_ef=40.0, infarct=0.95, infarct_angle=0.0, infarct_level=0.5, twist=0.0, outline=())
    motion = Motion(p, BEAT)
    radii = []
    for phase in (0, int(motion.lv.argmax())):
        height = motion.base[phase] + 0.5 * motion.length[phase]
        radii.append(motion.section(phase, np.array([height])).endocardium[0])
    shortening = 1 - radii[1] / radii[0]
    lateral, septal = shortening[512], shortening[0]
    assert lateral < 0.1 < septal


def test_the_base_descends_and_the_apex_stays(a_motion: Motion) -> None:
    p = a_motion.parameters
    es = int(a_motion.lv.argmax())
    assert a_motion.base[es] == pytest.approx(p.mapse * a_motion.lv[es])
    tip = a_motion.base + a_motion.length * a_motion.anatomy.tip
    assert tip == pytest.approx(np.full(len(BEAT), a_motion.apex))


def test_the_endocardium_lies_inside_the_epicardium_and_the_rv_outside(a_motion: Motion) -> None:
    heights = np.linspace(-10, a_motion.apex + 5, 40)
    for phase in range(0, len(BEAT), 4):
        section = a_motion.section(phase, heights)
        assert (section.endocardium <= section.epicardium).all()
        assert (section.rv[section.rv > 0] >= section.epicardium[section.rv > 0]).all()


def test_the_beat_can_begin_anywhere() -> None:
    later = Motion(HeartParameters(phase_offset=0.5), BEAT)
    first = Motion(HeartParameters(), BEAT)
    assert later.volumes["LV"] == pytest.approx(np.roll(first.volumes["LV"], -10))

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from medvos.cine.cine import Cine, Source
from medvos.errors import InputError
from medvos.measure.subject import Subject, stating, subject_of


def a_cine(**stated: object) -> Cine:
    return Cine(np.zeros((2, 1, 2, 2), np.float32), np.eye(4), np.array([0.0, 1.0]), 2.0, Source(**stated))


def test_body_surface_area_is_mostellers():
    assert Subject(height_cm=173, weight_kg=70).body_surface_area == pytest.approx(1.834, abs=0.001)


def test_body_surface_area_needs_height_and_weight():
    assert Subject(height_cm=173).body_surface_area is None
    assert Subject(weight_kg=70).body_surface_area is None


@pytest.mark.parametrize(
    ("field", "value"), [("height_cm", 1.75), ("weight_kg", 0), ("age_years", 130), ("heart_rate", 900), ("sex", "X")]
)
def test_what_no_person_has_is_refused_in_one_sentence(field, value):
    with pytest.raises(InputError) as refused:
        replace(Subject(), **{field: value})
    assert str(value) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_cine_tells_what_its_files_say():
    cine = a_cine(sex="M", age_years=50, height_cm=180.0, weight_kg=80.0, heart_rate=70.0)
    assert subject_of(cine) == Subject("M", 50, 180.0, 80.0, 70.0)


def test_what_the_user_gives_takes_the_place_of_what_the_files_say():
    cine = a_cine(sex="M", age_years=50, heart_rate=70.0)
    assert subject_of(cine, Subject(age_years=51, heart_rate=60)) == Subject("M", 51, None, None, 60)


def test_a_fact_that_is_not_stated_any_more_does_not_come_back():
    cine = stating(a_cine(sex="M", age_years=50, heart_rate=70.0), Subject(sex="F"))
    assert subject_of(cine) == Subject(sex="F")


def test_a_period_that_was_assumed_follows_the_heart_rate_that_is_stated():
    assumed = stating(a_cine(), Subject(heart_rate=80))
    assert assumed.period == 750.0
    np.testing.assert_allclose(assumed.times, [0.0, 375.0])
    measured = a_cine(heart_rate=70.0)
    assert stating(measured, Subject(heart_rate=80)).period == measured.period == stating(measured, Subject()).period


def test_a_shunt_that_is_stated_is_known_until_it_is_taken_back():
    cine = stating(a_cine(), Subject(known_shunt=True))
    assert subject_of(cine).known_shunt and subject_of(cine, Subject(sex="F")).known_shunt
    assert not subject_of(stating(cine, Subject())).known_shunt


def test_a_rate_that_the_user_gave_stays_the_users_until_it_is_taken_back():
    once = stating(a_cine(heart_rate=70.0), Subject(heart_rate=20))
    again = stating(once, subject_of(once))
    assert once.source.rate_given and again.source.rate_given
    assert not stating(again, Subject()).source.rate_given
    of_file = a_cine(heart_rate=70.0)
    assert not stating(of_file, subject_of(of_file)).source.rate_given

from __future__ import annotations

import numpy as np
import pytest
from labelled_heart import a_labelled_heart

from medvos.errors import InputError
from medvos.structures import LV, MYO, RV
from medvos_lab.bench.protocol import ed_and_es, prepare
from medvos_lab.datasets.labelled import LabelledCine
from medvos_lab.datasets.sunnybrook import sunnybrook_4d


def test_ed_is_the_labelled_phase_with_the_largest_cavity():
    assert ed_and_es(a_labelled_heart()) == (2, 0)


def test_the_seed_is_the_middle_one_of_the_slices_that_show_everything_at_ed():
    trial = prepare(a_labelled_heart(8))  # the RV is in slices 0 to 4
    assert (trial.phase, trial.slice) == (2, 2)


def test_the_method_sees_the_seed_slice_and_nothing_else():
    case = a_labelled_heart()
    trial = prepare(case)
    seed = trial.seed
    assert np.argwhere(seed.drawn).tolist() == [[trial.phase, trial.slice]]
    assert (seed.labels[trial.phase, trial.slice] == case.labels[trial.phase, trial.slice]).all()
    others = seed.labels.copy()
    others[trial.phase, trial.slice] = 0
    assert not others.any()


def test_the_seed_slice_is_scored_at_every_phase_but_its_own():
    trial = prepare(a_labelled_heart())
    scored = trial.scored(LV)
    assert not scored[trial.phase, trial.slice]
    assert scored[trial.es, trial.slice]
    assert scored.sum() == trial.case.known(LV).sum() - 1


def test_frames_that_no_expert_judged_are_not_scored():
    assert not prepare(a_labelled_heart()).scored(LV)[1].any()


def test_volumes_are_compared_with_the_seed_slice_in():
    trial = prepare(a_labelled_heart())
    assert trial.measured_slices(LV).all()


def test_unlabelled_voxels_of_the_seed_slice_are_not_drawn():
    case = a_labelled_heart()
    labels = np.where(np.isin(case.labels, (LV, MYO)), case.labels, 255).astype(np.uint8)
    drawn = np.zeros((*labels.shape[:2], 4), bool)
    drawn[[0, 2], :, LV] = drawn[2, :, MYO] = True
    seed = prepare(LabelledCine("left", case.cine, labels, "made", drawn)).seed
    assert set(np.unique(seed.labels)) == {0, LV, MYO}


def test_a_case_with_one_labelled_phase_is_refused():
    case = a_labelled_heart()
    labels = case.labels.copy()
    labels[0] = 255
    with pytest.raises(InputError, match="ED and ES"):
        prepare(LabelledCine("lone", case.cine, labels, "made"))


def test_a_case_without_a_complete_slice_is_refused():
    case = a_labelled_heart()
    labels = case.labels.copy()
    labels[2][labels[2] == RV] = 0
    with pytest.raises(InputError, match="none can be seed"):
        prepare(LabelledCine("torn", case.cine, labels, "made"))


def test_the_seeds_of_the_real_4d_patients_hold_cavity_and_wall_at_ed(data_folder):
    for case in sunnybrook_4d(data_folder):
        trial = prepare(case)
        assert trial.ed in (18, 19) and trial.es in (6, 7)
        assert set(np.unique(trial.seed.labels)) == {0, LV, MYO}

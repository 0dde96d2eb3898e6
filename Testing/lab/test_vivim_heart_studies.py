"""How the hearts of the studies move."""

from __future__ import annotations

import numpy as np
import torch
from training_studies import a_cavity_study, a_study

from medvos.structures import LV
from medvos_lab.motion.flow import displacement, follow, identity
from medvos_lab.studies import Study
from medvos_lab.vivim.heart_studies import load_hearts


def a_contracting_study() -> Study:
    """Two phases of two slices: the LV is smaller in the second phase."""
    study = a_study(slices=2)
    y, x = np.mgrid[:72, :72]
    labels = study.labels.copy()
    for i, phase in enumerate(study.phases):
        radius = np.hypot(y - 36, x - 42)
        labels[i][radius <= 14] = 2
        labels[i][radius <= (11 if phase == 0 else 6)] = LV
    return Study(labels * np.uint8(60), labels, study.phases, study.slices, study.structures, 1.0, "acdc")


def test_slices_that_show_the_lv_at_both_phases_have_a_path_and_others_none(tmp_path):
    contracting, still, cavity = load_hearts([a_contracting_study(), a_study(slices=2), a_cavity_study()], tmp_path)
    assert sorted(contracting.velocities) == [0, 1]
    assert sorted(still.velocities) == [0]  # its last slice is empty
    assert not cavity.velocities
    np.testing.assert_allclose(cavity.centre, [42, 36], atol=1)


def test_the_path_goes_inwards_where_the_lv_contracts(tmp_path):
    (heart,) = load_hearts([a_contracting_study()], tmp_path)
    velocity = torch.from_numpy(heart.velocities[0]).float()[None]
    base = identity(32)[None]
    at_ed = follow(base, displacement(velocity, -torch.ones(1)))
    middle = torch.tensor(([42.0, 36.0] - heart.centre) / heart.reach).float()
    away = (base - middle).norm(dim=-1), (at_ed - middle).norm(dim=-1)
    ring = (away[0] > 5 / heart.reach) & (away[0] < 10 / heart.reach)
    assert (away[1][ring] - away[0][ring]).mean() * heart.reach > 1  # what lies here at ES lay further out at ED


def test_paths_are_found_once(tmp_path, monkeypatch):
    first = load_hearts([a_contracting_study()], tmp_path)[0].velocities[0]
    monkeypatch.setattr("medvos_lab.vivim.heart_studies.register", None)
    np.testing.assert_array_equal(load_hearts([a_contracting_study()], tmp_path)[0].velocities[0], first)

from __future__ import annotations

import numpy as np
import pytest
import torch
from a_camus_study import a_camus_study
from tiny_echo import TINY_ECHO, an_echo_network

from medvos.structures import LA, LV, MYO
from medvos_lab.bench.camus_scores import network_labels, on_camus


def test_perfect_labels_get_perfect_scores():
    found = on_camus(lambda study: study.labels, [a_camus_study(), a_camus_study(13, 9)], (LV, MYO, LA))
    assert found["CAMUS studies"] == 2
    for name in ("LV", "Myo", "LA"):
        assert found[f"CAMUS {name} ED"] == found[f"CAMUS {name} ES"] == 1
    assert found["CAMUS EF, mean absolute error in points"] == 0


def test_what_was_drawn_or_is_not_found_is_not_scored():
    study = a_camus_study()
    shifted = np.roll(study.labels, 6, 2)
    found = on_camus(lambda _: shifted, [study], (LV,), drawn=True)
    assert "CAMUS LV ED" not in found and "CAMUS Myo ES" not in found
    lv = study.labels[1] == LV
    overlap = 2 * (lv & (shifted[1] == LV)).sum() / (2 * lv.sum())
    assert found["CAMUS LV ES"] == pytest.approx(overlap)


def test_an_ef_that_is_not_known_is_counted():
    study = a_camus_study()
    found = on_camus(lambda one: one.labels * (np.arange(2) < 1)[:, None, None].astype(np.uint8), [study, study], (LV,))
    assert found["CAMUS EF not known"] == 2 and np.isnan(found["CAMUS EF, mean absolute error in points"])


def test_a_network_labels_both_frames_on_the_grid_of_the_drawings():
    study = a_camus_study()
    network = an_echo_network(TINY_ECHO)
    with torch.no_grad():
        network.decoder.logits.weight.zero_()
        network.decoder.logits.bias.copy_(torch.tensor([1.0, 5.0, -5.0]))
    found = network_labels(network, study, torch.device("cpu"))
    assert found.shape == study.labels.shape and set(np.unique(found)) <= {0, MYO}
    assert (found[:, 20:40, 20:40] == MYO).all()

"""Mean, presence and spread of the predictions of one slice."""

from __future__ import annotations

import torch

from medvos.propagation.combine import combine, without_absent


def test_leaving_nothing_out_leaves_the_distribution_as_it_is():
    p = torch.rand(2, 4, 16, 16).softmax(1)
    torch.testing.assert_close(without_absent(p, torch.ones(2, 3), 0.5), p)
    one_less = without_absent(p, torch.tensor([[1.0, 0.05, 1.0], [1.0, 1.0, 1.0]]), 0.5)
    torch.testing.assert_close(one_less[0, [1, 3]], p[0, [1, 3]])
    torch.testing.assert_close(one_less[0, 0], p[0, 0] + p[0, 2])


def test_the_mean_has_the_weights_of_the_directions():
    directions = torch.rand(2, 3, 4, 8, 8).softmax(2)
    weights = torch.tensor([[1.0, 0.5, 0.25], [0.0, 0.5, 0.75]])
    found = combine(directions, torch.stack([torch.ones(3, 3), torch.zeros(3, 3)]), weights)
    torch.testing.assert_close(found.mean[0], directions[0, 0])
    torch.testing.assert_close(found.mean[2], 0.25 * directions[0, 2] + 0.75 * directions[1, 2])
    torch.testing.assert_close(found.presence[:, 0], weights[0])
    assert found.spread[0].max() < 1e-12
    assert found.spread[1].min() > 0


def test_masks_carried_elsewhere_add_to_the_spread_where_the_motion_is_sure():
    predicted = torch.zeros(1, 1, 2, 4, 4)
    predicted[0, 0, 1, :2], predicted[0, 0, 0, 2:] = 1, 1
    carried = torch.zeros(1, 2, 4, 4)
    carried[0, 0, :1] = 1  # one row less
    carried[0, 1, :, :2] = 1  # the motion is sure on the left alone
    spread = combine(predicted, torch.ones(1, 1, 1), None, carried).spread[0]
    assert (spread[1, :2] > 0).all()
    spread[1, :2] = 0
    assert spread.max() == 0

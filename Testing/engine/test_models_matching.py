"""Matching against slow loops that follow the papers' words."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from medvos.models.matching import affinity, best_patches, dense_readout, patch_readout


def some(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def corners(size: int, patch: int) -> list[int]:
    """First rows of the patches: half-overlapping until the edge is reached or passed."""
    found = [0]
    while found[-1] + patch < size:
        found.append(found[-1] + patch // 2)
    return found


def cut(maps: Tensor, patch: int) -> list[tuple[list[tuple[int, int]], Tensor]]:
    """(C, h, w) -> each patch's pixel places, those over the edge too, and its (P*P, C) features."""
    _, h, w = maps.shape
    patches = []
    for top in corners(h, patch):
        for left in corners(w, patch):
            places = [(top + i, left + j) for i in range(patch) for j in range(patch)]
            features = torch.stack([maps[:, min(y, h - 1), min(x, w - 1)] for y, x in places])
            patches.append((places, features))
    return patches


def slow_patch_readout(query: Tensor, keys: Tensor, values: Tensor, patch: int, chosen: Tensor) -> Tensor:
    """(Ck, h, w), (T, Ck, h, w), (T, Cv, h, w), (N, K) -> (Cv, h, w)."""
    _, h, w = query.shape
    memory_keys = [features for entry in keys for _, features in cut(entry, patch)]
    memory_values = [features for entry in values for _, features in cut(entry, patch)]
    total, count = torch.zeros(values.shape[1], h, w), torch.zeros(h, w)
    for (places, features), picks in zip(cut(query, patch), chosen.tolist(), strict=True):
        k = torch.cat([memory_keys[i] for i in picks])
        v = torch.cat([memory_values[i] for i in picks])
        for (y, x), q in zip(places, features, strict=True):
            if y < h and x < w:
                distance = (q - k).square().sum(1) / math.sqrt(len(q))
                total[:, y, x] += (-distance).softmax(0) @ v
                count[y, x] += 1
    return total / count


def test_affinity_differs_from_negative_squared_distance_by_the_query_alone():
    query, memory = some(5, 8), some(7, 8, seed=1)
    distance = torch.cdist(query, memory).square() / math.sqrt(8)
    offset = affinity(query, memory) + distance
    torch.testing.assert_close(offset, offset[:, :1].expand(-1, 7))


@pytest.mark.parametrize("top_k", [None, 4, 1000])
def test_dense_readout_weighs_every_memory_pixel_by_its_distance(top_k):
    query, keys, values = some(2, 4, 3, 5), some(2, 3, 4, 3, 5, seed=1), some(2, 3, 6, 3, 5, seed=2)
    found = dense_readout(query, keys, values, top_k)
    for b in range(2):
        k = torch.stack([keys[b, t, :, y, x] for t in range(3) for y in range(3) for x in range(5)])
        v = torch.stack([values[b, t, :, y, x] for t in range(3) for y in range(3) for x in range(5)])
        for y in range(3):
            for x in range(5):
                closeness = -(query[b, :, y, x] - k).square().sum(1) / 2
                best = closeness.argsort(descending=True)[:top_k]
                torch.testing.assert_close(found[b, :, y, x], closeness[best].softmax(0) @ v[best])


@pytest.mark.parametrize(("h", "w", "patch"), [(8, 8, 4), (7, 9, 4), (5, 6, 2), (3, 10, 6), (8, 11, 6)])
def test_patch_readout_follows_the_definition_on_any_size(h, w, patch):
    query, keys, values = some(2, 4, h, w), some(2, 2, 4, h, w, seed=1), some(2, 2, 3, h, w, seed=2)
    chosen = best_patches(query, keys, patch, 3)
    found = patch_readout(query, keys, values, patch, chosen)
    assert found.shape == (2, 3, h, w)
    for b in range(2):
        torch.testing.assert_close(found[b], slow_patch_readout(query[b], keys[b], values[b], patch, chosen[b]))


@pytest.mark.parametrize(("h", "w"), [(8, 8), (7, 9)])
def test_the_chosen_patches_are_the_nearest_in_squared_distance(h, w):
    query, keys = some(1, 4, h, w), some(1, 3, 4, h, w, seed=1)
    memory = torch.stack([features.flatten() for entry in keys[0] for _, features in cut(entry, 4)])
    chosen = best_patches(query, keys, 4, 4)[0]
    for (_, features), picks in zip(cut(query[0], 4), chosen, strict=True):
        nearest = (features.flatten() - memory).square().sum(1).argsort()[:4]
        assert picks.tolist() == nearest.tolist()


def test_one_patch_over_the_whole_map_is_dense_matching():
    query, keys, values = some(2, 8, 6, 6), some(2, 1, 8, 6, 6, seed=1), some(2, 1, 5, 6, 6, seed=2)
    chosen = best_patches(query, keys, 6, 4)
    torch.testing.assert_close(patch_readout(query, keys, values, 6, chosen), dense_readout(query, keys, values))


def test_more_patches_asked_for_than_there_are_means_all_of_them():
    query, keys = some(1, 4, 6, 6), some(1, 2, 4, 6, 6, seed=1)
    chosen = best_patches(query, keys, 4, 100)
    assert chosen.shape == (1, 4, 8)
    assert chosen.sort(-1).values.tolist() == [[list(range(8))] * 4]


@pytest.mark.parametrize("size", [4, 5, 6, 7, 8, 24])
def test_both_scales_cut_the_same_patches(size):
    """A match at stride 16 must point at the same place at stride 8, for which patches are numbered alike."""
    patch = 4
    coarse, fine = torch.arange(size * size).reshape(1, size, size), some(1, 2 * size, 2 * size)
    for (here, _), (there, _) in zip(cut(coarse.float(), patch), cut(fine, 2 * patch), strict=True):
        assert (2 * here[0][0], 2 * here[0][1]) == there[0]
    fine_query = some(1, 4, 2 * size, 2 * size)
    chosen = best_patches(some(1, 4, size, size), some(1, 2, 4, size, size, seed=1), patch, 2)
    values = some(1, 2, 3, 2 * size, 2 * size, seed=2)
    keys = some(1, 2, 4, 2 * size, 2 * size, seed=3)
    torch.testing.assert_close(
        patch_readout(fine_query, keys, values, 2 * patch, chosen)[0],
        slow_patch_readout(fine_query[0], keys[0], values[0], 2 * patch, chosen[0]),
    )


def test_an_exact_match_in_the_second_entry_is_found_there():
    query = 5 * some(1, 8, 8, 8)
    keys = torch.stack([5 * some(1, 8, 8, 8, seed=1), query], 1)
    values = some(1, 2, 3, 8, 8, seed=2)
    chosen = best_patches(query, keys, 4, 1)
    assert chosen.flatten().tolist() == list(range(9, 18))
    torch.testing.assert_close(patch_readout(query, keys, values, 4, chosen), values[:, 1], atol=1e-3, rtol=1e-3)


def test_constant_values_are_read_as_that_constant():
    query, keys = some(1, 4, 7, 9), some(1, 2, 4, 7, 9, seed=1)
    values = torch.full((1, 2, 3, 7, 9), 2.5)
    found = patch_readout(query, keys, values, 4, best_patches(query, keys, 4, 4))
    torch.testing.assert_close(found, torch.full((1, 3, 7, 9), 2.5))


def test_gradients_reach_query_keys_and_values():
    tensors = [t.requires_grad_() for t in (some(1, 4, 8, 8), some(1, 2, 4, 8, 8, seed=1), some(1, 2, 3, 8, 8, seed=2))]
    query, keys, values = tensors
    patch_readout(query, keys, values, 4, best_patches(query, keys, 4, 4)).square().sum().backward()
    assert all(t.grad is not None and t.grad.abs().sum() > 0 for t in tensors)

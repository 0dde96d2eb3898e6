"""The front door: from a cine and a seed to a result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_network import a_cine, a_network, a_seed, heart_slice, store_network

from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos.models.cstm.network import Cstm
from medvos.progress import Progress
from medvos.propagation.propagate import propagate
from medvos.propagation.settings import PropagationSettings
from medvos.result import Result
from medvos.structures import LV, MVO, MYO, RV


@pytest.fixture(autouse=True)
def a_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDVOS_MODELS", str(_folder(tmp_path_factory)))


def _folder(factory: pytest.TempPathFactory) -> Path:
    folder = factory.getbasetemp() / "tiny_store"
    if not folder.exists():
        store_network(folder, a_network())
    return folder


def run(cine, seed, **options):
    return propagate(cine, seed, model="tiny", device="cpu", **options)


def notes_of(result: Result) -> list[str]:
    """The notes of a result but for parts of the RV: random weights find some anywhere."""
    return [note for note in result.provenance["notes"] if "other side of the LV" not in note]


def test_the_result_covers_the_cine_and_says_how_it_was_made():
    cine = a_cine()
    result = run(cine, a_seed(cine, (3, 1)))
    assert result.labels.shape == result.uncertainty.shape == cine.shape
    assert (result.labels.dtype, result.uncertainty.dtype) == (np.uint8, np.float32)
    assert result.slice_scores.shape == result.seeds.shape == cine.shape[:2]
    assert 0 <= result.uncertainty.min() <= result.uncertainty.max() <= 1
    assert 0 <= result.slice_scores.min() <= result.slice_scores.max() <= 1
    assert result.provenance["model"] == "tiny"
    assert result.provenance["terms"] == "for tests"
    assert len(result.provenance["weights_sha256"]) == 64


@pytest.mark.parametrize("spacing", [(8.0, 1.5, 1.5), (8.0, 1.1, 1.7), (8.0, 0.9, 0.9)])
def test_drawn_slices_come_back_exactly_as_drawn(spacing):
    cine = a_cine(spacing=spacing)
    seed = a_seed(cine, (3, 0), (1, 2), (0, 3))
    seed.labels[1, 2] = np.roll(seed.labels[1, 2], (5, -9), (0, 1))
    seed.labels[0, 3, 2, 3] = LV  # a crumb that a person drew
    result = run(cine, seed)
    np.testing.assert_array_equal(result.labels[seed.drawn], seed.labels[seed.drawn])
    np.testing.assert_array_equal(result.seeds, seed.drawn)
    assert not result.uncertainty[seed.drawn].any()
    assert not result.slice_scores[seed.drawn].any()


def test_other_labels_keep_their_numbers():
    cine = a_cine()
    mask = heart_slice()
    mask[mask == MYO] = 7
    mask[mask == RV] = 200
    labels = run(cine, a_seed(cine, (0, 1), mask=mask)).labels
    assert set(np.unique(labels)) <= {0, LV, 7, 200}
    assert len(set(np.unique(labels[1:])) - {0}) > 1


def test_labels_that_nobody_drew_never_appear():
    cine = a_cine()
    mask = np.where(heart_slice() == LV, LV, 0).astype(np.uint8)
    result = run(cine, a_seed(cine, (2, 1), mask=mask))
    assert set(np.unique(result.labels)) == {0, LV}
    assert (result.labels[0] == LV).any()


def test_nothing_is_found_outside_the_region():
    cine = a_cine(side=132)
    result = run(cine, a_seed(cine, (0, 1)))  # the heart is near the upper left corner
    assert not result.labels[:, :, 72:].any()
    assert not result.labels[:, :, :, 80:].any()
    assert not result.uncertainty[:, :, 72:].any()


def test_progress_grows_to_its_total():
    cine = a_cine(5, 4)
    told: list[Progress] = []
    run(cine, a_seed(cine, (0, 1)), progress=told.append)
    assert (told[0].done, told[0].total) == (0, 0)
    done = [report.done for report in told]
    assert done == sorted(done) and len(set(done)) > 10
    assert {report.total for report in told[1:]} == {done[-1]} == {5 * 4}
    assert {report.message for report in told[1:]} == {"propagating"}


@pytest.mark.parametrize(
    "settings", [PropagationSettings(mirrored=False, outer_fraction=0), PropagationSettings(outer_fraction=1, batch=3)]
)
@pytest.mark.parametrize(("phases", "slices"), [(2, 1), (2, 4), (4, 3)])
def test_the_total_is_right_for_any_settings_and_size(settings, phases, slices):
    cine = a_cine(phases, slices)
    told: list[Progress] = []
    run(cine, a_seed(cine, (0, 0)), progress=told.append, settings=settings)
    assert told[-1].done == told[-1].total


@pytest.fixture
def threads_kept():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_two_passes_at_once_give_what_one_after_the_other_gives(threads_kept: None):
    cine = a_cine(4, 3)
    shown: list[int] = []
    torch.set_num_threads(2)
    both = run(cine, a_seed(cine, (0, 1)), on_slice=lambda z, labels: shown.append(z))
    torch.set_num_threads(1)
    one = run(cine, a_seed(cine, (0, 1)))
    np.testing.assert_array_equal(both.labels, one.labels)
    np.testing.assert_allclose(both.uncertainty, one.uncertainty, atol=1e-5)
    assert sorted(shown) == [0, 1, 2]


def test_an_exception_in_progress_stops_the_work():
    class Enough(Exception):
        pass

    told: list[Progress] = []

    def stop(report: Progress) -> None:
        told.append(report)
        if len(told) == 2:
            raise Enough

    cine = a_cine()
    with pytest.raises(Enough):
        run(cine, a_seed(cine, (0, 1)), progress=stop)
    assert len(told) == 2


def test_the_same_input_gives_the_same_result():
    cine = a_cine()
    seed = a_seed(cine, (1, 2))
    first, second = run(cine, seed), run(cine, seed)
    np.testing.assert_array_equal(first.labels, second.labels)
    np.testing.assert_array_equal(first.uncertainty, second.uncertainty)


def test_neither_brightness_nor_contrast_matters():
    cine = a_cine()
    seed = a_seed(cine, (1, 2), mask=np.roll(heart_slice(), -14, 0))  # the region stands over the edge
    first = run(cine, seed)
    for scale, z in ((1, -3000), (8, 1024)):
        other = run(replace(cine, array=cine.array * scale + z), seed)
        assert (first.labels != other.labels).mean() < 1e-3


def test_turning_the_beat_turns_the_result():
    cine = a_cine()
    seed = a_seed(cine, (1, 2))
    turned = replace(cine, array=np.roll(cine.array, 2, 0))
    first, second = run(cine, seed), run(turned, a_seed(cine, (3, 2)))
    assert (np.roll(first.labels, 2, 0) != second.labels).mean() < 1e-3
    np.testing.assert_allclose(np.roll(first.slice_scores, 2, 0), second.slice_scores, atol=1e-3)


def test_a_mirrored_heart_gives_the_mirrored_result():
    cine = a_cine(side=64)
    seed = a_seed(cine, (1, 2), mask=heart_slice(64, (32, 31)))
    twin = replace(cine, array=cine.array[..., ::-1].copy())
    twin_seed = Seed(seed.labels[..., ::-1].copy(), seed.drawn)
    first, second = run(cine, seed), run(twin, twin_seed)
    assert (first.labels[..., ::-1] != second.labels).mean() < 0.02


def test_a_seed_of_another_shape_or_without_labels_is_refused():
    cine = a_cine()
    with pytest.raises(InputError, match="shape"):
        run(cine, a_seed(a_cine(3), (0, 1)))
    with pytest.raises(InputError, match="empty"):
        run(cine, a_seed(cine))


def test_a_cine_that_was_not_read_from_a_file_is_checked_too():
    cine = a_cine()
    seed = a_seed(cine, (0, 1))
    with pytest.raises(InputError, match="Phase 1, slice 1"):
        run(replace(cine, array=np.full_like(cine.array, np.nan)), seed)
    lone = a_cine(1)
    with pytest.raises(InputError, match="one phase only"):
        run(lone, a_seed(lone, (0, 1)))


@pytest.mark.parametrize("dtype", [np.int16, np.float64])
def test_greys_of_any_number_type_give_the_same_result(dtype):
    cine = a_cine()
    seed = a_seed(cine, (0, 1))
    other = run(replace(cine, array=cine.array.astype(dtype)), seed)
    np.testing.assert_array_equal(other.labels, run(cine, seed).labels)


def test_unknown_models_and_absent_devices_are_refused(monkeypatch):
    cine = a_cine()
    seed = a_seed(cine, (0, 1))
    with pytest.raises(InputError, match="model 'huge' here"):
        propagate(cine, seed, model="huge")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="'cuda' was asked for"):
        propagate(cine, seed, model="tiny", device="cuda")


def test_notes_of_the_cine_are_handed_on():
    cine = a_cine()
    cine = replace(cine, source=replace(cine.source, notes=("Two series were left out.",)))
    assert notes_of(run(cine, a_seed(cine, (0, 1)))) == ["Two series were left out."]


def test_a_drawing_that_is_out_of_reach_is_said():
    cine = a_cine(side=160)
    seed = a_seed(cine, (0, 1), (2, 3))
    seed.labels[2, 3] = 0
    seed.labels[2, 3, 140:150, 140:150] = 9
    (note,) = notes_of(run(cine, seed))
    assert "slice 4 at phase 3" in note and "outside the region" in note


def test_short_memory_means_smaller_batches_and_the_same_result(monkeypatch):
    cine = a_cine(5)
    seed = a_seed(cine, (0, 1))
    expected = run(cine, seed)
    _out_of_memory_beyond(monkeypatch, 2)
    result = run(cine, seed, settings=PropagationSettings(batch=8))
    assert (result.labels != expected.labels).mean() < 1e-3
    assert notes_of(result) == ["The GPU's memory was short: it worked on 2 frames at a time."]


def _out_of_memory_beyond(monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    encode = Cstm.encode_frame

    def short(self: Cstm, image: torch.Tensor):
        if len(image) > batch:
            raise torch.cuda.OutOfMemoryError("no memory")
        return encode(self, image)

    monkeypatch.setattr(Cstm, "encode_frame", short)


def test_a_correction_changes_its_neighbourhood_and_nothing_else():
    cine = a_cine(4, 8)
    first = run(cine, a_seed(cine, (0, 2)))
    labels = np.zeros(cine.shape, np.uint8)
    labels[0, 2] = heart_slice()
    labels[3, 5] = heart_slice(centre=(30, 40))
    labels[1, 0] = first.labels[1, 0]  # accepted
    seed = Seed(labels, labels.any((2, 3)))
    told: list[Progress] = []
    shown: list[int] = []
    second = run(cine, seed, previous=first, progress=told.append, on_slice=lambda z, labels: shown.append(z))
    np.testing.assert_array_equal(second.labels[seed.drawn], labels[seed.drawn])
    np.testing.assert_array_equal(second.seeds, seed.drawn)
    for z in (1, 2, 3, 7):
        np.testing.assert_array_equal(second.labels[:, z], first.labels[:, z])
        np.testing.assert_array_equal(second.slice_scores[:, z], first.slice_scores[:, z])
    assert (second.labels[:, 5] != first.labels[:, 5]).any()
    assert (second.labels[:, 4] != first.labels[:, 4]).any()
    assert sorted(shown) == [4, 5, 6]
    assert told[-1].done == told[-1].total


def test_a_damaged_result_is_not_corrected():
    cine = a_cine()
    first = run(cine, a_seed(cine, (0, 1)))
    with pytest.raises(InputError, match="within 0 and 1"):
        run(cine, a_seed(cine, (0, 1), (2, 3)), previous=replace(first, uncertainty=first.uncertainty + 2))


def test_slices_kept_of_another_model_are_told_of():
    cine = a_cine(4, 8)
    first = run(cine, a_seed(cine, (0, 2)))
    seed = a_seed(cine, (0, 2), (3, 5))
    assert notes_of(run(cine, seed, previous=first)) == []
    other = replace(first, provenance={"model": "small", "weights_sha256": "0" * 64})
    (note,) = notes_of(run(cine, seed, previous=other))
    assert note == "Predicted again by tiny: slices 5, 6, 7 (counted from 1); all others are by small."


def test_where_nothing_of_an_earlier_result_was_drawn_all_is_followed_anew_and_said():
    cine = a_cine()
    seed = a_seed(cine, (0, 1))
    undrawn = replace(run(cine, seed), seeds=np.zeros(cine.shape[:2], bool))
    second = run(cine, seed, previous=undrawn)
    assert "predicted again" in notes_of(second)[0]
    np.testing.assert_array_equal(second.labels, run(cine, seed).labels)


def test_obstruction_of_an_earlier_result_is_wall_in_the_next():
    cine = a_cine(4, 8)
    whole = run(cine, a_seed(cine, (0, 2)))
    obstructed = whole.labels.copy()
    obstructed[..., ::2][obstructed[..., ::2] == MYO] = MVO
    assert (obstructed == MVO).any()
    labels = np.zeros(cine.shape, np.uint8)
    labels[0, 2] = obstructed[0, 2]
    labels[3, 5] = heart_slice(centre=(30, 40))
    second = run(cine, Seed(labels, labels.any((2, 3))), previous=replace(whole, labels=obstructed))
    labels[0, 2] = whole.labels[0, 2]
    expected = run(cine, Seed(labels, labels.any((2, 3))), previous=whole)
    np.testing.assert_array_equal(second.labels, expected.labels)
    (note,) = notes_of(second)
    assert "predict it again" in note
    drawn_alone = run(cine, Seed(np.where(labels == MYO, np.uint8(MVO), labels), labels.any((2, 3))))
    assert notes_of(drawn_alone) == [note] and not (drawn_alone.labels == MVO).any()
    np.testing.assert_array_equal(drawn_alone.labels[3, 5], labels[3, 5])


def test_accepting_alone_changes_no_label():
    cine = a_cine()
    first = run(cine, a_seed(cine, (0, 1)))
    labels = np.zeros(cine.shape, np.uint8)
    labels[0, 1], labels[2, 3] = heart_slice(), first.labels[2, 3]
    drawn = np.zeros(cine.shape[:2], bool)
    drawn[0, 1] = drawn[2, 3] = True
    second = run(cine, Seed(labels, drawn), previous=first)
    np.testing.assert_array_equal(second.labels, first.labels)
    assert second.slice_scores[2, 3] == 0


def test_slices_are_shown_on_the_cine_s_grid_while_the_work_goes_on():
    cine = a_cine(3, 4, spacing=(8.0, 1.1, 1.7))
    seed = a_seed(cine, (1, 2))
    shown: dict[int, np.ndarray] = {}
    result = run(cine, seed, on_slice=shown.__setitem__, settings=PropagationSettings(mirrored=False))
    assert set(shown) == {0, 1, 2, 3}
    for z, labels in shown.items():
        np.testing.assert_array_equal(labels, result.labels[:, z])


def test_corrections_that_reach_every_slice_are_followed_through_all_and_it_is_said_why():
    cine = a_cine(4, 3)
    first = run(cine, a_seed(cine, (0, 1)))
    seed = a_seed(cine, (0, 1), (2, 0), (2, 2))
    for place in ((2, 0), (2, 2)):
        seed.labels[place] = np.roll(seed.labels[place], 2, axis=0)
    told: list[Progress] = []
    second = run(cine, seed, previous=first, progress=told.append)
    (note,) = notes_of(second)
    assert "All slices were predicted again" in note and "reach every slice" in note
    np.testing.assert_array_equal(second.labels[seed.drawn], seed.labels[seed.drawn])
    assert told[-1].total == 4 * 3

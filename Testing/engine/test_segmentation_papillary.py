"""Papillary muscles as wall and as cavity, on drawn shapes and on real patients whose readers count them as blood."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from medvos.cine.read import read
from medvos.segmentation.papillary import Converted, muscles_as_cavity, muscles_as_wall
from medvos.structures import LV, MYO

SPACING = (1.5, 1.5)


def a_ring(side: int = 80, inner: float = 20, outer: float = 28) -> np.ndarray:
    y, x = np.indices((side, side)) - (side - 1) / 2
    radius = np.hypot(y, x)
    return np.where(radius < inner, LV, np.where(radius < outer, MYO, 0)).astype(np.uint8)


def a_picture(labels: np.ndarray, muscle: tuple[slice, slice]) -> np.ndarray:
    """Bright blood, dark wall, one dark muscle and some noise."""
    image = np.where(labels == LV, 200.0, 60.0)
    image[muscle] = np.where(labels[muscle] == LV, 65.0, image[muscle])
    return (image + np.random.default_rng(0).normal(0, 6, labels.shape)).astype(np.float32)


MUSCLE = (slice(45, 52), slice(44, 51))


def dice(one: np.ndarray, other: np.ndarray) -> float:
    return 2 * np.count_nonzero(one & other) / (np.count_nonzero(one) + np.count_nonzero(other))


def test_a_dark_muscle_becomes_wall_and_the_rim_stays_cavity():
    labels = a_ring()
    found = muscles_as_wall(a_picture(labels, MUSCLE), labels, SPACING)
    changed = found.labels != labels
    expected = np.zeros_like(changed)
    expected[MUSCLE] = True
    assert found.why_not == "" and dice(changed, expected) > 0.9 and (found.labels[changed] == MYO).all()


def test_a_shaded_picture_is_no_muscle():
    labels = a_ring()
    shading = np.exp(np.linspace(0, 1.4, 80))[:, None]
    even, shaded = (muscles_as_wall(a_picture(labels, MUSCLE) * k, labels, SPACING).labels for k in (1, shading))
    assert dice(even == MYO, shaded == MYO) > 0.98


@pytest.mark.parametrize("outline", ["attached", "free"])
def test_a_muscle_that_is_drawn_as_wall_becomes_cavity_again(outline: str):
    labels = a_ring()
    drawn = labels.copy()
    part = (slice(50, 60), slice(36, 44)) if outline == "attached" else (slice(44, 50), slice(40, 46))
    drawn[part] = np.where(labels[part] == LV, MYO, drawn[part])
    found = muscles_as_cavity(drawn, SPACING).labels
    # A closing leaves the part of a wide dent that lies beyond the chord across it.
    assert dice(found == LV, labels == LV) > 0.99 > dice(drawn == LV, labels == LV)


def test_a_flattened_septum_is_no_muscle():
    labels = a_ring(inner=24, outer=32)
    flat = labels.copy()
    flat[:, :32] = np.where(labels[:, :32] == LV, MYO, labels[:, :32])
    found = muscles_as_cavity(flat, SPACING)
    np.testing.assert_array_equal(found.labels, flat)
    assert found.why_not


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda image, labels: (255 - image, labels), "not brighter"),
        (lambda image, labels: (np.full_like(image, 100), labels), "not brighter"),
        (lambda image, labels: (image, np.where(labels == MYO, 0, labels).astype(np.uint8)), "not both drawn"),
        (lambda image, labels: (image, np.zeros_like(labels)), "not both drawn"),
        (lambda image, labels: (np.where(labels == LV, 200.0, 60.0).astype(np.float32), labels), "stands out"),
    ],
)
def test_what_cannot_be_decided_is_said_and_changes_nothing(change, reason: str):
    image, labels = change(a_picture(a_ring(), MUSCLE), a_ring())
    found = muscles_as_wall(image, labels, SPACING)
    assert reason in found.why_not
    np.testing.assert_array_equal(found.labels, labels)


def test_a_cavity_that_is_mostly_muscle_stays():
    labels = a_ring()
    image = a_picture(labels, (slice(0, 48), slice(0, 80)))
    found = muscles_as_wall(image, labels, SPACING)
    np.testing.assert_array_equal(found.labels, labels)


def judged(slices: list[tuple[np.ndarray, np.ndarray, tuple[float, float]]]) -> tuple[list[Converted], list[float]]:
    """The conversions to wall of drawn slices, and of each the grey of what changed: 0 as the wall, 1 as the blood."""
    done, greys = [], []
    for image, labels, spacing in slices:
        found = muscles_as_wall(image, labels, spacing)
        if found.why_not:
            continue
        done.append(found)
        changed = found.labels != labels
        dark, bright = np.median(image[labels == MYO]), np.quantile(image[labels == LV], 0.75)
        greys.append((image[changed].mean() - dark) / (bright - dark))
        assert set(np.unique(labels[changed])) == {LV}
    return done, greys


def check_real(slices: list[tuple[np.ndarray, np.ndarray, tuple[float, float]]]) -> None:
    done, greys = judged(slices)
    assert len(done) > 0.85 * len(slices)
    assert np.median(greys) < 0.35 and max(greys) < 0.6
    # Their readers drew the muscles as blood: nothing is to be changed towards that.
    again = [muscles_as_cavity(labels, spacing).labels for _, labels, spacing in slices]
    assert min(dice(new == LV, old == LV) for new, (_, old, _) in zip(again, slices, strict=True)) > 0.97


def test_acdc(data_folder):
    with (data_folder / "acdc" / "patients.csv").open() as file:
        spacing = {row["patient"]: (float(row["dy_mm"]), float(row["dx_mm"])) for row in csv.DictReader(file)}
    slices = []
    for number in (4, 24, 44, 64, 84):  # one of each group
        name = f"patient{number:03d}"
        with np.load(data_folder / "acdc" / f"{name}.npz") as case:
            image, labels = case["image"][0].astype(np.float32), case["label"][0]
        slices += [(i, k, spacing[name]) for i, k in zip(image, labels, strict=True) if (k == LV).sum() > 100]
    assert len(slices) > 30
    check_real(slices)


def test_sunnybrook(data_folder):
    slices = []
    for name in ("SCD0000101", "SCD0000301"):
        cine = read(data_folder / "sunnybrook_4d" / name / "dicom")
        with np.load(data_folder / "sunnybrook_4d" / name / "labels.npz") as case:
            inner, outer = case["endo"] == 1, case["epi"] == 1
        for t, z in np.argwhere(inner.any((2, 3)) & outer.any((2, 3)))[:16]:
            labels = np.where(inner[t, z], LV, np.where(outer[t, z], MYO, 0)).astype(np.uint8)
            if (labels == LV).sum() > 100:
                slices.append((cine.array[t, z], labels, cine.spacing[1:]))
    assert slices
    check_real(slices)

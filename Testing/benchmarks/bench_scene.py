"""Measure the time of the Slicer side without the network: a step of the browser, and handling of a cine and result.

    python Testing/benchmarks/bench_scene.py [T Z Y X]

The exit code is 1 where a limit is exceeded.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "MedVOSSegment"))
os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")

import numpy as np

from medvos.cine.cine import Cine
from MedVOSSegmentLib.scene.cine_nodes import read_cine, show_cine
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.logics import Logics

STEP_LIMIT_MS = 20.0
HANDLING_LIMIT_S = 5.0


def a_cine(shape: tuple[int, int, int, int]) -> Cine:
    """Return noise of `shape` (T, Z, Y, X) on an oblique grid."""
    rng = np.random.default_rng(0)
    array = rng.integers(0, 1000, shape).astype(np.float32)
    axes = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    axes[:, 2] *= np.sign(np.linalg.det(axes))
    affine = np.eye(4)
    affine[:3, :3] = axes * (1.4, 1.4, 8.0)
    return Cine(array, affine, np.arange(shape[0]) * 33.0, shape[0] * 33.0)


def labels_of(shape: tuple[int, int, int, int]) -> np.ndarray:
    """Return labels (T, Z, Y, X), three concentric rings in every slice."""
    y, x = np.ogrid[: shape[2], : shape[3]]
    radius = np.hypot(y - shape[2] / 2, x - shape[3] / 2) / shape[2]
    one = np.digitize(radius, (0.1, 0.15, 0.2))
    return np.broadcast_to(np.array([3, 2, 1, 0], np.uint8)[one], shape).copy()


class Clock:
    """Named durations in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def timing(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


def step_times(heart: HeartNodes, steps: int) -> list[float]:
    """Return the milliseconds of each step until image, segments and uncertainty are those of the next phase.

    Drawing them in a view is not included.
    """
    times = []
    for _ in range(steps):
        start = time.perf_counter()
        heart.browser.SelectNextItem()
        times.append(1000 * (time.perf_counter() - start))
        phase = heart.browser.GetSelectedItemNumber()
        assert heart.volume.GetImageData() is heart.images.GetNthDataNode(phase).GetImageData()
        assert heart.segmentation.GetSegmentation() is heart.sequence.GetNthDataNode(phase).GetSegmentation()
    return times


def report(name: str, value: float, limit: float, unit: str) -> None:
    print(f"{name:<42}{value:9.2f} {unit:<3} {value / limit:6.1%} of {limit:g} {unit}")


def main(arguments: list[str]) -> int:
    shape = tuple(map(int, arguments)) or (30, 12, 256, 256)
    cine, labels = a_cine(shape), labels_of(shape)
    uncertainty = np.random.default_rng(1).random(shape, dtype=np.float32)
    clock = Clock()
    with tempfile.TemporaryDirectory() as home:
        logics = Logics.standalone(Path(home) / "slicer")
        browser = show_cine(logics, cine, "Cine")
        stages: dict[str, Callable[[], object]] = {
            "read the cine": lambda: read_cine(browser),
            "make the segments": lambda: HeartNodes.create(logics, browser),
            "read the labels": lambda: heart().labels(),
            "write the labels": lambda: heart().set_labels(labels),
            "write the uncertainty": lambda: heart().set_uncertainty(uncertainty),
        }

        def heart() -> HeartNodes:
            return HeartNodes.create(logics, browser)

        for name, stage in stages.items():
            with clock.timing(name):
                stage()
        one_slice = np.zeros(shape[:2], bool)
        one_slice[:, shape[1] // 2] = True
        with clock.timing("one slice of every phase"):
            heart().set_labels(labels, one_slice)
        steps = step_times(heart(), 4 * shape[0])
        with clock.timing("save as .mrb"):
            logics.scene.WriteToMRB(str(Path(home) / "scene.mrb"))
        assert np.array_equal(heart().labels(), labels)
        logics.scene.Clear(1)
    print(f"{' x '.join(map(str, shape))}, one process, one run")
    for name, seconds in clock.seconds.items():
        report(name, seconds, HANDLING_LIMIT_S, "s")
    handling = sum(clock.seconds[name] for name in stages)
    report("handling in all, without saving", handling, HANDLING_LIMIT_S, "s")
    report("step of the browser, median", statistics.median(steps), STEP_LIMIT_MS, "ms")
    report("step of the browser, slowest", max(steps), STEP_LIMIT_MS, "ms")
    return 0 if handling < HANDLING_LIMIT_S and statistics.median(steps) < STEP_LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The position of the heart on the voxel grid, and of the grid in the patient."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from medvos.errors import InputError
from medvos.synth.acquisition import Acquisition, ScanGrid
from medvos.synth.motion import ANGLE, Motion

Array = NDArray[np.floating[Any]]

MARGIN = 5.0  # mm between the heart and the edge of the image
# Row and column of a standard short-axis view, in DICOM's patient axes (left, posterior, superior): to the lateral and
# to the inferior wall. Their normal runs from the apex, which points left, forwards and down, to the base.
SHORT_AXIS = np.array([[0.71, 0.71, 0.0], [-0.37, 0.37, -0.85]])


class Placement:
    """The transform from voxels to the heart's own frame. Slices follow the slice normal, which runs from apex to base.

    Attributes
    ----------
    heights: (Z,) mm from the end-diastolic valve plane towards the apex.
    shifts: (Z, 2) in-plane displacement (x, y) of each breath-hold.
    """

    def __init__(self, motion: Motion, scan: Acquisition, grid: ScanGrid, rng: np.random.Generator) -> None:
        self.motion, self.scan, self.grid = motion, scan, grid
        _, slices, rows, columns = grid.shape
        distance, row_step, column_step = grid.spacing
        self.shifts = np.clip(rng.normal(0, scan.breath_hold, (slices, 2)), -4.0, 4.0)
        self.heights = self._first_height(slices, distance) + distance * np.arange(slices)[::-1]
        extent = np.array([columns * column_step, rows * row_step])
        low, high = self._bounds()
        if np.any(high - low > extent):
            need = " x ".join(f"{v:.0f}" for v in np.ceil(high - low))
            have = " x ".join(f"{v:.0f}" for v in extent)
            raise InputError(
                f"The image of {have} mm is too small for this heart, which needs {need} mm: "
                "give more columns and rows, or larger pixels."
            )
        wanted = extent / 2 + np.array(scan.off_centre)[::-1] - (low + high) / 2
        self.centre = np.clip(wanted, -low, extent - high)

    def _first_height(self, slices: int, distance: float) -> float:
        """Height of the most basal slice. A stack longer than the heart extends beyond it on both sides."""
        spare = (slices - 1) * distance - self.motion.apex
        return -self.scan.stack_offset * distance - max(0.4 * spare, 0.0)

    def _bounds(self) -> tuple[Array, Array]:
        """Lower and upper corner (x, y) of all the structures over the beat, turned, about the LV's axis."""
        corners = []
        heights = np.linspace(min(0.0, self.motion.parameters.rv_base), self.motion.apex, 12)
        for phase in {int(np.argmin(self.motion.lv)), int(np.argmax(self.motion.lv))}:
            section = self.motion.section(phase, heights)
            radius = np.maximum(section.epicardium, section.rv)
            axis = self.axis(phase, heights)
            x = radius * np.cos(ANGLE) + axis[:, :1]
            y = radius * np.sin(ANGLE) + axis[:, 1:]
            turned = self._turn(x, y, 1.0)
            corners.append([[v.min() for v in turned], [v.max() for v in turned]])
        margin = MARGIN + np.abs(self.shifts).max()
        return np.min(corners, axis=(0, 1)) - margin, np.max(corners, axis=(0, 1)) + margin

    def _turn(self, x: Array, y: Array, sign: float) -> tuple[Array, Array]:
        cos, sin = np.cos(self.scan.rotation), sign * np.sin(self.scan.rotation)
        return x * cos - y * sin, x * sin + y * cos

    def axis(self, phase: int, heights: Array) -> Array:
        """Return the (planes, 2) position (x, y) of the LV's long axis in the frame of the body."""
        p = self.motion.parameters
        middle = self.motion.apex / 2
        return np.outer(heights - middle, p.lean) + np.array(p.bulk) * self.motion.lv[phase]

    def reach(self) -> tuple[Array, Array, Array]:
        """Return heights (12,) along the heart, and its extent to the left and down there in the frame of the body."""
        heights = np.linspace(0.0, self.motion.apex, 12)
        phase = int(np.argmin(self.motion.lv))
        section, axis = self.motion.section(phase, heights), self.axis(phase, heights)
        radius = np.maximum(section.epicardium, section.rv)
        left = -(radius * np.cos(ANGLE) + axis[:, :1]).min(axis=1)
        return heights, left, (radius * np.sin(ANGLE) + axis[:, 1:]).max(axis=1)

    def body_frame(self, z: int) -> tuple[Array, Array]:
        """Return the (Y, X) position (x, y) of each pixel of slice z: mm about the heart, septum to the left."""
        _, _, rows, columns = self.grid.shape
        _, row_step, column_step = self.grid.spacing
        origin = self.centre + self.shifts[z]
        x = (np.arange(columns) + 0.5) * column_step - origin[0]
        y = (np.arange(rows) + 0.5) * row_step - origin[1]
        return self._turn(x[None, :], y[:, None], -1.0)

    def affine(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return (4, 4) from voxel index (x, y, z, 1) to RAS+ mm, with the heart near its place in a patient."""
        row, column = SHORT_AXIS
        row = row / np.linalg.norm(row)
        column = column - row * (row @ column)
        column /= np.linalg.norm(column)
        axes = np.stack([row, column, np.cross(row, column)], axis=1)
        axes = Rotation.from_euler("xyz", self.scan.tilt, degrees=True).as_matrix() @ axes
        steps = np.array(self.grid.spacing)[::-1]
        matrix = np.eye(4)
        matrix[:3, :3] = axes * steps
        voxels = np.array(self.grid.shape[:0:-1])
        matrix[:3, 3] = np.array([40.0, -30.0, 20.0]) + rng.normal(0, 15.0, 3) - matrix[:3, :3] @ ((voxels - 1) / 2)
        return np.diag([-1.0, -1.0, 1.0, 1.0]) @ matrix

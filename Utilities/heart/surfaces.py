"""The heart in 3D at each phase, from its labels, without a window."""

from __future__ import annotations

import os

# VTK reads it when it is imported.
os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
import numpy as np
import vtk
from numpy.typing import NDArray
from PIL import Image
from vtk.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy

from medvos.cine.geometry import LPS_TO_RAS
from medvos.export.surface import Surface, surface_of
from medvos.structures import STRUCTURES

OPACITY = {"LV": 1.0, "Myo": 0.38, "RV": 0.8}
ENLARGED = 2  # drawn larger than shown, so that edges are smooth
CLOSE = 0.92  # below 1 because no direction of view shows the whole diagonal of the heart
ROUNDS = 30  # of smoothing


class HeartView:
    """A view of the surfaces of a heart that stays the same over the beat, so that the heart moves and not the camera.

    >>> view = HeartView(labels, affine, size=320)
    >>> image = view.image(phase=0, turn=10.0)
    """

    def __init__(self, labels: NDArray[np.uint8], affine: NDArray[np.float64], size: int) -> None:
        """Take labels (T, Z, Y, X) and the affine (4, 4) of their grid in RAS."""
        self._surfaces = [_surfaces(labels[t], affine) for t in range(len(labels))]
        self._size = size
        self._window = vtk.vtkRenderWindow()
        self._window.SetOffScreenRendering(True)
        self._window.SetMultiSamples(0)
        self._window.SetAlphaBitPlanes(True)
        self._window.SetSize(ENLARGED * size, ENLARGED * size)
        self._renderer = vtk.vtkRenderer()
        self._renderer.SetBackground(1, 1, 1)
        self._renderer.SetUseDepthPeeling(True)
        self._renderer.SetMaximumNumberOfPeels(12)
        self._window.AddRenderer(self._renderer)
        points = np.concatenate([surface.points for phase in self._surfaces for surface in phase.values()])
        self._middle = (points.min(0) + points.max(0)) / 2
        self._radius = float(np.linalg.norm(points - self._middle, axis=1).max())
        # From the apex to the base, and the direction of the rows: the heart stands with its base at the top.
        axes = (LPS_TO_RAS @ affine)[:3, :3]
        self._up = axes[:, 2] / np.linalg.norm(axes[:, 2]) * _towards_the_base(labels)
        self._side = axes[:, 0] / np.linalg.norm(axes[:, 0])

    def image(self, phase: int, turn: float) -> Image.Image:
        """Return a square image of one phase, seen `turn` degrees from the front."""
        self._renderer.RemoveAllViewProps()
        for name, surface in self._surfaces[phase].items():
            self._renderer.AddActor(_actor(surface, name))
        front = np.cross(self._up, self._side)
        angle = np.radians(turn)
        look = np.cos(angle) * front + np.sin(angle) * self._side + 0.35 * self._up
        camera = self._renderer.GetActiveCamera()
        camera.SetViewAngle(20)
        camera.SetFocalPoint(*self._middle)
        distance = CLOSE * self._radius / np.sin(np.radians(10))
        camera.SetPosition(*(self._middle + distance * look / np.linalg.norm(look)))
        camera.SetViewUp(*self._up)
        self._renderer.ResetCameraClippingRange()
        self._window.Render()
        reader = vtk.vtkWindowToImageFilter()
        reader.SetInput(self._window)
        reader.ReadFrontBufferOff()
        reader.Update()
        drawn = reader.GetOutput()
        width, height, _ = drawn.GetDimensions()
        pixels = vtk_to_numpy(drawn.GetPointData().GetScalars()).reshape(height, width, -1)[::-1, :, :3]
        return Image.fromarray(pixels.copy()).resize((self._size, self._size), Image.Resampling.LANCZOS)


def _surfaces(labels: NDArray[np.uint8], affine: NDArray[np.float64]) -> dict[str, Surface]:
    masks = {structure.name: labels == structure.label for structure in STRUCTURES}
    found = {name: surface_of(mask, affine, masks["LV"] if name == "Myo" else None) for name, mask in masks.items()}
    return {name: surface for name, surface in found.items() if surface is not None}


def _towards_the_base(labels: NDArray[np.uint8]) -> float:
    """Return 1 where the base lies at the last slices, else -1: the heart is wider there."""
    areas = (labels > 0).sum((0, 2, 3))
    half = len(areas) // 2
    return 1.0 if areas[half:].sum() > areas[:half].sum() else -1.0


def _actor(surface: Surface, name: str) -> vtk.vtkActor:
    triangles = np.c_[np.full(len(surface.triangles), 3), surface.triangles].astype(np.int64)
    cells = vtk.vtkCellArray()
    cells.SetCells(len(triangles), numpy_to_vtkIdTypeArray(triangles.ravel(), deep=True))
    points = vtk.vtkPoints()
    points.SetData(numpy_to_vtk(surface.points, deep=True))
    mesh = vtk.vtkPolyData()
    mesh.SetPoints(points)
    mesh.SetPolys(cells)
    smooth = vtk.vtkWindowedSincPolyDataFilter()
    smooth.SetInputData(mesh)
    smooth.SetNumberOfIterations(ROUNDS)
    smooth.SetPassBand(0.05)
    normals = vtk.vtkPolyDataNormals()
    normals.SetInputConnection(smooth.GetOutputPort())
    normals.SplittingOff()
    mapper = vtk.vtkPolyDataMapper()
    mapper.SetInputConnection(normals.GetOutputPort())
    mapper.ScalarVisibilityOff()
    actor = vtk.vtkActor()
    actor.SetMapper(mapper)
    look = actor.GetProperty()
    colour = next(structure.colour for structure in STRUCTURES if structure.name == name)
    look.SetColor(*(value / 255 for value in colour))
    look.SetOpacity(OPACITY[name])
    look.SetSpecular(0.25)
    look.SetSpecularPower(20)
    look.SetAmbient(0.15)
    return actor

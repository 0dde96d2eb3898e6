"""Slicer's slice and 3D views without a window: MRML's displayable managers over an offscreen VTK window."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray
from vtk.util.numpy_support import vtk_to_numpy

from MedVOSSegmentLib.scene.logics import Logics

SLICE_MANAGERS = ("vtkMRMLSegmentationsDisplayableManager2D", "vtkMRMLModelSliceDisplayableManager")
SURFACE_MANAGERS = (
    "vtkMRMLCameraDisplayableManager",
    "vtkMRMLViewDisplayableManager",
    "vtkMRMLModelDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager3D",
)


class SliceView:
    """One slice view of the application: its node, its logic and the layers drawn over the images."""

    def __init__(self, logics: Logics, name: str, orientation: str) -> None:
        slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(logics.scene)
        self.node = logics.scene.AddNewNodeByClass("vtkMRMLSliceNode", name)
        self.node.SetLayoutName(name)
        self.node.SetOrientation(orientation)
        self.logic = slicer.vtkMRMLSliceLogic()
        self.logic.SetMRMLApplicationLogic(logics.app)
        self.logic.SetMRMLScene(logics.scene)
        self.logic.SetSliceNode(self.node)
        if logics.app.GetSliceLogics() is None:
            logics.app.SetSliceLogics(vtk.vtkCollection())
        logics.app.GetSliceLogics().AddItem(self.logic)
        self._window, renderer = _window()
        self._mapper = vtk.vtkImageMapper()
        self._mapper.SetColorWindow(255)
        self._mapper.SetColorLevel(127.5)
        image = vtk.vtkActor2D()
        image.SetMapper(self._mapper)
        image.GetProperty().SetDisplayLocationToBackground()
        renderer.AddViewProp(image)
        self._managers = _managers(SLICE_MANAGERS, logics, renderer, self.node)

    def resize(self, width: int, height: int) -> None:
        """Set the size in pixels; the field of view follows."""
        self._window.SetSize(width, height)
        self.logic.ResizeSliceNode(width, height)

    def zoom(self, width_mm: float) -> None:
        """Show `width_mm` from left to right."""
        size = self.node.GetDimensions()
        self.node.SetFieldOfView(width_mm, width_mm * size[1] / size[0], self.node.GetFieldOfView()[2])

    def image(self) -> NDArray[np.uint8]:
        """Return an image (Y, X, 3) of the view."""
        self.logic.UpdatePipeline()
        self._mapper.SetInputConnection(self.logic.GetImageDataConnection())
        return image_of(self._window)


class SurfaceView:
    """The 3D view of the application."""

    def __init__(self, logics: Logics) -> None:
        self.node = logics.scene.AddNewNodeByClass("vtkMRMLViewNode", "View1")
        self.node.SetLayoutName("1")
        self.node.SetBoxVisible(False)
        self.node.SetAxisLabelsVisible(False)
        self.node.SetUseDepthPeeling(True)
        self._window, self._renderer = _window()
        self._managers = _managers(SURFACE_MANAGERS, logics, self._renderer, self.node)

    def resize(self, width: int, height: int) -> None:
        """Set the size in pixels."""
        self._window.SetSize(width, height)

    def look(self, at: NDArray[np.float64], along: NDArray[np.float64], up: NDArray[np.float64], mm: float) -> None:
        """Look at a point along a direction, both in RAS, so far away that `mm` fill the height."""
        camera = self._renderer.GetActiveCamera()
        distance = mm / 2 / np.tan(np.radians(camera.GetViewAngle() / 2))
        camera.SetFocalPoint(*at)
        camera.SetPosition(*(at - distance * along / np.linalg.norm(along)))
        camera.SetViewUp(*up)
        self._renderer.ResetCameraClippingRange()

    def image(self) -> NDArray[np.uint8]:
        """Return an image (Y, X, 3) of the view."""
        return image_of(self._window)


def _window() -> tuple[Any, Any]:
    window = vtk.vtkRenderWindow()
    window.SetOffScreenRendering(True)
    window.SetMultiSamples(8)
    renderer = vtk.vtkRenderer()
    window.AddRenderer(renderer)
    # Displayable managers render only for an interactor, though nobody touches these views.
    interactor = vtk.vtkGenericRenderWindowInteractor()
    interactor.SetRenderWindow(window)
    return window, renderer


def _managers(names: tuple[str, ...], logics: Logics, renderer: Any, node: Any) -> Any:
    is_slice = node.IsA("vtkMRMLSliceNode")
    factories = slicer.vtkMRMLSliceViewDisplayableManagerFactory, slicer.vtkMRMLThreeDViewDisplayableManagerFactory
    factory = factories[0 if is_slice else 1].GetInstance()
    factory.SetMRMLApplicationLogic(logics.app)
    group = slicer.vtkMRMLDisplayableManagerGroup()
    group.SetRenderer(renderer)
    for name in names:
        manager = getattr(slicer, name)()
        manager.SetMRMLApplicationLogic(logics.app)
        group.AddDisplayableManager(manager)
    group.SetMRMLDisplayableNode(node)
    return group


def image_of(window: Any) -> NDArray[np.uint8]:
    """Return an image (Y, X, 3) of a VTK window."""
    window.Render()
    reader = vtk.vtkWindowToImageFilter()
    reader.SetInput(window)
    reader.ReadFrontBufferOff()
    reader.Update()
    image = reader.GetOutput()
    width, height, _ = image.GetDimensions()
    return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(height, width, -1)[::-1, :, :3].copy()

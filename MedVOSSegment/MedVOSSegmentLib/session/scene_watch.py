"""Observing the scene for the removal of nodes that the session needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from MedVOSSegmentLib.scene.kept_phases import BEFORE_THE_HIERARCHY

# What a job has written is taken back before the phase in view is kept.
BEFORE_KEEPING = BEFORE_THE_HIERARCHY + 1.0


def on_loss(
    scene: Any, is_needed: Callable[[Any], bool], lost: Callable[[], None], closed: Callable[[], None]
) -> Callable[[], None]:
    """Call ``closed`` before the scene is closed and ``lost`` before a needed node is removed.

    Returns a function that ends the observation.
    """
    import slicer
    import vtk

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def going(_caller: Any, _event: str, node: Any) -> None:
        if is_needed(node):
            lost()

    def closing(*_: Any) -> None:
        closed()

    tags = [
        scene.AddObserver(slicer.vtkMRMLScene.NodeAboutToBeRemovedEvent, going, BEFORE_KEEPING),
        scene.AddObserver(slicer.vtkMRMLScene.StartCloseEvent, closing),
    ]

    def disconnect() -> None:
        while tags:
            scene.RemoveObserver(tags.pop())

    return disconnect


def on_removed(scene: Any, removed: Callable[[Any], None]) -> Callable[[], None]:
    """Call ``removed`` with each node that was removed from the scene; returns a function that ends the observation."""
    import slicer
    import vtk

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def gone(_caller: Any, _event: str, node: Any) -> None:
        removed(node)

    tag = scene.AddObserver(slicer.vtkMRMLScene.NodeRemovedEvent, gone)
    return lambda: scene.RemoveObserver(tag)


def on_close(scene: Any, closed: Callable[[], None]) -> Callable[[], None]:
    """Call ``closed`` before the scene is closed; returns a function that ends the observation."""
    import slicer

    tag = scene.AddObserver(slicer.vtkMRMLScene.StartCloseEvent, lambda *_: closed())
    return lambda: scene.RemoveObserver(tag)

"""Telling when a session loses the ground under its feet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def on_loss(scene: Any, is_needed: Callable[[Any], bool], lost: Callable[[], None]) -> Callable[[], None]:
    """Call ``lost`` before the scene is closed or a node goes that ``is_needed``; returns what ends that."""
    import slicer
    import vtk

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def going(_caller: Any, _event: str, node: Any) -> None:
        if is_needed(node):
            lost()

    def closing(*_: Any) -> None:
        lost()

    tags = [
        scene.AddObserver(slicer.vtkMRMLScene.NodeAboutToBeRemovedEvent, going),
        scene.AddObserver(slicer.vtkMRMLScene.StartCloseEvent, closing),
    ]

    def disconnect() -> None:
        while tags:
            scene.RemoveObserver(tags.pop())

    return disconnect

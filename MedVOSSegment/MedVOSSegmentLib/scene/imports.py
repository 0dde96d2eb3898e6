"""A scene that is imported beside others leaves their sequences as they are.

Nodes of the two may have the same IDs until the import has renamed its own. A sequence browser that comes into the
scene updates its proxy nodes at once, and would find those of another browser behind its references: it would write
another heart into them, and add a phase to their sequence.
"""

from __future__ import annotations

from typing import Any

# Before others look at what was imported.
FIRST = 1000.0


def hold_imported_browsers(scene: Any) -> None:
    """From now on, keep sequence browsers that are imported into ``scene`` from acting until the import has ended.

    A second call for the same scene changes nothing.
    """
    import slicer
    import vtk

    held: list[Any] = []

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def coming(caller: Any, _event: str, node: Any) -> None:
        if caller.IsImporting() and node.IsA("vtkMRMLSequenceBrowserNode"):
            node.StartModify()
            held.append(node)

    def ended(*_: Any) -> None:
        while held:
            # 0 whatever `StartModify` has returned, so that it does not count how often a node is held.
            held.pop().EndModify(0)

    scene.AddObserver(slicer.vtkMRMLScene.NodeAboutToBeAddedEvent, coming, FIRST)
    scene.AddObserver(slicer.vtkMRMLScene.EndImportEvent, ended, FIRST)

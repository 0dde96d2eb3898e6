from __future__ import annotations

import numpy as np

from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.surfaces import make_surface


def test_the_heart_beats_in_3d_while_the_browser_plays(heart_nodes: HeartNodes, small_heart: SyntheticHeart) -> None:
    import vtk

    heart_nodes.set_labels(small_heart.labels)
    for phase in range(len(small_heart.labels)):
        make_surface(heart_nodes, phase)
    volumes = []
    for phase in range(len(small_heart.labels)):
        heart_nodes.browser.SetSelectedItemNumber(phase)
        surface = vtk.vtkPolyData()
        assert heart_nodes.segmentation.GetClosedSurfaceRepresentation("LV", surface)
        mass = vtk.vtkMassProperties()
        mass.SetInputData(surface)
        volumes.append(mass.GetVolume() / 1000)
    np.testing.assert_allclose(volumes, np.count_nonzero(small_heart.labels == 3, axis=(1, 2, 3)) * 0.144, rtol=0.35)
    assert min(volumes) < 0.8 * max(volumes)

"""All nodes that the module adds to a scene for one cine: segmentations, uncertainty and provenance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.errors import InputError
from MedVOSSegmentLib.scene.cine_nodes import ROLE, cine_grid, cine_sequence
from MedVOSSegmentLib.scene.display import show_segments, show_uncertainty
from MedVOSSegmentLib.scene.hierarchy import (
    folder_of,
    forget,
    is_in_tree,
    new_folder,
    put_into,
    remove_empty_folder,
    remove_node,
)
from MedVOSSegmentLib.scene.image_arrays import new_image, voxels
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.provenance import read_provenance, write_provenance
from MedVOSSegmentLib.scene.segment_labels import new_segmentation, read_labels, write_labels
from MedVOSSegmentLib.scene.sequences import browse, items_of, new_sequence, sequences_of
from MedVOSSegmentLib.scene.volume_grid import VolumeGrid, matrix_of
from MedVOSSegmentLib.text import tr

SEGMENTATION = "segmentation"
UNCERTAINTY = "uncertainty"
# The value is saved in scenes and stays.
PROBABILITY = "chance of obstruction"
# Reference from a node of the module to the segmentation sequence of its heart.
HEART = "MedVOS.Heart"


class HeartNodes:
    """The module's nodes of one cine, in step with the cine's own browser and in one subject-hierarchy folder.

    Arrays are on the grid of `read_cine`, whatever the order of the axes in the scene.

    Attributes
    ----------
    browser: the cine's vtkMRMLSequenceBrowserNode. images: its sequence of volumes.
    sequence: the sequence of segmentations, one a phase; attributes that must outlive the session belong here.
    grid: the voxels that all of them share.
    """

    def __init__(self, logics: Logics, browser: Any, images: Any, sequence: Any, grid: VolumeGrid) -> None:
        self.logics = logics
        self.browser = browser
        self.images = images
        self.sequence = sequence
        self.grid = grid
        self._writing = False

    @classmethod
    def create(cls, logics: Logics, browser: Any) -> HeartNodes:
        """Return the nodes of `browser`; where it has none, create empty LV, Myo and RV in every phase.

        Raises
        ------
        InputError: `browser` shows no cine, or one whose phases differ in geometry.
        """
        found = cls.find(logics, browser)
        if found is not None:
            return found
        images = cine_sequence(browser)
        grid = cine_grid(browser, images)
        blank = new_segmentation(grid)
        phases = images.GetNumberOfDataNodes()
        volume = browser.GetProxyNode(images)
        sequence = new_sequence(logics.scene, f"{volume.GetName()} segmentation", images, [blank] * phases)
        sequence.SetAttribute(ROLE, SEGMENTATION)
        proxy = browse(logics.sequences, browser, sequence)
        show_segments(proxy)
        proxy.SetReferenceImageGeometryParameterFromVolumeNode(volume)
        proxy.SetAndObserveTransformNodeID(volume.GetTransformNodeID())
        made = cls(logics, browser, images, sequence, grid)
        made._put_into_folder(proxy)
        return made

    @classmethod
    def find(cls, logics: Logics, browser: Any) -> HeartNodes | None:
        """Return the nodes of `browser`, also after a scene was saved and loaded, or None.

        Raises
        ------
        InputError: as `create`, or the cine has gained or lost phases since.
        """
        sequence = _in_role(browser, SEGMENTATION)
        if sequence is None:
            return None
        images = cine_sequence(browser)
        grid = cine_grid(browser, images)
        had, has = sequence.GetNumberOfDataNodes(), images.GetNumberOfDataNodes()
        if had != has:
            raise InputError(
                tr(
                    "The segmentation of this cine has {had} phases and its cine {has}: delete the segmentation's "
                    "sequence to start anew."
                ).format(had=had, has=has)
            )
        browse(logics.sequences, browser, sequence)
        found = cls(logics, browser, images, sequence, grid)
        found._tidy_tree()
        return found

    def shows_its_cine(self) -> bool:
        """Return whether the browser still shows the volumes that were segmented, on the same grid."""
        try:
            images = cine_sequence(self.browser)
            return images is self.images and cine_grid(self.browser, images).is_same(self.grid)
        except InputError:
            return False

    @property
    def name(self) -> str:
        """The name of the cine, with which those of the nodes begin."""
        return str(self.volume.GetName())

    @property
    def segmentation(self) -> Any:
        """The vtkMRMLSegmentationNode that shows the browser's phase; editing it edits that phase."""
        return self.browser.GetProxyNode(self.sequence)

    @property
    def volume(self) -> Any:
        """The vtkMRMLScalarVolumeNode that shows the image of the browser's phase."""
        return self.browser.GetProxyNode(self.images)

    @property
    def uncertainty_volume(self) -> Any:
        """The vtkMRMLScalarVolumeNode that shows the uncertainty of the browser's phase, or None without a result."""
        return self._shown(UNCERTAINTY)

    @property
    def probability_volume(self) -> Any:
        """The vtkMRMLScalarVolumeNode that shows the probability of obstruction, or None where it was not predicted."""
        return self._shown(PROBABILITY)

    def labels(self) -> NDArray[np.uint8]:
        """Return the labels (T, Z, Y, X) uint8 of the current segments, the user's edits included."""
        return np.stack([self.phase_labels(phase) for phase in range(self.sequence.GetNumberOfDataNodes())])

    def phase_labels(self, phase: int) -> NDArray[np.uint8]:
        """Return the labels (Z, Y, X) uint8 of one phase."""
        return read_labels(self.sequence.GetNthDataNode(phase).GetSegmentation(), self.grid)

    def set_labels(self, labels: NDArray[np.uint8], places: NDArray[np.bool_] | None = None) -> None:
        """Write `labels` (T, Z, Y, X) into the segments at `places` (T, Z) bool, everywhere if None.

        All other slices and all segments of the user's stay as they are.
        """
        if places is None:
            places = np.ones(labels.shape[:2], np.bool_)
        with self.own_edit():
            for phase in np.flatnonzero(places.any(axis=1)):
                segmentation = self.sequence.GetNthDataNode(int(phase)).GetSegmentation()
                write_labels(segmentation, self.grid, labels[phase], places[phase])

    def uncertainty(self) -> NDArray[np.float32] | None:
        """Return the uncertainty (T, Z, Y, X) float32, 0 certain to 1, or None without a result."""
        return self._values(UNCERTAINTY)

    def uncertainty_of(self, phase: int) -> Any:
        """Return the vtkMRMLScalarVolumeNode of the uncertainty of a phase, or None without a result."""
        sequence = _in_role(self.browser, UNCERTAINTY)
        return None if sequence is None else sequence.GetNthDataNode(phase)

    def set_uncertainty(self, uncertainty: NDArray[np.float32]) -> None:
        """Show `uncertainty` (T, Z, Y, X), 0 certain to 1; the first call adds its volumes to the scene."""
        self._set_values(UNCERTAINTY, "uncertainty", uncertainty)

    def probability(self) -> NDArray[np.float32] | None:
        """Return the probability (T, Z, Y, X) float32 of obstruction, or None where it was not predicted."""
        return self._values(PROBABILITY)

    def set_probability(self, probability: NDArray[np.float32] | None) -> None:
        """Show the `probability` (T, Z, Y, X) of obstruction; None removes its volumes."""
        if probability is not None:
            self._set_values(PROBABILITY, "probability of MVO", probability)
        else:
            self._remove_sequence(_in_role(self.browser, PROBABILITY))
            colours = self.adopted("vtkMRMLColorTableNode", f"{PROBABILITY} colours")
            if colours is not None:
                remove_node(self.logics.hierarchy, colours)

    def provenance(self) -> dict[str, Any]:
        """Return the provenance of the result; empty without one."""
        return read_provenance(self.sequence)

    def set_provenance(self, provenance: Mapping[str, Any]) -> None:
        """Store the provenance of the result; its values must be JSON."""
        write_provenance(self.sequence, provenance)

    def adopt(self, node: Any, role: str) -> None:
        """Add `node` (a table, a plot) to this heart, to be found by `role` and removed with the heart."""
        node.SetAttribute(ROLE, role)
        node.SetNodeReferenceID(HEART, self.sequence.GetID())
        self._put_into_folder(node)

    def adopted(self, kind: str, role: str) -> Any:
        """Return the node of the class `kind` that was adopted as `role`, or None."""
        return next((node for node in self._adopted() if node.IsA(kind) and node.GetAttribute(ROLE) == role), None)

    def on_edited(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Call `callback` with the phase whenever the user or an effect changes a segment of it.

        Neither a change of phase nor `set_labels` counts. One stroke may call more than once, and a new name or colour
        of a segment calls too. Returns a function that ends it.
        """
        import slicer

        def edited(*_: Any) -> None:
            if not self._writing:
                callback(self.browser.GetSelectedItemNumber())

        node = self.segmentation
        events = slicer.vtkSegmentation
        tags = [
            node.AddObserver(event, edited)
            # Undo emits SegmentModified alone.
            for event in (
                events.SourceRepresentationModified,
                events.SegmentModified,
                events.SegmentAdded,
                events.SegmentRemoved,
            )
        ]

        def disconnect() -> None:
            while tags:
                node.RemoveObserver(tags.pop())

        return disconnect

    def remove(self) -> None:
        """Remove all nodes of this heart from the scene; the cine stays."""
        hierarchy = self.logics.hierarchy
        folder = self._folder()
        for node in self._adopted():
            remove_node(hierarchy, node)
        put_into(hierarchy, hierarchy.GetItemParent(folder), self.volume)
        for role in (PROBABILITY, UNCERTAINTY, SEGMENTATION):
            self._remove_sequence(_in_role(self.browser, role))
        remove_empty_folder(hierarchy, folder)

    @contextmanager
    def own_edit(self) -> Iterator[None]:
        """Mark changes of the segments within the block as the module's own, not the user's."""
        self._writing = True
        try:
            yield
        finally:
            self._writing = False

    def _put_into_folder(self, *nodes: Any) -> None:
        put_into(self.logics.hierarchy, self._folder(), *nodes)

    def _folder(self) -> int:
        """Return the item of the folder of this heart; create it where there is none.

        The cine lies in it too, since the Segment Editor moves a segmentation to the folder of its source volume.
        """
        hierarchy = self.logics.hierarchy
        folder = folder_of(hierarchy, self.volume)
        if not hierarchy.HasItemAttribute(folder, ROLE):
            folder = new_folder(hierarchy, f"{self.name} and results", self.volume)
            hierarchy.SetItemAttribute(folder, ROLE, SEGMENTATION)
            put_into(hierarchy, folder, self.volume)
        return folder

    def _tidy_tree(self) -> None:
        """Put all nodes into the folder, and take those out of the tree that have no place in it.

        A node that comes back after a deletion lies elsewhere, and scenes that were saved by earlier versions have a
        folder without the cine, and entries for sequences and colours.
        """
        hierarchy = self.logics.hierarchy
        shown = (self.segmentation, self.uncertainty_volume, self.probability_volume, *self._adopted())
        nodes = [node for node in shown if node is not None and is_in_tree(node)]
        before = {folder_of(hierarchy, node) for node in nodes}
        self._put_into_folder(*nodes)
        own = [node for node in sequences_of(self.browser) if node.GetAttribute(ROLE) is not None]
        for node in (*own, *self._adopted()):
            if not is_in_tree(node):
                forget(hierarchy, node)
        for folder in before:
            remove_empty_folder(hierarchy, folder)

    def _shown(self, role: str) -> Any:
        sequence = _in_role(self.browser, role)
        return None if sequence is None else self.browser.GetProxyNode(sequence)

    def _values(self, role: str) -> NDArray[np.float32] | None:
        sequence = _in_role(self.browser, role)
        if sequence is None:
            return None
        return np.stack([self.grid.on_cine(voxels(volume.GetImageData())) for volume in items_of(sequence)])

    def _set_values(self, role: str, name: str, values: NDArray[np.float32]) -> None:
        sequence = _in_role(self.browser, role) or self._new_volumes(role, name)
        for volume, phase in zip(items_of(sequence), values, strict=True):
            image = volume.GetImageData()
            self.grid.on_cine(voxels(image))[:] = phase
            image.GetPointData().GetScalars().Modified()
            image.Modified()

    def _remove_sequence(self, sequence: Any) -> None:
        if sequence is not None:
            proxy = self.browser.GetProxyNode(sequence)
            self.browser.RemoveSynchronizedSequenceNode(sequence.GetID())
            for node in (proxy, sequence):
                if node is not None:
                    remove_node(self.logics.hierarchy, node)

    def _adopted(self) -> list[Any]:
        scene = self.logics.scene
        nodes = [scene.GetNthNode(number) for number in range(scene.GetNumberOfNodes())]
        return [node for node in nodes if node.GetNodeReferenceID(HEART) == self.sequence.GetID()]

    def _new_volumes(self, role: str, name: str) -> Any:
        import slicer

        blank = slicer.vtkMRMLScalarVolumeNode()
        blank.SetAndObserveImageData(new_image(self.grid.size, np.float32))
        blank.SetIJKToRASMatrix(matrix_of(self.grid.ijk_to_ras))
        phases = self.sequence.GetNumberOfDataNodes()
        sequence = new_sequence(self.logics.scene, f"{self.name} {name}", self.images, [blank] * phases)
        sequence.SetAttribute(ROLE, role)
        proxy = browse(self.logics.sequences, self.browser, sequence)
        proxy.SetAndObserveTransformNodeID(self.volume.GetTransformNodeID())
        self._put_into_folder(proxy)
        self.adopt(show_uncertainty(self.logics, proxy), f"{role} colours")
        return sequence


def _in_role(browser: Any, role: str) -> Any:
    """Return the browser's sequence of this module in `role`, or None."""
    return next((node for node in sequences_of(browser) if node.GetAttribute(ROLE) == role), None)

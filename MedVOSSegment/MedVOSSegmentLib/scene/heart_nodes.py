"""All nodes that the module adds to a scene for one cine: segmentations, uncertainty and provenance."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.errors import InputError
from MedVOSSegmentLib.scene.cine_nodes import ROLE, cine_grid, cine_sequence, in_role
from MedVOSSegmentLib.scene.display import show_segments
from MedVOSSegmentLib.scene.heart_folder import folder_of_heart, put_into_folder, tidy_folder
from MedVOSSegmentLib.scene.hierarchy import put_into, remove_empty_folder, remove_node
from MedVOSSegmentLib.scene.image_arrays import voxels
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.scene.own_structures import bring_back
from MedVOSSegmentLib.scene.provenance import read_provenance, write_provenance
from MedVOSSegmentLib.scene.segment_labels import new_segmentation, read_labels, write_labels
from MedVOSSegmentLib.scene.sequences import browse, new_sequence, sequences_of
from MedVOSSegmentLib.scene.value_volumes import image_of_values, new_values, read_values, write_values
from MedVOSSegmentLib.scene.volume_grid import VolumeGrid
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
        put_into_folder(logics.hierarchy, volume, proxy)
        return made

    @classmethod
    def find(cls, logics: Logics, browser: Any) -> HeartNodes | None:
        """Return the nodes of `browser`, also after a scene was saved and loaded, or None.

        Raises
        ------
        InputError: as `create`, or the cine has gained or lost phases since.
        """
        sequence = in_role(browser, SEGMENTATION)
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
                segmentation = bring_back(self.sequence, int(phase), labels[phase][places[phase]])
                write_labels(segmentation, self.grid, labels[phase], places[phase])

    def uncertainty(self) -> NDArray[np.float32] | None:
        """Return the uncertainty (T, Z, Y, X) float32, 0 certain to 1, or None without a result."""
        return read_values(in_role(self.browser, UNCERTAINTY), self.grid)

    def phase_uncertainty(self, phase: int) -> NDArray[np.float32] | None:
        """Return the uncertainty (Z, Y, X) of one phase, or None without a result; it is valid until the next one."""
        volume = self.uncertainty_of(phase)
        return None if volume is None else self.grid.on_cine(voxels(volume.GetImageData()))

    def uncertainty_of(self, phase: int) -> Any:
        """Return the vtkMRMLScalarVolumeNode of the uncertainty of a phase, or None without a result."""
        sequence = in_role(self.browser, UNCERTAINTY)
        return None if sequence is None else sequence.GetNthDataNode(phase)

    def set_uncertainty(self, uncertainty: NDArray[np.float32]) -> None:
        """Show `uncertainty` (T, Z, Y, X), 0 certain to 1; the first call adds its volumes to the scene."""
        deque(self.showing_uncertainty(uncertainty), maxlen=0)

    def showing_uncertainty(self, uncertainty: NDArray[np.float32]) -> Iterator[None]:
        """Do the same in parts of some milliseconds each."""
        yield from self._showing_values(UNCERTAINTY, "uncertainty", uncertainty)

    def probability(self) -> NDArray[np.float32] | None:
        """Return the probability (T, Z, Y, X) float32 of obstruction, or None where it was not predicted."""
        return read_values(in_role(self.browser, PROBABILITY), self.grid)

    def set_probability(self, probability: NDArray[np.float32] | None) -> None:
        """Show the `probability` (T, Z, Y, X) of obstruction; None removes its volumes."""
        if probability is not None:
            deque(self._showing_values(PROBABILITY, "probability of MVO", probability), maxlen=0)
        else:
            self._remove_sequence(in_role(self.browser, PROBABILITY))
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
        put_into_folder(self.logics.hierarchy, self.volume, node)

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
        folder = folder_of_heart(hierarchy, self.volume)
        for node in self._adopted():
            remove_node(hierarchy, node)
        put_into(hierarchy, hierarchy.GetItemParent(folder), self.volume)
        for role in (PROBABILITY, UNCERTAINTY, SEGMENTATION):
            self._remove_sequence(in_role(self.browser, role))
        remove_empty_folder(hierarchy, folder)

    @contextmanager
    def own_edit(self) -> Iterator[None]:
        """Mark changes of the segments within the block as the module's own, not the user's."""
        self._writing = True
        try:
            yield
        finally:
            self._writing = False

    def _tidy_tree(self) -> None:
        """Put all nodes into the folder; scenes that were saved by earlier versions have them elsewhere."""
        own = [node for node in sequences_of(self.browser) if node.GetAttribute(ROLE) is not None]
        shown = (self.segmentation, self.uncertainty_volume, self.probability_volume)
        tidy_folder(self.logics.hierarchy, self.volume, [*shown, *own, *self._adopted()])

    def _showing_values(self, role: str, name: str, values: NDArray[np.float32]) -> Iterator[None]:
        sequence = in_role(self.browser, role)
        if sequence is not None:
            yield from write_values(sequence, self.grid, values)
            return
        made = []
        for phase in values:
            made.append(image_of_values(self.grid, phase))
            yield
        _, proxy, colours = new_values(self.logics, self.browser, self.images, self.grid, role, name, made)
        put_into_folder(self.logics.hierarchy, self.volume, proxy)
        self.adopt(colours, f"{role} colours")

    def _shown(self, role: str) -> Any:
        sequence = in_role(self.browser, role)
        return None if sequence is None else self.browser.GetProxyNode(sequence)

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

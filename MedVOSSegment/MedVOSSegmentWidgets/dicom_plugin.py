"""The plugin for Slicer's DICOM database, from which cines and clips are loaded and into which exports go back."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import slicer
from DICOMLib import DICOMLoadable, DICOMPlugin
from slicer.i18n import tr as _

from medvos.cine.cine import Source
from medvos.errors import InputError
from MedVOSSegmentLib.dicom_candidates import Candidate, candidates_in
from MedVOSSegmentLib.install import without_pip

MODULE = "MedVOSSegment"
_MODALITY, _FRAMES = "0008,0060", "0028,0008"
_TIMES = {
    "triggerTime": "0018,1060",
    "nominalInterval": "0018,1062",
    "heartRate": "0018,1088",
    "nominalCardiacTriggerDelayTime": "0020,9153",
}


class MedVOSSegmentDICOMPlugin(DICOMPlugin):
    """Offers short-axis and long-axis cines and ultrasound clips, found by geometry and time across series."""

    def __init__(self) -> None:
        super().__init__()
        self.loadType = "MedVOSSegment"
        # The database keeps these, so that no file is opened for them.
        self.tags |= {"modality": _MODALITY, "numberOfFrames": _FRAMES, **_TIMES}

    def examineForImport(self, fileLists: Sequence[Sequence[str]]) -> list[Any]:  # noqa: N802, N803 (Slicer's names)
        """Return the cines in lists of files, one list a series."""
        files = [file for each in fileLists for file in each]
        # Slicer asks again where nothing was found.
        loadables = self.getCachedLoadables(files)
        if loadables is None:
            try:
                lists = [each for each in fileLists if each and _may_show_a_beat(each)]
                loadables = [_loadable(candidate) for candidate in candidates_in(lists)]
            except ImportError as error:
                # Nothing is installed while a database is looked at.
                logging.info("Cines were not looked for: %s", error)
                loadables = []
            self.cacheLoadables(files, loadables)
        return loadables

    def load(self, loadable: Any) -> Any:
        """Load a cine into the scene and select it in the module; return its image node, or False."""
        widget = slicer.util.getModuleWidget(MODULE)
        try:
            browser = widget.logic.openFiles(list(loadable.files))
        except InputError as error:
            slicer.util.warningDisplay(without_pip(str(error)), windowTitle=MODULE)
            return False
        widget.choose(browser)
        return browser.GetProxyNode(browser.GetMasterSequenceNode())


def register() -> None:
    """Register the plugin; the list is made where the DICOM module has not been loaded yet."""
    if not hasattr(slicer.modules, "dicomPlugins"):
        slicer.modules.dicomPlugins = {}
    slicer.modules.dicomPlugins["MedVOSSegmentDICOMPlugin"] = MedVOSSegmentDICOMPlugin


def add_to_database(files: Sequence[Path], source: Source | None) -> str:
    """Add exported DICOM files to the database that holds the images of ``source``; return a sentence, or ''.

    They stay where they are, as images that are added without being copied do.
    """
    database = getattr(slicer, "dicomDatabase", None)
    image = next((file for row in (source.files if source is not None else ()) for file in row if file), "")
    if database is None or not database.isOpen or not image or not database.seriesForFile(image):
        return ""
    import ctk

    indexer = ctk.ctkDICOMIndexer()
    for file in files:
        indexer.addFile(database, str(file))
    indexer.waitForImportFinished()
    return _("They are in Slicer's DICOM database too.")


def _may_show_a_beat(files: Sequence[str]) -> bool:
    """Return whether a series is ultrasound, or MR with times in the beat, by two of its files.

    All files of a series that may are opened, which takes seconds for thousands of images.
    """
    value = slicer.dicomDatabase.fileValue
    modality = value(files[0], _MODALITY)
    if modality != "MR":
        return modality in ("US", "")
    # The time of the first image may be 0, which some scanners leave out.
    ends = (files[0], files[-1])
    several_frames = any(value(file, _FRAMES).strip() not in ("", "0", "1") for file in ends)
    return several_frames or any(value(file, tag).strip() for file in ends for tag in _TIMES.values())


def _loadable(candidate: Candidate) -> Any:
    loadable = DICOMLoadable()
    loadable.files = list(candidate.files)
    loadable.name = candidate.name
    loadable.tooltip = candidate.tooltip
    loadable.selected = True
    loadable.confidence = candidate.confidence
    return loadable

"""Slicer's DICOM database with the interface of `ctkDICOMDatabase`, its base classes of plugins, and how it uses them.

The index is read from real files with pydicom, once, as CTK's indexer does.
"""

# ruff: noqa: N802, N803 (names are Slicer's and CTK's)
from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import slicer
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

_SERIES = "0020,000E"


class Database:
    """`slicer.dicomDatabase`; lists come as tuples, and what a file does not say as an empty text."""

    def __init__(self) -> None:
        self.isOpen = True
        self._headers: dict[str, Dataset] = {}

    def insert(self, file: str) -> None:
        with suppress(InvalidDicomError, ValueError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            data = self._headers[file] = dcmread(file, stop_before_pixels=True)
            for _ in data:  # values are decoded, with their warnings, when they are first looked at
                pass

    def patients(self) -> tuple[str, ...]:
        """Numbers of the database's own, as texts."""
        ids = dict.fromkeys(str(data.get("PatientID", "")) for data in self._headers.values())
        return tuple(str(number) for number in range(1, len(ids) + 1))

    def studiesForPatient(self, patientUID: str) -> tuple[str, ...]:
        ids = list(dict.fromkeys(str(data.get("PatientID", "")) for data in self._headers.values()))
        return self._values("StudyInstanceUID", "PatientID", ids[int(patientUID) - 1])

    def seriesForStudy(self, studyUID: str) -> tuple[str, ...]:
        return self._values("SeriesInstanceUID", "StudyInstanceUID", studyUID)

    def filesForSeries(self, seriesUID: str, hits: int = -1) -> tuple[str, ...]:
        files = tuple(file for file in self._headers if self.seriesForFile(file) == seriesUID)
        return files if hits < 0 else files[:hits]

    def instancesForSeries(self, seriesUID: str, hits: int = -1) -> tuple[str, ...]:
        return tuple(self.instanceForFile(file) for file in self.filesForSeries(seriesUID, hits))

    def fileForInstance(self, sopInstanceUID: str) -> str:
        return next((file for file in self._headers if self.instanceForFile(file) == sopInstanceUID), "")

    def instanceForFile(self, fileName: str) -> str:
        return self.fileValue(fileName, "0008,0018")

    def seriesForFile(self, fileName: str) -> str:
        return self.fileValue(fileName, _SERIES)

    def fileValue(self, fileName: str, tag: str) -> str:
        data = self._headers.get(fileName)
        group, element = tag.split(",")
        found = None if data is None else data.get((int(group, 16), int(element, 16)))
        if found is None or found.value is None:
            return ""
        value = found.value
        return "\\".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)

    def _values(self, keyword: str, parent: str, uid: str) -> tuple[str, ...]:
        found = (data for data in self._headers.values() if str(data.get(parent, "")) == uid)
        return tuple(dict.fromkeys(str(data.get(keyword, "")) for data in found))


class Indexer:
    """`ctk.ctkDICOMIndexer`: what is added is in the database once the import has finished."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Database, str]] = []

    def addFile(self, database: Database, filePath: str) -> None:
        assert isinstance(filePath, str), "a QString"
        self._waiting.append((database, filePath))

    def addDirectory(self, database: Database, directoryName: str, copyFile: bool = False) -> None:
        files = sorted(path for path in Path(directoryName).rglob("*") if path.is_file())
        self._waiting += [(database, str(path)) for path in files]

    def waitForImportFinished(self) -> None:
        while self._waiting:
            database, file = self._waiting.pop(0)
            database.insert(file)


class DICOMLoadable:
    def __init__(self) -> None:
        self.files: list[str] = []
        self.name = "Unknown"
        self.tooltip = "No further information available"
        self.warning = ""
        self.selected = False
        self.confidence = 0.5


class DICOMPlugin:
    def __init__(self) -> None:
        self.loadType = "Generic DICOM"
        self.tags: dict[str, str] = {}
        self._cache: dict[tuple[str, ...], list] = {}

    def getCachedLoadables(self, files: Sequence[str]) -> list | None:
        return self._cache.get(tuple(files))

    def cacheLoadables(self, files: Sequence[str], loadables: list) -> None:
        self._cache[tuple(files)] = loadables

    def examineForImport(self, fileList: list) -> list:
        return []

    def examine(self, fileList: list) -> list:
        return self.examineForImport(fileList)


class Scripted:
    """`qSlicerScriptedLoadableModuleWidget`, and the module that has it."""

    def __init__(self, widget: Any) -> None:
        self._widget = widget
        self.name = type(widget).__name__

    def self(self) -> Any:
        return self._widget

    def widgetRepresentation(self) -> Scripted:
        return self


def install(patch: pytest.MonkeyPatch) -> Database:
    """Make `DICOMLib`, `ctk` and `slicer.dicomDatabase` available, as they are before any module is loaded."""
    database = Database()
    library, ctk = types.ModuleType("DICOMLib"), types.ModuleType("ctk")
    library.__dict__.update(DICOMLoadable=DICOMLoadable, DICOMPlugin=DICOMPlugin)
    ctk.__dict__.update(ctkDICOMIndexer=Indexer)
    patch.setitem(sys.modules, "DICOMLib", library)
    patch.setitem(sys.modules, "ctk", ctk)
    patch.setattr(slicer, "dicomDatabase", database, raising=False)
    patch.setattr(slicer, "qSlicerScriptedLoadableModuleWidget", Scripted, raising=False)
    return database


def loadables_of(database: Database, series: Sequence[str] | None = None) -> dict[Any, list]:
    """What the DICOM module offers of some series, or all: each plugin is asked, again where it offers nothing."""
    studies = [study for patient in database.patients() for study in database.studiesForPatient(patient)]
    every = [uid for study in studies for uid in database.seriesForStudy(study)]
    lists = [database.filesForSeries(uid) for uid in (every if series is None else series)]
    found = {}
    for kind in slicer.modules.dicomPlugins.values():
        plugin = kind()
        found[plugin] = plugin.examineForImport(lists) or plugin.examine(lists)
    return found


def select(database: Database, found: dict[Any, list]) -> None:
    """Of each series, told by the first file, the most confident loadables are selected, several at a tie."""
    by_series: dict[str, list] = {}
    for loadable in (loadable for loadables in found.values() for loadable in loadables):
        by_series.setdefault(database.seriesForFile(loadable.files[0]), []).append(loadable)
    for loadables in by_series.values():
        most = max(loadable.confidence for loadable in loadables)
        for loadable in loadables:
            loadable.selected = loadable.confidence == most

"""Step 6, exporting the results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from medvos.cine.cine import Source
from MedVOSSegmentLib.session.exports import EXPORTS, NO_DICOM, NO_SURFACE, SURFACES, Export
from MedVOSSegmentLib.session.workspace import Workspace


class ExportLogic:
    """Writes the current segments and their measures into files."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @property
    def exports(self) -> tuple[Export, ...]:
        """All kinds of export."""
        return EXPORTS

    @property
    def has_result(self) -> bool:
        """Whether there is anything to export."""
        return self._workspace.has_result

    @property
    def dicom(self) -> Source | None:
        """The DICOM files of the open cine, where they are known."""
        return self._workspace.dicom

    def why_not(self, export: Export) -> str:
        """Return why ``export`` cannot be written of the open cine at all; empty where it can."""
        if export.is_dicom and self._workspace.dicom is None:
            return NO_DICOM
        return NO_SURFACE if export.name == SURFACES and self._workspace.is_clip else ""

    def can_export(self, export: Export) -> bool:
        """Return whether `export` can be written now."""
        return self.has_result and not self._workspace.background.is_running and not self.why_not(export)

    def export(self, name: str, folder: str | Path) -> list[Path]:
        """Write the export ``name`` into an existing folder; return the files.

        Raises InputError without a result, while a job is running, or like `exports.export`.

        Example: ``session.export.export("stl", "results")``
        """
        return self.prepare(name, folder)()

    def prepare(self, name: str, folder: str | Path) -> Callable[[], list[Path]]:
        """Return a function that does the same with the segments of now, and may be called on another thread."""
        space = self._workspace
        space.background.require_idle()
        heart = space.require_heart()
        space.require_same_cine(heart)
        heart.edit.refresh()
        return heart.results.prepare_export(name, Path(folder), space.dicom)

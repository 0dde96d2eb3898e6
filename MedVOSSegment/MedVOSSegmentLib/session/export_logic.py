"""Step 6, exporting the results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from medvos.cine.cine import Source
from MedVOSSegmentLib.session.exports import EXPORTS, Export
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

    def has_source(self, export: Export) -> bool:
        """Return whether the DICOM files that ``export`` needs, if any, are known."""
        return not export.is_dicom or self._workspace.dicom is not None

    def can_export(self, export: Export) -> bool:
        """Return whether `export` can be written now."""
        return self.has_result and not self._workspace.background.is_running and self.has_source(export)

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

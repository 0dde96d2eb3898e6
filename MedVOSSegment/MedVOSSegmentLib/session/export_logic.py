"""Step 6, exporting the results."""

from __future__ import annotations

import time
from pathlib import Path

from medvos.cine.cine import Source
from medvos.errors import InputError
from MedVOSSegmentLib.job.export_task import require_folder
from MedVOSSegmentLib.job.runner import JobStarter
from MedVOSSegmentLib.session.exports import EXPORTS, NO_DICOM, NO_SURFACE, SURFACES, Export
from MedVOSSegmentLib.session.pending_job import PendingJob
from MedVOSSegmentLib.session.workspace import Workspace
from MedVOSSegmentLib.text import tr

CANCELLED = tr("Cancelled: nothing was written.")
POLL_S = 0.02


class ExportLogic:
    """Writes the current segments and their measures into files.

    ``runner`` is one of its own: an export and a segmentation may run at the same time.
    """

    def __init__(self, workspace: Workspace, runner: JobStarter) -> None:
        self._workspace, self._runner = workspace, runner

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

    def start(self, name: str, folder: str | Path) -> PendingJob[list[Path]]:
        """Start to write the segments of now as the export ``name`` into an existing folder, in the second process.

        Poll the job that is returned to its end; its outcome is the files. The user may go on meanwhile.

        Raises InputError without a result, while a segmentation or another export is running, or where the folder or
        the export is impossible.

        Example: ``session.export.start("stl", "results")``
        """
        space = self._workspace
        space.background.require_idle()
        heart = space.require_heart()
        space.require_same_cine(heart)
        found = _named(name)
        require_folder(Path(folder))
        if self.has_result and (why := self.why_not(found)):
            raise InputError(why)
        if found.is_dicom and space.dicom is not None:
            from medvos.export.export import check_apart

            check_apart(Path(folder), Path(space.dicom.path))
        heart.edit.refresh()
        task = heart.results.export_task(name, Path(folder), space.dicom)
        return PendingJob(self._runner.start(task), tr("Writing: {export}").format(export=found.label), self._hear)

    def export(self, name: str, folder: str | Path) -> list[Path]:
        """Do the same and wait for the end; return the files. Raises InputError also where it fails later.

        Example: ``session.export.export("stl", "results")``
        """
        job = self.start(name, folder)
        while not job.poll(0.0, 0):
            time.sleep(POLL_S)
        if job.outcome is None:
            raise InputError(job.sentence or CANCELLED)
        return job.outcome

    def _hear(self, line: str) -> None:
        self._workspace.logged.emit(line)


def _named(name: str) -> Export:
    for export in EXPORTS:
        if export.name == name:
            return export
    names = ", ".join(export.name for export in EXPORTS)
    raise InputError(tr("There is no export {name}; choose one of {names}.").format(name=name, names=names))

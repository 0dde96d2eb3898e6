"""Step 6: export the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import qt
from slicer.i18n import tr as _

from medvos.cine.cine import Source
from medvos.errors import InputError
from MedVOSSegmentLib.session.export_logic import CANCELLED, ExportLogic
from MedVOSSegmentLib.session.exports import Export
from MedVOSSegmentLib.session.pending_job import PendingJob
from MedVOSSegmentWidgets.busy import Busy
from MedVOSSegmentWidgets.button_rows import fill
from MedVOSSegmentWidgets.messages import say, shows_errors


class ExportStep:
    """One button for each export, which the second process writes.

    Parameters
    ----------
    prepare: installs the packages that an export lacks with the user's consent.
    add_to_database: adds DICOM files to the database of their images' source; returns a sentence, or ''.
    busy: the progress at the top of the panel.
    """

    def __init__(
        self,
        ui: Any,
        logic: ExportLogic,
        prepare: Callable[[Sequence[str]], None],
        add_to_database: Callable[[Sequence[Path], Source | None], str],
        busy: Busy,
    ) -> None:
        self._ui, self._logic, self._prepare, self._busy = ui, logic, prepare, busy
        self._add_to_database = add_to_database
        self._buttons: list[tuple[Export, Any]] = []
        self._has_result: bool | None = None
        self._writing: PendingJob[list[Path]] | None = None
        self._folder = ""
        # The images that a DICOM export belongs to; another cine may be open when it ends.
        self._images: Source | None = None
        for export in logic.exports:
            button = qt.QPushButton(export.label)
            button.connect("clicked()", lambda export=export: self.on_export(export))
            self._buttons.append((export, button))
        fill(ui.exportButtons, [button for _export, button in self._buttons])
        ui.openExportButton.connect("clicked()", self.on_open)

    @shows_errors
    def on_export(self, export: Export) -> None:
        folder = qt.QFileDialog.getExistingDirectory(self._ui.exportButtons, _("Folder for the results"))
        if not folder:
            return
        self._tell("", "")
        self._prepare(export.packages)
        self._writing, self._folder = self._logic.start(export.name, folder), folder
        self._images = self._logic.dicom if export.is_dicom else None
        self._busy.begin(self._writing.progress.message, self._writing.cancel)
        self.refresh()

    @shows_errors
    def on_open(self) -> None:
        qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(self._folder))

    def poll(self) -> None:
        """Tell what was written, once it is; raises InputError where it failed."""
        if self._writing is None or not self._writing.poll(0.0, 0):
            return
        writing, self._writing = self._writing, None
        self._busy.end()
        self.refresh()
        files = writing.outcome
        if files is None:
            self._tell(_("Nothing was written.") if writing.sentence else CANCELLED, "")
            if writing.sentence:
                raise InputError(writing.sentence)
            return
        count = _("1 file in {folder}") if len(files) == 1 else _("{count} files in {folder}")
        # A whole path is wider than a narrow panel, and may have a person's name.
        text = count.format(count=len(files), folder=Path(self._folder).name or self._folder)
        names = "\n".join([self._folder, *(file.name for file in files)])
        self._tell(text, names, can_open=True)
        if self._images is not None:
            self._tell(f"{text}. {self._add_to_database(files, self._images)}".rstrip(". "), names, can_open=True)

    @property
    def is_writing(self) -> bool:
        """Whether an export is being written."""
        return self._writing is not None

    def close(self) -> None:
        """Stop an export; nothing of it is written then."""
        if self._writing is not None:
            self._writing.close()

    def forget(self) -> None:
        """Say nothing more of the exports of another cine."""
        if self._writing is None:
            self._has_result = None

    def refresh(self) -> None:
        """Enable the exports that are possible now."""
        for export, button in self._buttons:
            button.enabled = self._writing is None and self._logic.can_export(export)
            button.toolTip = self._logic.why_not(export)
        has_result = self._logic.has_result
        if has_result is not self._has_result:
            self._has_result = has_result
            self._tell("" if has_result else _("There is nothing to export yet."), "")

    def _tell(self, text: str, tip: str, *, can_open: bool = False) -> None:
        say(self._ui.exportLabel, text)
        self._ui.exportLabel.toolTip = tip
        self._ui.openExportButton.visible = can_open

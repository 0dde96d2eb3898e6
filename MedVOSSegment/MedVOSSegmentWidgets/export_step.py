"""Step 6: export the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import qt
from slicer.i18n import tr as _

from MedVOSSegmentLib.session.export_logic import ExportLogic
from MedVOSSegmentLib.session.exports import NO_DICOM, Export
from MedVOSSegmentWidgets.messages import shows_errors

_COLUMNS = 2


class ExportStep:
    """One button for each export.

    Parameters
    ----------
    prepare: installs the packages that an export lacks with the user's consent.
    add_to_database: adds DICOM files to the database of the cine's images; returns a sentence, or ''.
    """

    def __init__(
        self,
        ui: Any,
        logic: ExportLogic,
        prepare: Callable[[Sequence[str]], None],
        add_to_database: Callable[[Sequence[Path]], str],
    ) -> None:
        self._ui, self._logic, self._prepare, self._add_to_database = ui, logic, prepare, add_to_database
        self._buttons: list[tuple[Export, Any]] = []
        self._has_result: bool | None = None
        for number, export in enumerate(logic.exports):
            button = qt.QPushButton(export.label)
            button.connect("clicked()", lambda export=export: self.on_export(export))
            ui.exportButtons.layout().addWidget(button, number // _COLUMNS, number % _COLUMNS)
            self._buttons.append((export, button))

    @shows_errors
    def on_export(self, export: Export) -> None:
        folder = qt.QFileDialog.getExistingDirectory(self._ui.exportButtons, _("Folder for the results"))
        if folder:
            self._prepare(export.packages)
            files = self._logic.export(export.name, folder)
            names = ", ".join(file.name for file in files)
            text = _("Written to {folder}: {names}.").format(folder=folder, names=names)
            added = self._add_to_database(files) if export.is_dicom else ""
            self._ui.exportLabel.text = f"{text} {added}".rstrip()

    def refresh(self) -> None:
        """Enable the exports that are possible now."""
        for export, button in self._buttons:
            button.enabled = self._logic.can_export(export)
            button.toolTip = "" if self._logic.has_source(export) else NO_DICOM
        has_result = self._logic.has_result
        if has_result is not self._has_result:
            self._has_result = has_result
            self._ui.exportLabel.text = "" if has_result else _("There is nothing to export yet.")

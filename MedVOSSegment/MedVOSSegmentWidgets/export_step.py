"""Step 6: export the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import qt
from slicer.i18n import tr as _

from MedVOSSegmentLib.session.export_logic import ExportLogic
from MedVOSSegmentLib.session.exports import NO_DICOM, Export
from MedVOSSegmentWidgets.button_rows import fill
from MedVOSSegmentWidgets.messages import shows_errors


class ExportStep:
    """One button for each export; `prepare` installs the packages that it lacks with the user's consent."""

    def __init__(self, ui: Any, logic: ExportLogic, prepare: Callable[[Sequence[str]], None]) -> None:
        self._ui, self._logic, self._prepare = ui, logic, prepare
        self._buttons: list[tuple[Export, Any]] = []
        self._has_result: bool | None = None
        for export in logic.exports:
            button = qt.QPushButton(export.label)
            button.connect("clicked()", lambda export=export: self.on_export(export))
            self._buttons.append((export, button))
        fill(ui.exportButtons, [button for _export, button in self._buttons])

    @shows_errors
    def on_export(self, export: Export) -> None:
        folder = qt.QFileDialog.getExistingDirectory(self._ui.exportButtons, _("Folder for the results"))
        if folder:
            self._prepare(export.packages)
            files = self._logic.export(export.name, folder)
            names = ", ".join(file.name for file in files)
            self._ui.exportLabel.text = _("Written to {folder}: {names}.").format(folder=folder, names=names)

    def refresh(self) -> None:
        """Enable the exports that are possible now."""
        for export, button in self._buttons:
            button.enabled = self._logic.can_export(export)
            button.toolTip = "" if self._logic.has_source(export) else NO_DICOM
        has_result = self._logic.has_result
        if has_result is not self._has_result:
            self._has_result = has_result
            self._ui.exportLabel.text = "" if has_result else _("There is nothing to export yet.")

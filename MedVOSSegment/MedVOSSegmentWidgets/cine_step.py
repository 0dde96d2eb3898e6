"""Step 1: open a cine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import qt
from slicer.i18n import tr as _

from medvos.cine.cine import Cine
from medvos.errors import InputError
from MedVOSSegmentLib.session.cine_logic import CineLogic
from MedVOSSegmentWidgets.busy import Busy
from MedVOSSegmentWidgets.button_rows import fill
from MedVOSSegmentWidgets.drop_target import DropTarget
from MedVOSSegmentWidgets.messages import say, shows_errors

_NOTES = 3  # that are shown at once


class CineStep:
    """Opens cines from files, and describes the open one.

    Parameters
    ----------
    module: the logic of the module, which reads files into the scene.
    choose: makes a browser the current one of the panel.
    busy: the progress at the top of the panel.
    """

    def __init__(self, ui: Any, logic: CineLogic, module: Any, choose: Callable[[Any], None], busy: Busy) -> None:
        self._ui, self._logic, self._module, self._choose, self._busy = ui, logic, module, choose, busy
        fill(ui.openButtons, [ui.openFolderButton, ui.openFileButton, ui.sampleButton])
        ui.openFolderButton.connect("clicked()", self.on_open_folder)
        ui.openFileButton.connect("clicked()", self.on_open_file)
        ui.sampleButton.connect("clicked()", self.on_sample)
        ui.stackBox.connect("activated(int)", self.on_stack)
        self._drops = DropTarget(ui.MedVOSSegment, self.on_drop)
        # The folder that was opened last and the stacks in it, of which the user may mean another.
        self._folder = ""
        self._stacks: tuple[tuple[int, ...], ...] = ()
        self._offered_for: Cine | None = None

    @shows_errors
    def on_open_folder(self) -> None:
        self._open(qt.QFileDialog.getExistingDirectory(self._ui.openFolderButton, _("Folder of DICOM files")))

    @shows_errors
    def on_open_file(self) -> None:
        # DICOM files often have no extension, so the files that are shown at first are all.
        kinds = ";;".join(
            (
                _("All files, of DICOM any one") + " (*)",
                "DICOM (*.dcm *.ima *.dicom DICOMDIR)",
                "NIfTI, NRRD (*.nii *.nii.gz *.nrrd *.nhdr)",
                _("Videos") + " (*.avi *.mp4 *.mov *.m4v *.mkv *.wmv *.mpg *.mpeg)",
                _("Archives") + " (*.zip *.tar *.tar.gz *.tgz)",
            )
        )
        self._open(qt.QFileDialog.getOpenFileName(self._ui.openFileButton, _("Cine"), "", kinds))

    @shows_errors
    def on_drop(self, paths: list[str]) -> None:
        """Open a folder or a file that was dropped onto the panel, or several DICOM files."""
        if len(paths) == 1:
            self._open(paths[0])
            return
        if not all(Path(path).is_file() for path in paths):
            raise InputError(_("Several folders were dropped: drop the folder of one examination."))
        self._offer("", ())
        self._show(self._while_busy(lambda: self._module.openFiles(paths)))

    @shows_errors
    def on_sample(self) -> None:
        self._choose(self._while_busy(self._module.makeSyntheticPatient))

    @shows_errors
    def on_stack(self, index: int) -> None:
        """Read another stack of the same folder."""
        series = self._stacks[index]
        self._offered_for = None
        self._show(self._while_busy(lambda: self._module.openPath(self._folder, series)))
        self._offered_for = self._logic.cine

    def refresh(self) -> None:
        """Describe the open cine."""
        cine = self._logic.cine
        if self._stacks and self._offered_for is not None and cine is not self._offered_for:
            self._offer("", ())
        say(self._ui.cineLabel, "" if cine is None else "\n".join([describe(cine), *noted(cine)]))
        self._ui.cineLabel.toolTip = "" if cine is None else "\n".join(cine.source.notes)

    def _open(self, path: str) -> None:
        if not path:
            return
        self._offer("", ())
        self._choose(self._while_busy(lambda: self._module.openPath(path)))
        source = self._logic.dicom
        if source is not None and len(source.stacks) > 1:
            self._offer(path, source.stacks, {row.number: row.description for row in source.contents})
        self._stay_open()

    def _show(self, browser: Any) -> None:
        self._choose(browser)
        self._stay_open()

    def _stay_open(self) -> None:
        """Open this step again, which closes when a cine is opened, where it has a choice or notes for the user."""
        cine = self._logic.cine
        if self._stacks or (cine is not None and cine.source.notes):
            self._ui.cineStep.collapsed = False

    def _offer(self, folder: str, stacks: Sequence[tuple[int, ...]], names: Mapping[int, str] | None = None) -> None:
        """List the stacks of a folder, the one that is read first; none hides the list."""
        self._folder, self._stacks, self._offered_for = folder, tuple(stacks), self._logic.cine
        self._ui.stackBox.clear()
        for series in self._stacks:
            name = (names or {}).get(series[0], "")
            self._ui.stackBox.addItem(_("Series {numbers}").format(numbers=", ".join(map(str, series))) + f"  {name}")
        self._ui.stackBox.setVisible(bool(self._stacks))

    def _while_busy(self, make: Callable[[], Any]) -> Any:
        """Return the browser that ``make`` gives; the panel is disabled meanwhile, since events are processed."""
        self._ui.MedVOSSegment.enabled = False
        self._busy.begin(_("Opening the cine"))
        try:
            return make()
        finally:
            self._ui.MedVOSSegment.enabled = True
            self._busy.end()
            self.refresh()


def describe(cine: Cine) -> str:
    """Return size, spacing and frame rate or period of a cine as a sentence."""
    phases, slices, rows, columns = cine.shape
    z, y, x = cine.spacing
    if cine.is_echo:
        size = _(" of {x:.2f} \N{MULTIPLICATION SIGN} {y:.2f} mm").format(x=x, y=y) if cine.source.spacing_known else ""
        return _(
            "{frames} frames of {columns} \N{MULTIPLICATION SIGN} {rows} pixels{size}, {rate:.0f} a second."
        ).format(frames=phases, columns=columns, rows=rows, size=size, rate=1000 * phases / cine.period)
    return _(
        "{phases} phases of {slices} slices, {columns} \N{MULTIPLICATION SIGN} {rows} pixels of "
        "{x:.2f} \N{MULTIPLICATION SIGN} {y:.2f} mm every {z:.1f} mm; one beat takes {period:.0f} ms."
    ).format(phases=phases, slices=slices, rows=rows, columns=columns, x=x, y=y, z=z, period=cine.period)


def noted(cine: Cine) -> list[str]:
    """Return one line for each note on what was left out or assumed; of many the first, and how many more there are."""
    notes = cine.source.notes
    lines = [f"\N{BULLET} {note}" for note in notes[:_NOTES]]
    if len(notes) > _NOTES:
        lines.append(_("\N{BULLET} and {count} more: hold the pointer here.").format(count=len(notes) - _NOTES))
    return lines

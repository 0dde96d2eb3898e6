"""Step 1, opening a cine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medvos.cine.cine import Cine, Source
from MedVOSSegmentLib.scene.cine_nodes import find_cine, show_cine, with_images
from MedVOSSegmentLib.session.workspace import Workspace

LONGEST_NAME = 40


class CineLogic:
    """Opens cines that are in the scene, or reads them into it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @property
    def cine(self) -> Cine | None:
        """The open cine, or None."""
        opened = self._workspace.opened
        return None if opened is None else opened.cine

    @property
    def dicom(self) -> Source | None:
        """The DICOM files of the open cine, where they are known."""
        return self._workspace.dicom

    def open(self, browser: Any) -> None:
        """Open the cine in a sequence browser, and continue where a saved scene left off.

        Raises InputError where it shows no cine, or a job is running.
        """
        self._workspace.open(browser)

    def leave(self) -> None:
        """Close the cine and hide its heart, which comes back when the cine is opened again."""
        self._workspace.leave()

    def open_path(self, path: str | Path, series: Sequence[int] = ()) -> Any:
        """Read a DICOM folder, or its ``series``, NIfTI, NRRD, AVI or MP4 into the scene; open and return its browser.

        Example: ``session.cines.open_path("dicom_folder")``
        """
        from medvos.cine.read import read

        self.require_idle()
        browser = self.add(read(Path(path), series))
        self.open(browser)
        return browser

    def require_idle(self) -> None:
        """Raise InputError while a job is running, during which no other cine can be opened."""
        self._workspace.background.require_idle()

    @staticmethod
    def with_images(cine: Cine) -> tuple[Cine, list[Any]]:
        """Return what `add` takes; it touches no scene and may be called on any thread."""
        return with_images(cine)

    def add(self, cine: Cine, images: Sequence[Any] | None = None) -> Any:
        """Add a cine that was read from files to the scene under the name of its series, and return its browser.

        Where the scene shows the same images already, as a loaded scene does, theirs is returned, with its segments;
        its files are known from now on, so that DICOM can be exported. ``images`` are as `show_cine` takes them.
        """
        browser = find_cine(self._workspace.logics.scene, cine) or show_cine(
            self._workspace.logics, cine, name_of(cine), images
        )
        self.remember_source(browser, cine.source)
        return browser

    def remember_source(self, browser: Any, source: Source) -> None:
        """Remember the files of the cine in a sequence browser until the scene is closed."""
        self._workspace.remember_source(browser, source)


def name_of(cine: Cine) -> str:
    """Return the description of the series that was read, from which names of persons are removed, or else "Cine".

    Names of files and folders may be those of patients, and a node's name is saved with the scene.
    """
    described = (" ".join(row.description.split()) for row in cine.source.contents if row.used)
    return next((name[:LONGEST_NAME] for name in described if name), "Cine")

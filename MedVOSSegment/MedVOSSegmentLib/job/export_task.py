"""The task of an export: the second process writes the files, and this one puts them into the user's folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from medvos.errors import InputError
from medvos.result import Result
from MedVOSSegmentLib.job.wording import EXPORT, Wording
from MedVOSSegmentLib.text import tr

Phases = tuple[int | None, int | None]
"""ED and ES, counted from 0; None where it is found from the volumes."""


@dataclass(frozen=True)
class ExportTask:
    """Write the export ``name`` of a result into the existing folder ``target``; its outcome is the files.

    The second process never writes into ``target``: whenever it ends, files there are those of before or all are new.

    Attributes
    ----------
    result: returns the result; called on another thread, at the start.
    phases: ED and ES at which it is measured, if given.

    Example: ``ProcessJob.start(ExportTask("stl", lambda: result, folder))``
    """

    name: str
    result: Callable[[], Result]
    target: Path
    phases: Phases = (None, None)
    wording: ClassVar[Wording] = EXPORT
    is_final: ClassVar[bool] = True

    def hand_over(self, folder: Path) -> list[str]:
        """Write the result."""
        from medvos.report.handed_over import hand_over

        hand_over(self.result(), folder / "result")
        phases = zip(("--ed", "--es"), self.phases, strict=True)
        chosen = [text for option, phase in phases if phase is not None for text in (option, str(phase))]
        return ["handed-over", self.name, "result", "--out", "out", *chosen]

    def collect(self, folder: Path) -> list[Path]:
        """Put the files into the user's folder once all are there, and return them in the order of their names.

        Files that an earlier export of this name has left of other phases or structures are removed.

        Raises InputError where the folder is gone or cannot be written.
        """
        from medvos.export.by_name import left_behind
        from medvos.staging import disk_errors, staged

        require_folder(self.target)
        made = sorted((folder / "out").iterdir())
        with staged(self.target, left_behind(self.name, self.target)) as staging, disk_errors(self.target):
            for file in made:
                shutil.copyfile(file, staging / file.name)
        return [self.target / file.name for file in made]


def require_folder(folder: Path) -> None:
    """Raise InputError where ``folder`` is not an existing one."""
    if not folder.is_dir():
        raise InputError(tr("{name} is not a folder: choose an existing one.").format(name=folder.name))

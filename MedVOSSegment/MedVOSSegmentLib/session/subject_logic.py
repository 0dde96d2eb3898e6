"""Within step 5, the facts of the person that indexed values and reference ranges need, and the choice of ED and ES."""

from __future__ import annotations

from dataclasses import replace

from medvos.errors import InputError
from medvos.measure.subject import Subject
from MedVOSSegmentLib.session.workspace import Workspace
from MedVOSSegmentLib.text import tr

Phases = tuple[int | None, int | None]
"""ED and ES, counted from 0; None where it is found from the volumes."""


class SubjectLogic:
    """Gives the facts to the measures. They are kept until the scene is closed and are never saved with it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @property
    def can_give(self) -> bool:
        """Whether a cine is open."""
        return self._workspace.opened is not None

    @property
    def subject(self) -> Subject:
        """The facts that the user gave for the open cine; else those that its DICOM files state."""
        return self._workspace.subject

    @property
    def heart_rate(self) -> float | None:
        """The heart rate of the open cine in beats per minute, whatever the user gave; None where it is not known."""
        return self._workspace.stated_subject.heart_rate

    def give(self, subject: Subject) -> None:
        """Use other facts; the measures follow at the next polls. Raises InputError where no cine is open."""
        self._workspace.require_cine()
        if subject != self.subject:
            self._workspace.give_subject(subject)

    @property
    def count(self) -> int:
        """Phases of the open cine; 0 without one."""
        opened = self._workspace.opened
        return 0 if opened is None else opened.cine.shape[0]

    @property
    def chosen(self) -> Phases:
        """The phases that the user chose."""
        heart = self._workspace.heart
        return (None, None) if heart is None else heart.state.chosen

    @property
    def can_choose(self) -> bool:
        """Whether there is a result, and no job is running."""
        return self._workspace.has_result and not self._workspace.background.is_running

    def choose(self, ed: int | None, es: int | None) -> None:
        """Measure at these phases, as a change to undo.

        Raises InputError where there is no result, a job is running, there is no such phase, both are the same, or the
        ventricle is larger at ES than at ED.

        Example: ``session.subject.choose(0, 9)``
        """
        space = self._workspace
        space.background.require_idle()
        heart = space.require_heart()
        if heart.findings is None:
            raise InputError(tr("ED and ES are chosen once the heart is segmented."))
        if (ed, es) == heart.state.chosen:
            return
        heart.results.check_phases(ed, es)
        heart.edit.do("choice of ED and ES", replace(heart.state, chosen=(ed, es)))
        space.mark_measures_stale()

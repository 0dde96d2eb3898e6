"""Within step 5, the prediction of microvascular obstruction in the wall of a segmented heart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from medvos.errors import InputError
from MedVOSSegmentLib.job.outcome import PredictedObstruction
from MedVOSSegmentLib.job.tasks import ObstructionTask
from MedVOSSegmentLib.scene.visibility import visible_notice
from MedVOSSegmentLib.session.background import Background
from MedVOSSegmentLib.session.heart_edit import HeartEdit
from MedVOSSegmentLib.session.model_choice import OBSTRUCTION, is_at_hand
from MedVOSSegmentLib.session.step import Step
from MedVOSSegmentLib.session.workspace import Workspace
from MedVOSSegmentLib.text import tr

QUESTION = tr(
    "Microvascular obstruction is predicted from how the wall moves, by a network that was trained "
    "on simulated motion and not validated on patients. It is for research only and must not guide "
    "any treatment. Predict it?"
)


class ObstructionLogic:
    """Predicts obstruction once the user has agreed to its limits."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._has_agreed = False

    @property
    def is_offered(self) -> bool:
        """Whether `predict` is possible: the heart is segmented in a stack, and the weights are there."""
        return self._workspace.has_result and not self._workspace.is_clip and is_at_hand(OBSTRUCTION)

    @property
    def can_predict(self) -> bool:
        """Whether no job is running."""
        return not self._workspace.background.is_running

    @property
    def notice(self) -> str:
        """The research-only notice of a prediction of this heart, or of any that is visible; empty without one."""
        heart = self._workspace.heart
        if heart is not None and heart.state.obstruction is not None:
            return heart.state.obstruction.notice
        return visible_notice(self._workspace.logics.scene)

    @property
    def probability_volume(self) -> Any:
        """The vtkMRMLScalarVolumeNode of the probability, or None."""
        heart = self._workspace.heart
        return None if heart is None else heart.nodes.probability_volume

    def predict(self, agrees: Callable[[str], bool], device: str = "auto") -> None:
        """Predict obstruction in the background.

        ``agrees`` asks the user a question, once before the first prediction; a no ends it.
        Raises InputError where it is not offered, or a job is running.

        Example: ``session.obstruction.predict(lambda question: True)``
        """
        space = self._workspace
        space.background.require_idle()
        heart = space.require_heart()
        if not self.is_offered:
            if heart.findings is None:
                raise InputError(tr("Obstruction cannot be predicted: have the heart segmented first."))
            raise InputError(tr("Obstruction cannot be predicted: there are no weights for it here."))
        space.require_same_cine(heart)
        if not self._has_agreed and not agrees(QUESTION):
            return
        self._has_agreed = True
        heart.edit.refresh()
        start_prediction(space.background, heart.edit, OBSTRUCTION, device)
        space.changed.emit(None)


def start_prediction(background: Background, edit: HeartEdit, model: str, device: str) -> None:
    """Start the prediction for the current segments, and take it in at the end."""

    def accept(predicted: PredictedObstruction) -> Iterator[None]:
        edit.do("obstruction", replace(edit.state, obstruction=predicted, step=Step.MEASURE))
        yield from edit.show_obstruction()
        background.say(
            tr("Obstruction was predicted: check in the views and in the table whether it is plausible.")
            if predicted.mask.any()
            else tr("Obstruction was looked for and none was found, which does not rule it out.")
        )

    task = ObstructionTask(edit.cine, edit.cache.labels.copy(), model, device)
    background.start(edit, task, tr("Getting ready"), accept)

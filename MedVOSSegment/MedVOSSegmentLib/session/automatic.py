"""What is found without a drawing: a proposal, the whole heart, obstruction of its wall."""

from __future__ import annotations

from collections.abc import Callable

from medvos.errors import InputError
from MedVOSSegmentLib.session.models import OBSTRUCTION, UNDRAWN_STACK, is_at_hand, proposing
from MedVOSSegmentLib.session.open_cine import OpenCine

QUESTION = (
    "Microvascular obstruction is predicted from how the wall moves, by a network that was trained on simulated motion "
    "and not validated on patients. It is for research only and must not guide any treatment. Predict it?"
)


class Automatic(OpenCine):
    """A cine of which the second process finds something by itself."""

    _knows_what_it_is_worth = False

    @property
    def is_clip(self) -> bool:
        """Whether an ultrasound clip or a film is open, which has frames in place of slices and phases."""
        return self._cine is not None and self._cine.is_echo

    def propose(self, model: str | None = None, device: str = "auto") -> None:
        """Have a first drawing made on the slice in view, or else where drawing is easiest, in the background.

        Unless a model is named, it is taken from a segmentation that needs no drawing where there are weights for that.
        """
        self._background.refuse()
        if self.is_clip:
            raise InputError("A clip needs no drawing: have it segmented as it is, or draw one frame yourself.")
        self.make_segments()
        self._refuse_other_images()
        if self.place is None:
            self.go_to(*self.find_seed_place())
        phase, z = self.place
        if self._ready().known.filled[phase, z]:
            raise InputError(f"Slice {z} at phase {phase} has labels: erase them to have a drawing proposed.")
        self._background.propose(self._work, (phase, z), model or proposing(self._cine), device)
        self.changed.emit(None)

    @property
    def offers_undrawn(self) -> bool:
        """Whether `segment_undrawn` can be had: a stack is open, and there are weights for it."""
        return self._cine is not None and not self.is_clip and is_at_hand(UNDRAWN_STACK)

    def segment_undrawn(self, device: str = "auto") -> None:
        """Segment every slice and phase without a drawing, in the background; what is drawn or accepted stays.

        Raises InputError where that is not offered, or something is running.
        """
        self._background.refuse()
        self._open_cine()
        if not self.offers_undrawn:
            raise InputError("There are no weights for a segmentation without a drawing: draw one slice.")
        self.make_segments()
        self._refuse_other_images()
        self._ready().refresh()
        self._background.propagate(self._work, UNDRAWN_STACK, device)
        self.changed.emit(None)

    @property
    def models(self) -> tuple[str, ...]:
        """Of the networks that are offered beside the one that follows drawings, the names of the weights."""
        offered = ((UNDRAWN_STACK, self.offers_undrawn), (OBSTRUCTION, self.offers_obstruction))
        return tuple(name for name, is_offered in offered if is_offered)

    @property
    def offers_obstruction(self) -> bool:
        """Whether `predict_obstruction` can be had: the heart is segmented, and there are weights for it."""
        return self._has_result and not self.is_clip and is_at_hand(OBSTRUCTION)

    def predict_obstruction(self, agrees: Callable[[str], bool], device: str = "auto") -> None:
        """Look for microvascular obstruction in the wall of the segmented heart, in the background.

        ``agrees`` puts a question to the user, once before the first time; nothing happens where the answer is no.
        Raises InputError where that is not offered, or something is running.
        """
        self._background.refuse()
        work = self._ready()
        if not self.offers_obstruction:
            missing = "have the heart segmented first" if not self._has_result else "there are no weights for it here"
            raise InputError(f"Obstruction cannot be predicted: {missing}.")
        self._refuse_other_images()
        if not self._knows_what_it_is_worth and not agrees(QUESTION):
            return
        self._knows_what_it_is_worth = True
        work.refresh()
        self._background.find_obstruction(work, OBSTRUCTION, device)
        self.changed.emit(None)

    @property
    def notice(self) -> str:
        """What must be said while a predicted obstruction is shown; else empty."""
        found = None if self._work is None else self._work.state.obstruction
        return "" if found is None else found.notice

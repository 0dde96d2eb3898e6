"""The state of an open heart: one immutable value, which the history keeps and a scene saves."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from MedVOSSegmentLib.job.outcome import PredictedObstruction
from MedVOSSegmentLib.session.label_cache import empty_mark
from MedVOSSegmentLib.session.step import Step

VERSION = 1


@dataclass(frozen=True, eq=False)
class Findings:
    """The result of a propagation, beside the labels, which are in the scene.

    Attributes
    ----------
    scores: (T, Z) float32, probability that the mask of this slice and phase is bad.
    measures: name to value, interval, unit and reason, as in ``report.json``.
    measured: checksum of the marks of the labels that were measured.
    phases: ``ED`` and ``ES``, each a phase or None.
    provenance: how it was made: model, weights' SHA-256, device, seconds, seeds.
    model, device: as they were requested.
    full_seconds: duration of the last propagation through the whole cine.
    uncertainty: (T, Z, Y, X) float32, or None where it is in the scene's nodes alone.
    """

    scores: NDArray[np.float32]
    measures: dict[str, Any]
    measured: int
    phases: dict[str, int | None]
    provenance: dict[str, Any]
    model: str
    device: str
    full_seconds: float
    uncertainty: NDArray[np.float32] | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class State:
    """The user's slices, the current step, and the last result.

    Attributes
    ----------
    drawn: (T, Z) bool, the user's slices from which the last result was made, emptied ones too.
    accepted: (T, Z) bool, slices that the user locked.
    marks: (T, Z) uint32, checksum of each slice as the module last left it; a slice that differs is the user's.
    step: the current step.
    findings: the last result, if any.
    obstruction: the obstruction predicted in its wall, if any.
    chosen: ED and ES as the user chose them; None where they are found from the volumes.
    proposals: the `medvos.cine.seed.digest_of` each slice that a network proposed.
    """

    drawn: NDArray[np.bool_]
    accepted: NDArray[np.bool_]
    marks: NDArray[np.uint32]
    step: Step = Step.SEED
    findings: Findings | None = None
    obstruction: PredictedObstruction | None = None
    chosen: tuple[int | None, int | None] = (None, None)
    proposals: tuple[str, ...] = ()

    @staticmethod
    def blank(shape: tuple[int, int, int, int]) -> State:
        """Return the state of a cine (T, Z, Y, X) without any drawing."""
        none = np.zeros(shape[:2], bool)
        return State(none, none, np.full(shape[:2], empty_mark(shape[2:]), np.uint32))

    def accepting(self, phase: int, z: int, accepted: bool) -> State:
        """Return the state with one slice locked or unlocked."""
        places = self.accepted.copy()
        places[phase, z] = accepted
        return replace(self, accepted=places)

    def text(self) -> str:
        """Return the state as text for a node's attribute; `of_text` reads it."""
        found = self.findings
        document = {
            "version": VERSION,
            "shape": list(self.drawn.shape),
            "drawn": _bits(self.drawn),
            "accepted": _bits(self.accepted),
            "marks": self.marks.astype(">u4").tobytes().hex(),
            "step": self.step.value,
            "obstruction": None if self.obstruction is None else self.obstruction.provenance,
            "findings": None
            if found is None
            else {
                "scores": np.round(found.scores.astype(float), 4).tolist(),
                "measures": found.measures,
                "measured": found.measured,
                "phases": found.phases,
                "provenance": found.provenance,
                "model": found.model,
                "device": found.device,
                "full_seconds": found.full_seconds,
            },
        }
        if self.chosen != (None, None):
            document["chosen"] = list(self.chosen)
        if self.proposals:
            document["proposals"] = list(self.proposals)
        return json.dumps(document, separators=(",", ":"))

    @staticmethod
    def of_text(
        text: str,
        shape: tuple[int, int, int, int],
        read_obstruction: Callable[[], tuple[NDArray[np.bool_], NDArray[np.float32]]],
    ) -> State | None:
        """Parse the state of a cine (T, Z, Y, X); None where the text is not the state of such a cine.

        ``read_obstruction`` reads mask and probability, (T, Z, Y, X) each, of a predicted obstruction from the scene.
        """
        try:
            document = json.loads(text)
            if document["version"] != VERSION or document["shape"] != list(shape[:2]):
                return None
            found = document["findings"]
            if found is not None:
                found = Findings(**{**found, "scores": np.array(found["scores"], np.float32).reshape(shape[:2])})
            marks = np.frombuffer(bytes.fromhex(document["marks"]), ">u4").astype(np.uint32).reshape(shape[:2])
            drawn, accepted = (_of_bits(document[name], shape[:2]) for name in ("drawn", "accepted"))
            obstructed = document.get("obstruction")
            ed, es = document.get("chosen", (None, None))
            proposals = tuple(str(digest) for digest in document.get("proposals", ()))
            step = Step(document["step"])
            state = State(drawn, accepted, marks, step, found, chosen=(ed, es), proposals=proposals)
        except (ValueError, KeyError, TypeError):
            return None
        if obstructed is None:
            return state
        return replace(state, obstruction=PredictedObstruction(obstructed, *read_obstruction()))


def _bits(places: NDArray[np.bool_]) -> str:
    return np.packbits(places).tobytes().hex()


def _of_bits(text: str, shape: tuple[int, int]) -> NDArray[np.bool_]:
    count = shape[0] * shape[1]
    return np.unpackbits(np.frombuffer(bytes.fromhex(text), np.uint8), count=count).astype(bool).reshape(shape)

"""What the mutations of order and times share: words of notes, the elements that tell times, names at random."""

from __future__ import annotations

from medvos_lab.mutations.mutation import Chance
from medvos_lab.mutations.study import Study

ORDER = r"order|phase|trigger|\btimes?\b|beat|instance"
# Notes that times are not known, or that a slice was acquired again, do not tell that phases are in a wrong order.
ORDER_NOTE = r"\border|told apart|(equal|same) (trigger )?times?|InstanceNumber"
RATE = r"heart rate|beat|interval|trigger|\btimes?\b"
RATE_NOTE = r"heart rate|not one heart beat|beats|time step|unit"
TIMED = dict.fromkeys(
    (
        "TriggerTime",
        "NominalInterval",
        "HeartRate",
        "NominalCardiacTriggerDelayTime",
        "CardiacNumberOfImages",
        "TemporalPositionIdentifier",
        "NumberOfTemporalPositions",
        "TemporalResolution",
    )
)


def beat_ms(study: Study) -> float:
    """Return the length of a beat in ms, as the header states it."""
    data = study.cine[0].data
    return float(data.get("NominalInterval") or 60_000 / float(data.get("HeartRate") or 75))


def shuffle_names(study: Study, chance: Chance) -> None:
    """Name the files at random."""
    for image, number in zip(study.images, chance.permutation(len(study.images)), strict=True):
        image.name = f"{number:05d}.dcm"

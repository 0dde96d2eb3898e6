"""What the mutations of order and times share: words of notes, the elements that tell times, names at random."""

from __future__ import annotations

from pydicom.dataset import Dataset

from medvos_lab.mutations.mutation import Chance
from medvos_lab.mutations.study import Study, put

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
TIMED_OR_NUMBERED = {**TIMED, **dict.fromkeys(("InstanceNumber", "AcquisitionTime", "ContentTime"))}


def beat_ms(study: Study) -> float:
    """Return the length of a beat in ms, as the header states it."""
    data = study.cine[0].data
    return float(data.get("NominalInterval") or 60_000 / float(data.get("HeartRate") or 75))


def set_trigger(data: Dataset, time: str) -> Dataset:
    """Set TriggerTime, and leave out the other element that tells it."""
    return put(data, TriggerTime=time, NominalCardiacTriggerDelayTime=None)


def shuffle_names(study: Study, chance: Chance) -> None:
    """Name the files at random."""
    for image, number in zip(study.images, chance.permutation(len(study.images)), strict=True):
        image.name = f"{number:05d}.dcm"

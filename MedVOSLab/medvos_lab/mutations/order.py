"""Mutations of what tells the order and the times of the phases."""

from __future__ import annotations

import copy

import numpy as np

from medvos_lab.mutations.mutation import On, mutation
from medvos_lab.mutations.study import Image, Study, clock, put, renamed

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
Chance = np.random.Generator


def _period(study: Study) -> float:
    data = study.cine[0].data
    return float(data.get("NominalInterval") or 60_000 / float(data.get("HeartRate") or 75))


def _shuffle_names(study: Study, chance: Chance) -> None:
    for image, number in zip(study.images, chance.permutation(len(study.images)), strict=True):
        image.name = f"{number:05d}.dcm"


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def names_shuffled(study: Study, chance: Chance) -> None:
    """Archives name files by UID or at random."""
    _shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def numbers_removed(study: Study, chance: Chance) -> None:
    """Anonymisers drop InstanceNumber; the files are named at random."""
    _shuffle_names(study, chance)
    study.each(lambda data, t, z: put(data, InstanceNumber=None))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def number_is_the_slice(study: Study, chance: Chance) -> None:
    """3D Slicer's export of a sequence numbers the slices of each phase."""
    _shuffle_names(study, chance)
    study.each(lambda data, t, z: put(data, InstanceNumber=z + 1))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def numbers_at_random(study: Study, chance: Chance) -> None:
    """De-identification renumbers objects in the order in which it met them."""
    for image, number in zip(study.cine, chance.permutation(len(study.cine)), strict=True):
        image.data.InstanceNumber = int(number) + 1
    _shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def numbers_phase_by_phase(study: Study, chance: Chance) -> None:
    """Philips and GE number all slices of the first phase first."""
    study.each(lambda data, t, z: put(data, InstanceNumber=t * study.slices + z + 1))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def numbers_from_one_in_each_slice(study: Study, chance: Chance) -> None:
    """Exports that split a series number each part from 1."""
    study.each(lambda data, t, z: put(data, InstanceNumber=t + 1))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def numbers_backwards(study: Study, chance: Chance) -> None:
    """Exports that reverse a series; the trigger times stay."""
    count = len(study.cine)
    study.each(lambda data, t, z: put(data, InstanceNumber=count - z * study.phases - t))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def numbers_equal(study: Study, chance: Chance) -> None:
    """Converters that give every object the number 1."""
    study.each(lambda data, t, z: put(data, InstanceNumber=1))
    _shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_removed(study: Study, chance: Chance) -> None:
    """Anonymisers that keep a short list of attributes drop all of the heart's; numbers stay."""
    study.each(lambda data, t, z: put(data, **TIMED))
    _shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_zero(study: Study, chance: Chance) -> None:
    """Reconstructions outside the scanner write TriggerTime 0 everywhere."""
    study.each(lambda data, t, z: put(data, TriggerTime="0", NominalCardiacTriggerDelayTime=None))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_equal(study: Study, chance: Chance) -> None:
    """TriggerTime holds the trigger delay of the protocol, the same for all phases of a slice."""
    delays = chance.integers(5, 300, study.slices)
    study.each(lambda data, t, z: put(data, TriggerTime=str(delays[z]), NominalCardiacTriggerDelayTime=None))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_clipped_low(study: Study, chance: Chance) -> None:
    """Trigger times before the R wave are clipped to 0."""
    clipped = int(chance.integers(1, 4))
    study.each(lambda data, t, z: t > clipped or put(data, TriggerTime="0", NominalCardiacTriggerDelayTime=None))


@mutation("order", ORDER, On.STACK, excuse=f"{ORDER_NOTE}|{RATE_NOTE}")
def trigger_clipped_high(study: Study, chance: Chance) -> None:
    """Trigger times past the stated beat are clipped to its length."""
    last = study.phases - int(chance.integers(2, 4))
    ends = [float(study.of_slice(z)[last].data.TriggerTime) for z in range(study.slices)]
    study.each(
        lambda data, t, z: t < last or put(data, TriggerTime=f"{ends[z]:g}", NominalCardiacTriggerDelayTime=None)
    )


@mutation("order", ORDER, On.STACK, excuse=f"{ORDER_NOTE}|{RATE_NOTE}")
def trigger_in_seconds(study: Study, chance: Chance) -> None:
    """Research reconstructions write seconds."""
    _scale(study, 1e-3)


@mutation("order", ORDER, On.STACK, excuse=f"{ORDER_NOTE}|{RATE_NOTE}")
def trigger_in_microseconds(study: Study, chance: Chance) -> None:
    """Old Philips and research exports write microseconds."""
    _scale(study, 1e3)


@mutation("order", ORDER, On.STACK, excuse=f"{ORDER_NOTE}|{RATE_NOTE}")
def trigger_in_tenths(study: Study, chance: Chance) -> None:
    """Converters that write 0.1 ms."""
    _scale(study, 10)


@mutation("order", ORDER, On.STACK, excuse=f"{ORDER_NOTE}|{RATE_NOTE}")
def trigger_in_per_cent(study: Study, chance: Chance) -> None:
    """Programs that write the place in the beat in per cent."""
    study.each(
        lambda data, t, z: put(data, TriggerTime=f"{100 * t / study.phases:.1f}", NominalCardiacTriggerDelayTime=None)
    )


def _scale(study: Study, factor: float) -> None:
    study.each(
        lambda data, t, z: put(
            data, TriggerTime=f"{float(data.TriggerTime) * factor:.6g}", NominalCardiacTriggerDelayTime=None
        )
    )


@mutation("order", ORDER, On.STACK, excuse=f"{ORDER_NOTE}|{RATE_NOTE}")
def trigger_is_the_phase_number(study: Study, chance: Chance) -> None:
    """Exports that number the phases in TriggerTime."""
    study.each(lambda data, t, z: put(data, TriggerTime=str(t), NominalCardiacTriggerDelayTime=None))


@mutation("order", ORDER, On.STACK, excuse=f"{ORDER_NOTE}|{RATE_NOTE}")
def trigger_runs_on_from_slice_to_slice(study: Study, chance: Chance) -> None:
    """Times since the first R wave of the breath-hold or of the examination."""
    start = float(chance.uniform(3, 12)) * _period(study)
    study.each(
        lambda data, t, z: put(
            data, TriggerTime=f"{float(data.TriggerTime) + z * start:.2f}", NominalCardiacTriggerDelayTime=None
        )
    )


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_delayed(study: Study, chance: Chance) -> None:
    """Prospective gating with a delay after the R wave; the images begin later in the beat by the header alone."""
    delay = float(chance.uniform(20, 300))
    study.each(
        lambda data, t, z: put(
            data, TriggerTime=f"{float(data.TriggerTime) + delay:.2f}", NominalCardiacTriggerDelayTime=None
        )
    )


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_jitters_between_slices(study: Study, chance: Chance) -> None:
    """Each breath-hold begins a few ms later or earlier."""
    step = _period(study) / study.phases
    delays = chance.uniform(0, step * 0.8, study.slices)
    study.each(
        lambda data, t, z: put(
            data, TriggerTime=f"{float(data.TriggerTime) + delays[z]:.2f}", NominalCardiacTriggerDelayTime=None
        )
    )


@mutation("order", ORDER, On.STACK, excuse=f"{ORDER_NOTE}|{RATE_NOTE}")
def trigger_rounded_to_ties(study: Study, chance: Chance) -> None:
    """Rounding to 0.1 s makes neighbours equal."""
    study.each(
        lambda data, t, z: put(
            data, TriggerTime=str(round(float(data.TriggerTime), -2)), NominalCardiacTriggerDelayTime=None
        )
    )


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_whole_ms(study: Study, chance: Chance) -> None:
    """Times rounded to whole ms."""
    study.each(lambda data, t, z: put(data, TriggerTime=str(round(float(data.TriggerTime)))))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_missing_in_one_slice(study: Study, chance: Chance) -> None:
    """One slice went through another program."""
    lost = int(chance.integers(study.slices))
    study.each(lambda data, t, z: z != lost or put(data, **TIMED))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_missing_in_some_images(study: Study, chance: Chance) -> None:
    """Damaged headers: a few images have no trigger time."""
    for k in chance.choice(len(study.cine), 5, replace=False):
        put(study.cine[k].data, TriggerTime=None, NominalCardiacTriggerDelayTime=None)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_delay_alone(study: Study, chance: Chance) -> None:
    """Classic objects split from enhanced ones keep NominalCardiacTriggerDelayTime alone."""
    study.each(lambda data, t, z: put(data, NominalCardiacTriggerDelayTime=float(data.TriggerTime), TriggerTime=None))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def numbers_against_trigger(study: Study, chance: Chance) -> None:
    """An export renumbered the phases of each slice backwards; trigger times are the scanner's."""
    study.each(lambda data, t, z: put(data, InstanceNumber=z * study.phases + study.phases - t))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def content_time_alone(study: Study, chance: Chance) -> None:
    """3D Slicer's export of a sequence: nothing but ContentTime tells the phase."""
    step = _period(study) / study.phases / 1000
    study.each(lambda data, t, z: put(data, **TIMED, InstanceNumber=z + 1, AcquisitionTime=None))
    study.each(lambda data, t, z: put(data, ContentTime=clock(36000 + t * step)))
    _shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def content_time_past_midnight(study: Study, chance: Chance) -> None:
    """The same, filmed over midnight."""
    step = _period(study) / study.phases / 1000
    start = 86400 - step * float(chance.uniform(2, study.phases - 2))
    study.each(lambda data, t, z: put(data, **TIMED, InstanceNumber=z + 1, AcquisitionTime=None))
    study.each(lambda data, t, z: put(data, ContentTime=clock(start + t * step)))
    study.each(lambda data, t, z: put(data, ContentDate="20200102" if start + t * step < 86400 else "20200103"))
    _shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def acquisition_time_alone(study: Study, chance: Chance) -> None:
    """Research scanners: AcquisitionTime of each phase, and no other sign."""
    step = _period(study) / study.phases / 1000
    study.each(lambda data, t, z: put(data, **TIMED, InstanceNumber=None, ContentTime=None))
    study.each(lambda data, t, z: put(data, AcquisitionTime=clock(36000 + 20 * z + t * step)))
    _shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def temporal_index_alone(study: Study, chance: Chance) -> None:
    """Philips: TemporalPositionIdentifier tells the phase; InstanceNumber was lost."""
    study.each(lambda data, t, z: put(data, **TIMED, InstanceNumber=None, AcquisitionTime=None, ContentTime=None))
    study.each(lambda data, t, z: put(data, TemporalPositionIdentifier=t + 1, NumberOfTemporalPositions=study.phases))
    _shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def acquisition_number_is_the_phase(study: Study, chance: Chance) -> None:
    """Siemens XA splits enhanced objects into classic ones and counts phases in AcquisitionNumber."""
    study.each(lambda data, t, z: put(data, AcquisitionNumber=t + 1))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def acquisition_number_alone(study: Study, chance: Chance) -> None:
    """The same without trigger times and instance numbers."""
    study.each(lambda data, t, z: put(data, **TIMED, InstanceNumber=None, AcquisitionTime=None, ContentTime=None))
    study.each(lambda data, t, z: put(data, AcquisitionNumber=t + 1))
    _shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def acquisition_number_counts_files(study: Study, chance: Chance) -> None:
    """Every image has an AcquisitionNumber of its own."""
    study.each(lambda data, t, z: put(data, AcquisitionNumber=int(data.InstanceNumber or 0) + 100 * z))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def nothing_tells_the_phase(study: Study, chance: Chance) -> None:
    """Converters from stacks of plain images: neither times nor numbers."""
    study.each(lambda data, t, z: put(data, **TIMED, InstanceNumber=None, AcquisitionTime=None, ContentTime=None))
    study.each(lambda data, t, z: put(data, AcquisitionNumber=None, SeriesTime=None, InstanceCreationTime=None))
    for image in study.cine:
        renamed(image.data, chance.integers(1 << 60))
    _shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def slice_times_tell_no_phase(study: Study, chance: Chance) -> None:
    """As above; ContentTime is that of the reconstruction of the whole slice."""
    study.each(lambda data, t, z: put(data, **TIMED, InstanceNumber=z + 1, AcquisitionTime=None))
    study.each(lambda data, t, z: put(data, ContentTime=clock(36000 + 20 * z), AcquisitionNumber=1))
    for image in study.cine:
        renamed(image.data, chance.integers(1 << 60))
    _shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def starts_in_mid_beat(study: Study, chance: Chance) -> None:
    """The first image lies anywhere in the beat, by its trigger time and number."""
    shift = int(chance.integers(2, study.phases - 1))
    times = [[float(p.data.TriggerTime) for p in study.of_slice(z)] for z in range(study.slices)]
    for image in study.cine:
        t, z = ((image.phase or 0) + shift) % study.phases, image.slice or 0
        put(image.data, TriggerTime=f"{times[z][t]:.2f}", InstanceNumber=z * study.phases + t + 1)
        put(image.data, NominalCardiacTriggerDelayTime=None)


@mutation("beats", RATE, On.STACK, excuse=RATE_NOTE)
def several_beats(study: Study, chance: Chance) -> None:
    """Real-time cine: two to four beats in a row, trigger times running on from the first R wave."""
    _beats(study, int(chance.integers(2, 5)), running=True)


@mutation("beats", RATE, On.STACK, excuse=RATE_NOTE)
def several_beats_without_heart_rate(study: Study, chance: Chance) -> None:
    """The same; nothing in the header states the heart rate."""
    _beats(study, int(chance.integers(2, 5)), running=True)
    for image in study.cine:
        put(image.data, HeartRate=None, NominalInterval=None)


@mutation("beats", RATE + "|more than once|again|twice|repeat", On.STACK, excuse=RATE_NOTE + "|more than once|again")
def several_beats_each_from_zero(study: Study, chance: Chance) -> None:
    """Real-time cine whose trigger time starts anew at each R wave."""
    _beats(study, int(chance.integers(2, 4)), running=False)


def _beats(study: Study, count: int, running: bool) -> None:
    """Repeat every slice ``count`` times, one beat after another."""
    phases, period = study.phases, _period(study)
    whole: list[Image] = []
    for z in range(study.slices):
        originals = study.of_slice(z)
        for beat in range(count):
            for t, original in enumerate(originals):
                data = renamed(copy.deepcopy(original.data), "beat", beat, z, t)
                number = (z * count + beat) * phases + t + 1
                start = beat * period if running else 0.0
                put(data, TriggerTime=f"{float(data.TriggerTime) + start:.2f}", InstanceNumber=number)
                put(data, NominalCardiacTriggerDelayTime=None, CardiacNumberOfImages=phases * count)
                put(data, ContentTime=clock(36000 + 20 * z + (beat * period + t * period / phases) / 1000))
                whole.append(Image(data, t + beat * phases, z))
    study.images = whole


@mutation("beats", RATE, On.STACK, excuse=RATE_NOTE)
def heart_rate_contradicts(study: Study, chance: Chance) -> None:
    """HeartRate and NominalInterval typed in, or of another breath-hold."""
    factor = float(chance.choice([0.5, 0.6, 1.6, 2.0]))
    period = _period(study) * factor
    study.each(lambda data, t, z: put(data, HeartRate=round(60000 / period), NominalInterval=round(period)))


@mutation("beats", RATE, On.STACK, excuse=RATE_NOTE)
def heart_rate_zero(study: Study, chance: Chance) -> None:
    """Scanners write 0 where they do not know."""
    study.each(lambda data, t, z: put(data, HeartRate=0, NominalInterval=0))


@mutation("beats", RATE, On.STACK, excuse=RATE_NOTE)
def interval_in_seconds(study: Study, chance: Chance) -> None:
    """NominalInterval in seconds, HeartRate missing."""
    study.each(lambda data, t, z: put(data, HeartRate=None, NominalInterval=1))


@mutation("beats", ORDER + "|resampl|missing", On.STACK, excuse="resampl|missing")
def one_image_lost(study: Study, chance: Chance) -> None:
    """An image was not copied."""
    study.images.remove(study.cine[int(chance.integers(len(study.cine)))])


@mutation("beats", ORDER + "|resampl|missing", On.STACK, excuse="resampl|missing")
def some_images_lost(study: Study, chance: Chance) -> None:
    """A copy that broke off: a few images of one slice are missing."""
    lost = study.of_slice(int(chance.integers(study.slices)))
    for k in chance.choice(len(lost), 3, replace=False):
        study.images.remove(lost[k])


@mutation("beats", ORDER + "|resampl|missing", On.STACK, excuse="resampl|missing")
def one_image_lost_without_times(study: Study, chance: Chance) -> None:
    """The same where instance numbers alone tell the order."""
    one_image_lost(study, chance)
    study.each(lambda data, t, z: put(data, **TIMED))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def one_slice_untimed_and_unnumbered(study: Study, chance: Chance) -> None:
    """One slice was exported by another program that keeps neither times nor numbers."""
    lost = int(chance.integers(study.slices))
    study.each(
        lambda data, t, z: z != lost or put(data, **TIMED, InstanceNumber=None, ContentTime=None, AcquisitionTime=None)
    )
    _shuffle_names(study, chance)

"""Mutations of the trigger times of the phases."""

from __future__ import annotations

from medvos_lab.mutations.mutation import Chance, On, mutation
from medvos_lab.mutations.order import ORDER, ORDER_NOTE, RATE_NOTE, TIMED, beat_ms, set_trigger, shuffle_names
from medvos_lab.mutations.study import Study, put


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_removed(study: Study, chance: Chance) -> None:
    """Anonymisers that keep a short list of attributes drop all of the heart's; numbers stay."""
    study.each(lambda data, t, z: put(data, **TIMED))
    shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_zero(study: Study, chance: Chance) -> None:
    """Reconstructions outside the scanner write TriggerTime 0 everywhere."""
    study.each(lambda data, t, z: set_trigger(data, "0"))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_equal(study: Study, chance: Chance) -> None:
    """TriggerTime holds the trigger delay of the protocol, the same for all phases of a slice."""
    delays = chance.integers(5, 300, study.slices)
    study.each(lambda data, t, z: set_trigger(data, str(delays[z])))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_clipped_low(study: Study, chance: Chance) -> None:
    """Trigger times before the R wave are clipped to 0."""
    clipped = int(chance.integers(1, 4))
    study.each(lambda data, t, z: t > clipped or set_trigger(data, "0"))


@mutation("order", ORDER, On.STACK, excuse=f"{ORDER_NOTE}|{RATE_NOTE}")
def trigger_clipped_high(study: Study, chance: Chance) -> None:
    """Trigger times past the stated beat are clipped to its length."""
    last = study.phases - int(chance.integers(2, 4))
    ends = [float(study.of_slice(z)[last].data.TriggerTime) for z in range(study.slices)]
    study.each(lambda data, t, z: t < last or set_trigger(data, f"{ends[z]:g}"))


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
    study.each(lambda data, t, z: set_trigger(data, f"{100 * t / study.phases:.1f}"))


def _scale(study: Study, factor: float) -> None:
    study.each(lambda data, t, z: set_trigger(data, f"{float(data.TriggerTime) * factor:.6g}"))


@mutation("order", ORDER, On.STACK, excuse=f"{ORDER_NOTE}|{RATE_NOTE}")
def trigger_is_the_phase_number(study: Study, chance: Chance) -> None:
    """Exports that number the phases in TriggerTime."""
    study.each(lambda data, t, z: set_trigger(data, str(t)))


@mutation("order", ORDER, On.STACK, excuse=f"{ORDER_NOTE}|{RATE_NOTE}")
def trigger_runs_on_from_slice_to_slice(study: Study, chance: Chance) -> None:
    """Times since the first R wave of the breath-hold or of the examination."""
    start = float(chance.uniform(3, 12)) * beat_ms(study)
    study.each(lambda data, t, z: set_trigger(data, f"{float(data.TriggerTime) + z * start:.2f}"))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_delayed(study: Study, chance: Chance) -> None:
    """Prospective gating with a delay after the R wave; the images begin later in the beat by the header alone."""
    delay = float(chance.uniform(20, 300))
    study.each(lambda data, t, z: set_trigger(data, f"{float(data.TriggerTime) + delay:.2f}"))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def trigger_jitters_between_slices(study: Study, chance: Chance) -> None:
    """Each breath-hold begins a few ms later or earlier."""
    step = beat_ms(study) / study.phases
    delays = chance.uniform(0, step * 0.8, study.slices)
    study.each(lambda data, t, z: set_trigger(data, f"{float(data.TriggerTime) + delays[z]:.2f}"))


@mutation("order", ORDER, On.STACK, excuse=f"{ORDER_NOTE}|{RATE_NOTE}")
def trigger_rounded_to_ties(study: Study, chance: Chance) -> None:
    """Rounding to 0.1 s makes neighbours equal."""
    study.each(lambda data, t, z: set_trigger(data, str(round(float(data.TriggerTime), -2))))


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

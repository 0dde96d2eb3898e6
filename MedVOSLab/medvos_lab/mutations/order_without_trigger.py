"""Mutations that leave another sign of the phase than the trigger time, or none."""

from __future__ import annotations

from medvos_lab.mutations.mutation import Chance, On, mutation
from medvos_lab.mutations.order import ORDER, ORDER_NOTE, TIMED, TIMED_OR_NUMBERED, beat_ms, set_trigger, shuffle_names
from medvos_lab.mutations.study import Study, clock, put, renamed


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def content_time_alone(study: Study, chance: Chance) -> None:
    """3D Slicer's export of a sequence: nothing but ContentTime tells the phase."""
    step = beat_ms(study) / study.phases / 1000
    study.each(lambda data, t, z: put(data, **TIMED, InstanceNumber=z + 1, AcquisitionTime=None))
    study.each(lambda data, t, z: put(data, ContentTime=clock(36000 + t * step)))
    shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def content_time_past_midnight(study: Study, chance: Chance) -> None:
    """The same, filmed over midnight."""
    step = beat_ms(study) / study.phases / 1000
    start = 86400 - step * float(chance.uniform(2, study.phases - 2))
    study.each(lambda data, t, z: put(data, **TIMED, InstanceNumber=z + 1, AcquisitionTime=None))
    study.each(lambda data, t, z: put(data, ContentTime=clock(start + t * step)))
    study.each(lambda data, t, z: put(data, ContentDate="20200102" if start + t * step < 86400 else "20200103"))
    shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def acquisition_time_alone(study: Study, chance: Chance) -> None:
    """Research scanners: AcquisitionTime of each phase, and no other sign."""
    step = beat_ms(study) / study.phases / 1000
    study.each(lambda data, t, z: put(data, **TIMED, InstanceNumber=None, ContentTime=None))
    study.each(lambda data, t, z: put(data, AcquisitionTime=clock(36000 + 20 * z + t * step)))
    shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def temporal_index_alone(study: Study, chance: Chance) -> None:
    """Philips: TemporalPositionIdentifier tells the phase; InstanceNumber was lost."""
    study.each(lambda data, t, z: put(data, **TIMED_OR_NUMBERED))
    study.each(lambda data, t, z: put(data, TemporalPositionIdentifier=t + 1, NumberOfTemporalPositions=study.phases))
    shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def acquisition_number_is_the_phase(study: Study, chance: Chance) -> None:
    """Siemens XA splits enhanced objects into classic ones and counts phases in AcquisitionNumber."""
    study.each(lambda data, t, z: put(data, AcquisitionNumber=t + 1))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def acquisition_number_alone(study: Study, chance: Chance) -> None:
    """The same without trigger times and instance numbers."""
    study.each(lambda data, t, z: put(data, **TIMED_OR_NUMBERED))
    study.each(lambda data, t, z: put(data, AcquisitionNumber=t + 1))
    shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def acquisition_number_counts_files(study: Study, chance: Chance) -> None:
    """Every image has an AcquisitionNumber of its own."""
    study.each(lambda data, t, z: put(data, AcquisitionNumber=int(data.InstanceNumber or 0) + 100 * z))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def nothing_tells_the_phase(study: Study, chance: Chance) -> None:
    """Converters from stacks of plain images: neither times nor numbers."""
    study.each(lambda data, t, z: put(data, **TIMED_OR_NUMBERED))
    study.each(lambda data, t, z: put(data, AcquisitionNumber=None, SeriesTime=None, InstanceCreationTime=None))
    for image in study.cine:
        renamed(image.data, chance.integers(1 << 60))
    shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def slice_times_tell_no_phase(study: Study, chance: Chance) -> None:
    """As above; ContentTime is that of the reconstruction of the whole slice."""
    study.each(lambda data, t, z: put(data, **TIMED, InstanceNumber=z + 1, AcquisitionTime=None))
    study.each(lambda data, t, z: put(data, ContentTime=clock(36000 + 20 * z), AcquisitionNumber=1))
    for image in study.cine:
        renamed(image.data, chance.integers(1 << 60))
    shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def starts_in_mid_beat(study: Study, chance: Chance) -> None:
    """The first image lies anywhere in the beat, by its trigger time and number."""
    shift = int(chance.integers(2, study.phases - 1))
    times = [[float(p.data.TriggerTime) for p in study.of_slice(z)] for z in range(study.slices)]
    for image in study.cine:
        t, z = ((image.phase or 0) + shift) % study.phases, image.slice or 0
        put(set_trigger(image.data, f"{times[z][t]:.2f}"), InstanceNumber=z * study.phases + t + 1)

"""Mutations of InstanceNumber and of the files' names."""

from __future__ import annotations

from medvos_lab.mutations.mutation import Chance, On, mutation
from medvos_lab.mutations.order import ORDER, ORDER_NOTE, shuffle_names
from medvos_lab.mutations.study import Study, put


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def names_shuffled(study: Study, chance: Chance) -> None:
    """Archives name files by UID or at random."""
    shuffle_names(study, chance)


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def numbers_removed(study: Study, chance: Chance) -> None:
    """Anonymisers drop InstanceNumber; the files are named at random."""
    shuffle_names(study, chance)
    study.each(lambda data, t, z: put(data, InstanceNumber=None))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def number_is_the_slice(study: Study, chance: Chance) -> None:
    """3D Slicer's export of a sequence numbers the slices of each phase."""
    shuffle_names(study, chance)
    study.each(lambda data, t, z: put(data, InstanceNumber=z + 1))


@mutation("order", ORDER, On.STACK, excuse=ORDER_NOTE)
def numbers_at_random(study: Study, chance: Chance) -> None:
    """De-identification renumbers objects in the order in which it met them."""
    for image, number in zip(study.cine, chance.permutation(len(study.cine)), strict=True):
        image.data.InstanceNumber = int(number) + 1
    shuffle_names(study, chance)


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
    shuffle_names(study, chance)

"""The numbered list of mutated inputs: every mutation of every untouched input, then pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from medvos_lab.mutations.mutation import MUTATIONS, Mutation, On


@dataclass(frozen=True)
class Trial:
    """One mutated input; ``number`` seeds its random numbers."""

    number: int
    base: str
    mutations: tuple[Mutation, ...]

    @property
    def kind(self) -> str:
        """The row of the table."""
        return self.mutations[0].kind if len(self.mutations) == 1 else "pairs"

    @property
    def name(self) -> str:
        """The mutations' names."""
        return " + ".join(mutation.name for mutation in self.mutations)

    @property
    def cause(self) -> str:
        """Words that name the cause of any of the mutations."""
        return "|".join(mutation.cause for mutation in self.mutations)

    @property
    def excuse(self) -> str:
        """Words in a note that make up for wrong numbers."""
        return "|".join(mutation.excuse for mutation in self.mutations)


Chosen = tuple[str, tuple[Mutation, ...]]
VOLUME = "4D image"
IN_PAIRS = (On.STACK, On.STACK, On.STACK, On.CLIP, On.VOLUME)


def plan(stacks: Sequence[str], clips: Sequence[str], count: int) -> list[Trial]:
    """Return ``count`` trials: every mutation by itself, then some on another input, and pairs of two kinds.

    The same arguments give the same list.
    """
    inputs: dict[On, list[str]] = {
        On.STACK: list(stacks),
        On.CLIP: list(clips),
        On.FILES: [*stacks, *clips],
        On.VOLUME: [VOLUME] * 3,
    }
    inputs[On.SEED] = inputs[On.VOLUME]
    first, second = (_alone(inputs, turn) for turn in range(2))
    chance = np.random.default_rng(0)
    again = [second[k] for k in chance.permutation(len(second))]
    chosen = list(first)
    while len(chosen) < count:
        if again:
            chosen.append(again.pop())
        on = IN_PAIRS[int(chance.integers(len(IN_PAIRS)))]
        if inputs[on]:
            chosen.append((inputs[on][int(chance.integers(len(inputs[on])))], _pair(on, chance)))
    return [Trial(number, base, mutations) for number, (base, mutations) in enumerate(chosen[:count])]


def _alone(inputs: Mapping[On, Sequence[str]], turn: int) -> list[Chosen]:
    """Every mutation by itself, each on the next of the inputs that it fits."""
    return [
        (inputs[on][(k + turn) % len(inputs[on])], (mutation,))
        for k, mutation in enumerate(MUTATIONS.values())
        for on in sorted(mutation.on)
        if inputs[on]
    ]


def _pair(on: On, chance: np.random.Generator) -> tuple[Mutation, ...]:
    """Two mutations of different kinds, the first of ``on``, the second of what goes with it."""
    fit = [mutation for mutation in MUTATIONS.values() if on in mutation.on]
    first = fit[int(chance.integers(len(fit)))]
    beside = {On.VOLUME, On.SEED} if on is On.VOLUME else {on, On.FILES}
    fit = [mutation for mutation in MUTATIONS.values() if mutation.on & beside and mutation.kind != first.kind]
    return first, fit[int(chance.integers(len(fit)))]

"""The numbered list of mutated inputs: every mutation of every untouched input, then pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


VOLUME = "4D image"
IN_PAIRS = (On.STACK, On.STACK, On.STACK, On.CLIP, On.VOLUME)


def plan(stacks: Sequence[str], clips: Sequence[str], count: int) -> list[Trial]:
    """Return ``count`` trials: every mutation by itself, then some on another input, and pairs of two kinds.

    The same arguments give the same list.
    """
    inputs = {On.STACK: list(stacks), On.CLIP: list(clips), On.FILES: [*stacks, *clips], On.VOLUME: [VOLUME] * 3}
    inputs[On.SEED] = inputs[On.VOLUME]
    alone = [
        [
            (inputs[on][(k + turn) % len(inputs[on])], (mutation,))
            for k, mutation in enumerate(MUTATIONS.values())
            for on in sorted(mutation.on)
            if inputs[on]
        ]
        for turn in range(2)
    ]
    chance = np.random.default_rng(0)
    again = [alone[1][k] for k in chance.permutation(len(alone[1]))]
    chosen = list(alone[0])
    while len(chosen) < count:
        if again:
            chosen.append(again.pop())
        on = IN_PAIRS[int(chance.integers(len(IN_PAIRS)))]
        if inputs[on]:
            first = _any(chance, lambda m, on=on: on in m.on)
            beside = {On.VOLUME: {On.VOLUME, On.SEED}}.get(on, {on, On.FILES})
            second = _any(chance, lambda m, of=first, beside=beside: bool(m.on & beside) and m.kind != of.kind)
            chosen.append((inputs[on][int(chance.integers(len(inputs[on])))], (first, second)))
    return [Trial(number, base, mutations) for number, (base, mutations) in enumerate(chosen[:count])]


def _any(chance: np.random.Generator, fits: Callable[[Mutation], bool]) -> Mutation:
    fit = [mutation for mutation in MUTATIONS.values() if fits(mutation)]
    return fit[int(chance.integers(len(fit)))]

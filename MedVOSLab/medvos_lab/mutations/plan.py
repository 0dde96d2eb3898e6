"""The numbered list of mutated inputs: every mutation of every untouched input, then pairs."""

from __future__ import annotations

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


def plan(stacks: list[str], clips: list[str], count: int) -> list[Trial]:
    """Return ``count`` trials: all single mutations first, each on each kind of base, then random pairs.

    The same arguments give the same list.
    """
    singles = []
    for k, mutation in enumerate(MUTATIONS.values()):
        for bases, on in ((stacks, On.STACK), (clips, On.CLIP)):
            if bases and on in mutation.on:
                turns = len(bases) if on is On.STACK else min(len(bases), 3)
                singles += [(round_, bases[(k + round_) % len(bases)], (mutation,)) for round_ in range(turns)]
        if On.FILES in mutation.on:
            both = stacks[:1] + clips[1:2]
            singles += [(round_, base, (mutation,)) for round_, base in enumerate(both)]
    singles.sort(key=lambda single: single[0])
    chance = np.random.default_rng(0)
    while len(singles) < count:
        on, bases = (On.STACK, stacks) if not clips or chance.random() < 0.75 else (On.CLIP, clips)
        if not bases:
            continue
        fit = [m for m in MUTATIONS.values() if on in m.on]
        first = fit[int(chance.integers(len(fit)))]
        fit = [m for m in MUTATIONS.values() if (on in m.on or On.FILES in m.on) and m.kind != first.kind]
        second = fit[int(chance.integers(len(fit)))]
        singles.append((9, bases[int(chance.integers(len(bases)))], (first, second)))
    return [Trial(number, base, mutations) for number, (_, base, mutations) in enumerate(singles[:count])]

"""What one mutation is, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

Chance = np.random.Generator


class On(StrEnum):
    """What a mutation changes."""

    STACK = "stack"  # the DICOM objects of a short-axis cine
    CLIP = "clip"  # the DICOM object of an echo clip
    FILES = "files"  # the folder of written files
    VOLUME = "volume"  # a 4D image with its affine, before it is written
    SEED = "seed"  # the label image of the drawing


class NotHere(Exception):
    """The mutation does not apply to this input."""


@dataclass(frozen=True)
class Mutation:
    """A change of what files say.

    Attributes
    ----------
    name, kind: of the mutation; the kind is a row of the table.
    on: what ``change`` is given.
    cause: regular expression of words, of which one a refusal that names the cause has in it.
    excuse: of words in a note that make up for wrong numbers: they name the cause, or what was done or is in doubt.
    change: changes its first argument in place (or returns another path), with random numbers from the second.
    writes: who writes such files.
    """

    name: str
    kind: str
    on: frozenset[On]
    cause: str
    excuse: str
    change: Callable[[Any, Chance], Any]
    writes: str


NO_NOTE = r"(?!)"  # numbers must be right, whatever the notes say
MUTATIONS: dict[str, Mutation] = {}


def mutation(kind: str, cause: str, *on: On, excuse: str | None = None) -> Callable[[Callable], Callable]:
    """List a function as a mutation; its docstring tells who writes such files, ``excuse`` is ``cause`` if left out."""

    def add(change: Callable) -> Callable:
        name = change.__name__
        if name in MUTATIONS:
            raise ValueError(f"two mutations are called {name}")
        MUTATIONS[name] = Mutation(
            name,
            kind,
            frozenset(on),
            cause,
            cause if excuse is None else excuse,
            change,
            (change.__doc__ or "").strip(),
        )
        return change

    return add

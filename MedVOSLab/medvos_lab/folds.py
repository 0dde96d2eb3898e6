"""Folds of a cross-validation by patient."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fold:
    """One of several parts of a data set's patients: patient n is in fold n modulo ``of``.

    ACDC numbers the patients of a group consecutively, so all of five folds have as many of each group. The last of
    five has the usual validation patients, whose number ends in 4 or 9.

    Example
    -------
    >>> Fold(4, 5).has("patient009")
    True
    """

    number: int
    of: int

    def has(self, patient: str) -> bool:
        """Return whether a patient, by the name in the data set, is in this fold."""
        return number_of(patient) % self.of == self.number

    def half(self, number: int) -> int:
        """Return in which half of the fold a patient's number is, 0 or 1; the halves alternate through each group."""
        return number // self.of % 2

    def __str__(self) -> str:
        return f"{self.number} of {self.of}"


USUAL = Fold(4, 5)


def folds_of(count: int) -> list[Fold]:
    """Return all folds of a cross-validation.

    Example
    -------
    >>> folds_of(2)
    [Fold(number=0, of=2), Fold(number=1, of=2)]
    """
    return [Fold(number, count) for number in range(count)]


def number_of(patient: str) -> int:
    """Return the number in a patient's name.

    Example
    -------
    >>> number_of("patient009")
    9
    """
    return int("".join(filter(str.isdigit, patient)))

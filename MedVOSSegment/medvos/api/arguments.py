"""What the functions of the package take: a cine, a seed or a result, or the path of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from medvos.cine.cine import Cine
from medvos.cine.seed import Seed
from medvos.result import Result

if TYPE_CHECKING:
    from medvos.cine.seed import Labels

Place = str | Path


def cine_of(given: Cine | Place, function: str) -> Cine:
    """Return a cine as it is, or read it; TypeError where ``given`` is neither a `Cine` nor a path."""
    from medvos.cine.read import read

    if isinstance(given, Cine):
        return given
    if isinstance(given, Place):
        return read(given)
    raise TypeError(
        f"medvos.{function} takes a Cine or the path of one, and not {_kind(given)}: read it with medvos.read(path), "
        "or make a medvos.Cine of an array."
    )


def seed_of(given: Seed | Place, cine: Cine, phase: int | None, labels: Labels, function: str) -> Seed:
    """Return a seed as it is, or read it onto the cine.

    Raises
    ------
    TypeError: ``given`` is neither a `Seed` nor a path, or is a `Seed`, whose phase and labels are known, with either.
    """
    from medvos.cine.seed import read_seed

    if isinstance(given, Place):
        return read_seed(given, cine, phase, labels)
    if not isinstance(given, Seed):
        raise TypeError(
            f"medvos.{function} takes a Seed or the path of a label image, and not {_kind(given)}: make the seed of an "
            "array with medvos.seed_from_array(labels, cine, phase=0)."
        )
    if phase is not None or labels is not None:
        raise TypeError(f"medvos.{function}: phase and labels are of a path; a Seed has both in itself.")
    return given


def result_of(given: Result | Place, function: str) -> Result:
    """Return a result as it is, or read the folder of one; TypeError where ``given`` is neither."""
    from medvos.report.read_results import stored_result

    if isinstance(given, Result):
        return given
    if isinstance(given, Place):
        return stored_result(given)
    raise TypeError(
        f"medvos.{function} takes a Result or the folder of one, and not {_kind(given)}: medvos.propagate and "
        "medvos.segment return a Result, medvos.read_results reads one."
    )


def _kind(given: Any) -> str:
    """Return the type of an argument in words."""
    return "None" if given is None else f"the type {type(given).__name__}"

"""MedVOSSegment's engine: one drawn slice in, the whole beating heart out.

>>> cine = medvos.read("patient/")
>>> seed = medvos.read_seed("seed.nii.gz", cine, phase=0)
>>> result = medvos.propagate(cine, seed)
>>> medvos.measure(result)["LVEF"].value
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from medvos.errors import Cancelled, InputError, MedVOSError

# Not lazy: the folder of the same name would take the function's place at its first import.
from medvos.measure.measure import measure

if TYPE_CHECKING:
    from medvos.cine.cine import Cine
    from medvos.cine.read import read
    from medvos.cine.seed import Seed, read_seed, seed_from_array
    from medvos.measure.measures import Measures
    from medvos.propagation.propagate import propagate
    from medvos.report.folder import write_results
    from medvos.result import Result

__version__ = "0.2.0"

_HOME = {
    "Cine": "medvos.cine.cine",
    "Measures": "medvos.measure.measures",
    "Result": "medvos.result",
    "Seed": "medvos.cine.seed",
    "propagate": "medvos.propagation.propagate",
    "read": "medvos.cine.read",
    "read_seed": "medvos.cine.seed",
    "seed_from_array": "medvos.cine.seed",
    "write_results": "medvos.report.folder",
}

__all__ = [
    "Cancelled",
    "Cine",
    "InputError",
    "Measures",
    "MedVOSError",
    "Result",
    "Seed",
    "measure",
    "propagate",
    "read",
    "read_seed",
    "seed_from_array",
    "write_results",
]


def __getattr__(name: str) -> Any:
    """Import the heavy parts (torch, pydicom, matplotlib) when they are first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module 'medvos' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]

"""MedVOSSegment's engine: segment a whole beating heart from one drawn slice.

>>> cine = medvos.read("patient/")
>>> seed = medvos.read_seed("seed.nii.gz", cine, phase=0)
>>> result = medvos.propagate(cine, seed)
>>> medvos.measure(result)["LVEF"].value
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from medvos.errors import Cancelled, InputError, MedVOSError

# Not lazy: the first import of the folder of the same name would replace the function.
from medvos.measure.measure import measure
from medvos.version import __version__ as __version__

if TYPE_CHECKING:
    from medvos.cine.cine import Cine
    from medvos.cine.read import read
    from medvos.cine.seed import Seed, read_seed, seed_from_array
    from medvos.measure.measures import Measures
    from medvos.propagation.propagate import propagate
    from medvos.report.write_results import write_results
    from medvos.result import Result

_HOME = {
    "Cine": "medvos.cine.cine",
    "Measures": "medvos.measure.measures",
    "Result": "medvos.result",
    "Seed": "medvos.cine.seed",
    "propagate": "medvos.propagation.propagate",
    "read": "medvos.cine.read",
    "read_seed": "medvos.cine.seed",
    "seed_from_array": "medvos.cine.seed",
    "write_results": "medvos.report.write_results",
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
    """Import the heavy parts (torch, pydicom, matplotlib) on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'medvos' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]

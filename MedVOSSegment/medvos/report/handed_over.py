"""A result in files that keep every digit, for another process of the same version on the same machine.

Unlike a folder of results they have the images, what the user stated of the person, and geometry in double precision.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine, Source
from medvos.cine.clip_region import from_plain, plain
from medvos.result import Result

FACTS = "result.json"
ARRAYS = ("array", "affine", "times", "labels", "uncertainty", "slice_scores", "seeds")
PROBABILITY = "probability"
# Of a source, as JSON has them; `files`, `frames` and the like are known to a reader of the images alone.
PLAIN = (
    "path", "kind", "heart_rate", "description", "digest", "sex", "age_years", "height_cm", "weight_kg",
    "spacing_known", "known_shunt", "rate_given",
)  # fmt: skip
LISTS = ("notes", "series", "given", "missing_slices")


def hand_over(result: Result, folder: Path) -> None:
    """Write ``result`` into ``folder``, which must not exist; `handed_over` reads it, also in another working folder.

    >>> hand_over(result, Path("result"))  # doctest: +SKIP

    Raises
    ------
    OSError: the disk fails or is full.
    """
    folder.mkdir()
    for name, array in _arrays(result).items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    source = result.cine.source
    facts = {
        "period": result.cine.period,
        "source": {name: getattr(source, name) for name in (*PLAIN, *LISTS)} | _whole_paths(source),
        "views": plain(source.views),
        "provenance": result.provenance,
    }
    (folder / FACTS).write_text(json.dumps(facts), encoding="utf-8")


def handed_over(folder: Path) -> Result:
    """Read the result that `hand_over` has written into ``folder``.

    >>> handed_over(Path("result"))  # doctest: +SKIP

    Raises
    ------
    OSError, EOFError, ValueError, KeyError: a file is missing or damaged.
    """
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    stated: dict[str, Any] = {name: tuple(value) if name in LISTS else value for name, value in facts["source"].items()}
    source = Source(**stated, views=from_plain(facts["views"]))
    array, affine, times, labels, uncertainty, scores, seeds = (_load(folder, name) for name in ARRAYS)
    cine = Cine(array, affine, times, facts["period"], source)
    probability = _load(folder, PROBABILITY) if (folder / f"{PROBABILITY}.npy").is_file() else None
    return Result(cine, labels, uncertainty, scores, seeds, facts["provenance"], probability)


def _whole_paths(source: Source) -> dict[str, Any]:
    """Return where the images are, independent of the working folder; what is empty stays so."""
    whole = {path: str(Path(path).absolute()) for path in (source.path, *source.given) if path}
    return {"path": whole.get(source.path, ""), "given": [whole.get(path, "") for path in source.given]}


def _arrays(result: Result) -> dict[str, NDArray]:
    cine = result.cine
    arrays = {name: getattr(cine if hasattr(cine, name) else result, name) for name in ARRAYS}
    return arrays if result.probability is None else {**arrays, PROBABILITY: result.probability}


def _load(folder: Path, name: str) -> NDArray:
    loaded: NDArray = np.load(folder / f"{name}.npy", allow_pickle=False)
    return loaded

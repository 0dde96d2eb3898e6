"""How a result was made, as the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.describe import KINDS
from medvos.report.reportable import Reportable
from medvos.result import STYLE_DRIFT
from medvos.version import __version__

SHOWN_ELSEWHERE = (
    "input", "seeds", "intervals", "doubts", "notice", "papillary", "proposed", "former_bands", "rv_removed_in",
    "misfit", "carried", "own_names",
    "chosen_phases",
)  # fmt: skip


def provenance_rows(result: Reportable) -> list[tuple[str, str]]:
    """Return how a result was made, as names and texts, the most important first; unknown ones are left out."""
    provenance = dict(result.provenance)
    made = provenance.pop("made", None) or datetime.now().isoformat(timespec="seconds")
    proposed = np.zeros_like(result.seeds)
    for place in provenance.get("proposed", ()):
        proposed[place["phase"], place["slice"]] = True
    seconds = provenance.pop("seconds", None)
    rows = [
        ("model", _words(provenance.pop("model", None))),
        ("weights (SHA-256)", _words(provenance.pop("weights_sha256", None))),
        ("terms of the weights", _words(provenance.pop("terms", None))),
        ("device", _words(provenance.pop("device", None))),
        ("time taken", "" if seconds is None else f"{seconds:.1f} s"),
        ("made", made.replace("T", " ")),
        ("input", _input(result)),
        ("drawn", _places(result, result.seeds & ~proposed)),
        ("proposed, not confirmed", _places(result, proposed)),
        ("program", f"medvos {provenance.pop('medvos', __version__)}"),
        ("notes", _words(provenance.pop("notes", None))),
    ]
    opinion = provenance.pop("second_opinion", None)
    if opinion is not None:
        rows.append(("second opinion", _opinion(opinion)))
    drift = provenance.pop(STYLE_DRIFT, None)
    if drift is not None:
        rows.append(("style of the drawing", _drift(drift)))
    followed = provenance.pop("followed", None)
    if followed is not None:
        rows.append(("followed from the drawing", _followed(followed)))
    others = [(key.replace("_", " "), _words(provenance[key])) for key in provenance if key not in SHOWN_ELSEWHERE]
    return [(key, value) for key, value in (*rows, *others) if value]


def _opinion(stated: Mapping[str, Any]) -> str:
    """Name the network without a drawing, and how much of each structure is its own."""
    weights = [f"{name} {100 * weight:.0f} %" for name, weight in stated["weight"].items() if weight]
    return f"{stated['model']}, {', '.join(weights) if weights else 'which contradicts the drawing and has no weight'}"


def _drift(drift: Mapping[str, float]) -> str:
    """Say how far each drawn border lies from the one that the network predicts back from its own result."""
    sides = [f"{name} {abs(mm):.1f} mm further {'out' if mm > 0 else 'in'}" for name, mm in drift.items()]
    return f"drawn {', '.join(sides)} than predicted back; borders were moved by a part of it"


def _followed(trust: Mapping[str, float]) -> str:
    """Say how far the network follows each structure of a clip; the motion of the images carries the rest."""
    shares = ", ".join(f"{name} {100 * value:.0f} %" for name, value in trust.items())
    return f"by the network {shares}; the rest by the motion of the images"


def _input(result: Reportable) -> str:
    """Describe the cine in one line, without anything that identifies the patient."""
    cine = result.cine
    t, z, y, x = cine.shape
    times = f"{t} frames" if cine.is_echo else f"{t} phases, {z} slice{'' if z == 1 else 's'}"
    # A clip has no thickness.
    steps = " x ".join(f"{step:.2f}" for step in (cine.spacing[1:] if cine.is_echo else cine.spacing))
    size = f"{times} of {y} x {x} pixels, {f'{steps} mm' if cine.source.spacing_known else 'of unknown size'}"
    rate = f", {cine.source.heart_rate:.0f} beats per minute" if cine.source.heart_rate else ""
    return f"{KINDS.get(cine.source.kind, cine.source.kind)}, {size}{rate}"


def _places(result: Reportable, seeds: NDArray[np.bool_]) -> str:
    """List slices of ``seeds`` (T, Z) by phase, or the frames of a clip, counted from 1."""
    if result.cine.is_echo:
        frames = np.flatnonzero(seeds.any(axis=1))
        return f"frame{'s' if len(frames) > 1 else ''} {', '.join(str(t + 1) for t in frames)}" if len(frames) else ""
    return "; ".join(
        f"phase {t + 1}: slice{'s' if drawn.sum() > 1 else ''} {', '.join(str(z + 1) for z in drawn.nonzero()[0])}"
        for t, drawn in enumerate(seeds)
        if drawn.any()
    )


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_words(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        words = [_words(item) for item in value]
        return (" " if all(word.endswith(".") for word in words) else "; ").join(words)
    return str(value)

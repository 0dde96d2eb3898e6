"""Methods by name, all with the same signature."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from medvos.cine.cine import Cine
from medvos.cine.seed import Seed
from medvos.errors import InputError
from medvos_lab.bench.score import Prediction

Method = Callable[[Cine, Seed], Prediction]

NETWORKS = ("cstm", "tcmn", "vivim")  # kinds that segment a cine

# What can be switched off or on in a propagation, to see what it is worth: ``NAME+dense`` and so on.
SWITCHES: dict[str, dict[str, Any]] = {
    "dense": {"matching": "dense"},
    "absence-head": {"absent_below": 0.5},
    "one-way": {"mirrored": False},
    "neighbours": {"outer_fraction": 1 / 3},
    "alone": {"second_opinion": False},
    "drifting": {"keep_style": False},
}


def method(name: str, device: str = "auto") -> Method:
    """Return a baseline (``copy``, ``flow``) or, by any other name, the network of that name.

    ``NAME+SWITCH`` is the same network with one of `SWITCHES`: ``dense`` for STCN's matching, ``absence-head`` with
    the head that takes structures out of the image, ``one-way`` without the mirrored heart, ``neighbours`` with a
    second look at the outer slices, ``alone`` without the opinion of its companion, ``drifting`` with borders as the
    network predicts them.

    Raises
    ------
    InputError: there is no such switch, network or device.
    """
    from medvos_lab.bench.baselines import BASELINES

    if name in BASELINES:
        label = BASELINES[name]
        return lambda cine, seed: _timed(lambda: Prediction(label(cine, seed)))
    model, _, switch = name.partition("+")
    if switch and switch not in SWITCHES:
        raise InputError(f"There is no switch '{switch}'; choose from {', '.join(SWITCHES)}.")
    from medvos.models.device import choose_device
    from medvos.models.store import resolve

    resolve(model, *NETWORKS)
    choose_device(device)
    return lambda cine, seed: _timed(lambda: _propagate(cine, seed, model, device, SWITCHES.get(switch, {})))


def all_methods() -> tuple[str, ...]:
    """Return names of the baselines and of every network at hand, each also with dense matching."""
    from medvos.models.store import available
    from medvos_lab.bench.baselines import BASELINES

    networks = [model.name for model in available() if model.network == "cstm"]
    return (*BASELINES, *(name + matching for name in networks for matching in ("+dense", "")))


def ablation(model: str) -> tuple[str, ...]:
    """Return the model, and the model with each of `SWITCHES`."""
    return (model, *(f"{model}+{switch}" for switch in SWITCHES))


def _propagate(cine: Cine, seed: Seed, model: str, device: str, switched: dict[str, Any]) -> Prediction:
    from medvos.models.store import resolve
    from medvos.propagation.propagate import propagate
    from medvos.propagation.settings import PropagationSettings

    info = resolve(model, *NETWORKS)
    if info.network == "vivim":  # it needs no seed and gets none
        from medvos.segmentation.short_axis import segment_heart

        found = segment_heart(cine, info, device)
        return Prediction(found.labels, found.slice_scores, found.uncertainty)
    result = propagate(cine, seed, model=model, device=device, settings=PropagationSettings(**switched))
    return Prediction(result.labels, result.slice_scores, result.uncertainty)


def _timed(predict: Callable[[], Prediction]) -> Prediction:
    start = time.perf_counter()
    prediction = predict()
    seconds = time.perf_counter() - start
    return Prediction(prediction.labels, prediction.slice_scores, prediction.uncertainty, seconds)

"""Methods by name, all with the same signature."""

from __future__ import annotations

import time
from collections.abc import Callable

from medvos.cine.cine import Cine
from medvos.cine.seed import Seed
from medvos.evaluate.score import Prediction

Method = Callable[[Cine, Seed], Prediction]


DENSE = "+dense"


def method(name: str, device: str = "auto") -> Method:
    """A baseline (``copy``, ``flow``) or, by any other name, the network of that name.

    ``NAME+dense`` is the same network with STCN's dense matching in place of patch-level matching.

    The method raises InputError when there is no such network, or no such device.
    """
    from medvos.evaluate.baselines import BASELINES

    if name in BASELINES:
        label = BASELINES[name]
        return lambda cine, seed: _timed(lambda: Prediction(label(cine, seed)))
    return lambda cine, seed: _timed(lambda: _propagate(cine, seed, name, device))


def all_methods() -> tuple[str, ...]:
    """Names of the baselines and of every network at hand, each also with dense matching."""
    from medvos.evaluate.baselines import BASELINES
    from medvos.models.store import available

    return (*BASELINES, *(model.name + matching for model in available() for matching in (DENSE, "")))


def _propagate(cine: Cine, seed: Seed, model: str, device: str) -> Prediction:
    from medvos.propagation.propagate import propagate
    from medvos.propagation.settings import Settings

    settings = Settings(matching="dense" if model.endswith(DENSE) else None)
    result = propagate(cine, seed, model=model.removesuffix(DENSE), device=device, settings=settings)
    return Prediction(result.labels, result.slice_scores, result.uncertainty)


def _timed(predict: Callable[[], Prediction]) -> Prediction:
    start = time.perf_counter()
    prediction = predict()
    seconds = time.perf_counter() - start
    return Prediction(prediction.labels, prediction.slice_scores, prediction.uncertainty, seconds)

"""Constants that turn raw scores into probabilities; fitted on ACDC's validation patients, stored in the manifest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Calibration:
    """Two logistic curves.

    Attributes
    ----------
    voxel: (a, b, c): probability that a voxel's label is wrong = sigmoid(a + b logit(1 - p_max) + c sqrt(spread)).
    slice: (a, b): probability that a slice's mask is bad (Dice below 0.8) = sigmoid(a + b logit(1 - expected Dice)).
    """

    voxel: tuple[float, float, float] = (0.0, 1.0, 0.0)
    slice: tuple[float, float] = (0.0, 1.0)

    @staticmethod
    def of(constants: dict[str, list[float]]) -> Calibration:
        """Read the constants of a model's manifest entry."""
        return Calibration(**{name: tuple(values) for name, values in constants.items()})  # type: ignore[arg-type]


def fit_logistic(features: np.ndarray, happened: np.ndarray) -> list[float]:
    """Fit a logistic regression with an intercept by maximum likelihood.

    Parameters
    ----------
    features: (N, F).
    happened: (N,) bool.

    Returns
    -------
    Intercept and F weights.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    design = np.column_stack([np.ones(len(features)), features])
    sign = np.where(happened, -1.0, 1.0)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (design @ weights)
        gradient = design.T @ (sign * expit(margin)) / len(design)
        return float(np.logaddexp(0, margin).mean()), gradient

    return [float(w) for w in minimize(loss, np.zeros(design.shape[1]), jac=True, method="BFGS").x]

"""An echo network and echo data small enough for tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from medvos.models.echo.config import ECHO_PAPER, EchoConfig
from medvos.models.echo.network import EchoNetwork
from medvos.models.networks import echo_network
from medvos.structures import LA, MYO
from medvos_lab.datasets.echonet import EchoClip, EchoPairs

SIDE = 32
TINY_ECHO = replace(ECHO_PAPER, channels=(4, 6, 8), decoder_channels=(8, 6, 4), dilations=(1, 2), side=SIDE)


def an_echo_network(config: EchoConfig = TINY_ECHO) -> EchoNetwork:
    """In evaluation mode, with normalisations that have seen some frames."""
    torch.manual_seed(0)
    network = echo_network(config)
    with torch.no_grad():
        for _ in range(20):
            network(torch.rand(4, config.k, config.side, config.side))
    return network.eval()


def an_lv(radius: float, side: int = SIDE) -> np.ndarray:
    """(Y, X) bool: an ellipse, twice as long as wide, a little right of the middle."""
    y, x = np.mgrid[:side, :side] - side / 2
    return (y / 1.5) ** 2 + (x - 2) ** 2 <= radius**2


def some_pairs(count: int = 4, side: int = SIDE, every: bool = False) -> EchoPairs:
    """A dark LV in grey tissue, wide at ED and narrow at ES, a little larger from study to study.

    ``every``: with a wall round it and an atrium below it, as in CAMUS.
    """
    radii = [[side / 5 + 0.3 * i, side / 8 + 0.3 * i] for i in range(count)]
    masks = np.array([[an_lv(radius, side) for radius in pair] for pair in radii])
    tissue = np.random.default_rng(0).integers(90, 170, masks.shape)
    images = np.where(masks, 20, tissue).astype(np.uint8)
    if not every:
        return EchoPairs(images, masks)
    walls = np.array([[an_lv(radius + side / 10, side) for radius in pair] for pair in radii]) & ~masks
    atria = np.zeros_like(masks)
    atria[..., -side // 8 :, side // 2 :] = True
    return EchoPairs(images, masks, {MYO: walls & ~atria, LA: atria & ~masks})


def a_film(frames: int = 12, side: int = SIDE) -> EchoClip:
    """One beat; ED is frame 0, ES the middle one."""
    radii = side / 5 - side / 14 * (1 - np.cos(2 * np.pi * np.arange(frames) / frames)) / 2
    masks = np.array([an_lv(radius, side) for radius in radii])
    tissue = np.random.default_rng(1).integers(90, 170, masks.shape)
    es = frames // 2
    return EchoClip("film", np.where(masks, 20, tissue).astype(np.uint8), 50.0, 0, es, masks[[0, es]])

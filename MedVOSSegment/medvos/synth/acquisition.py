"""The parameters of a synthetic scan: contrast, resolution, artefacts and pose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Acquisition:
    """One short-axis bSSFP scan. Signals are relative to LV blood; lengths in mm, angles in rad.

    Attributes
    ----------
    myocardium, rv_blood, fat, liver, muscle, lung: mean signals. gain: intensity of LV blood in the file.
    blood_texture: relative strength of the inhomogeneity of flowing blood. flow_void: depth of the signal loss in
    the jets. noise: standard deviation in each receiver channel. bias: strength of the surface coils' shading.
    bands: depth of the off-resonance bands. resolution: (y, x) part of k-space that was measured.
    thickness: slice thickness as a part of the distance between slices.
    breath_hold: standard deviation of the heart's in-plane position from slice to slice.
    rotation: of the heart in the image. off_centre: (y, x) of the heart from the middle of the image.
    stack_offset: first basal slice above the valve plane, as a part of the distance between slices.
    round_field: radius of the circular mask that some scanners apply, as a fraction of the image; 0 none.
    tilt: Euler angles of the stack in the patient, in degrees.
    """

    myocardium: float = 0.36
    rv_blood: float = 0.85
    fat: float = 1.15
    liver: float = 0.38
    muscle: float = 0.3
    lung: float = 0.05
    gain: float = 400.0
    blood_texture: float = 0.04
    flow_void: float = 0.3
    noise: float = 0.025
    bias: float = 0.5
    bands: float = 0.2
    resolution: tuple[float, float] = (0.75, 0.9)
    thickness: float = 0.9
    breath_hold: float = 1.0
    rotation: float = 0.0
    off_centre: tuple[float, float] = (0.0, 0.0)
    stack_offset: float = 0.4
    round_field: float = 0.0
    tilt: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @classmethod
    def random(cls, rng: np.random.Generator) -> Acquisition:
        """Draw a random scan, over the ranges of scanners, protocols and patients."""
        return cls(
            myocardium=rng.uniform(0.26, 0.48),
            rv_blood=rng.uniform(0.7, 1.0),
            fat=rng.uniform(0.95, 1.5),
            liver=rng.uniform(0.25, 0.55),
            muscle=rng.uniform(0.18, 0.36),
            lung=rng.uniform(0.02, 0.09),
            gain=float(np.exp(rng.uniform(np.log(120), np.log(900)))),
            blood_texture=rng.uniform(0.01, 0.05),
            flow_void=rng.uniform(0.0, 0.6),
            noise=rng.uniform(0.006, 0.035),
            bias=rng.uniform(0.2, 1.2),
            bands=rng.uniform(0.0, 0.5),
            resolution=(rng.uniform(0.55, 0.9), rng.uniform(0.7, 1.0)),
            thickness=rng.uniform(0.6, 1.0),
            breath_hold=float(np.abs(rng.normal(0.0, 1.4))),
            rotation=rng.normal(0.0, 0.3),
            off_centre=(rng.normal(0.0, 14.0), rng.normal(0.0, 14.0)),
            stack_offset=rng.uniform(-0.4, 1.1),
            round_field=rng.uniform(0.5, 0.62) if rng.random() < 0.2 else 0.0,
            tilt=(rng.normal(0.0, 8.0), rng.normal(0.0, 8.0), rng.normal(0.0, 8.0)),
        )


@dataclass(frozen=True)
class ScanGrid:
    """Voxel grid of a scan: phases, slices, rows and columns, and the distances between them in mm (z, y, x)."""

    shape: tuple[int, int, int, int]
    spacing: tuple[float, float, float]

    @classmethod
    def random(cls, rng: np.random.Generator, phases: int = 25) -> ScanGrid:
        """Draw a clinical grid: pixels of 1.2 to 1.8 mm, slices 6 to 10 mm apart."""
        pixel = rng.uniform(1.2, 1.8)
        slices, distance = rng.choice([8, 9, 10, 11, 12]), rng.choice([6.0, 7.0, 8.0, 8.0, 9.0, 10.0, 10.0])
        rows, columns = (int(np.ceil(rng.uniform(250, 320) / pixel / 8)) * 8 for _ in range(2))
        return cls((phases, int(slices), rows, columns), (float(distance), pixel, pixel))

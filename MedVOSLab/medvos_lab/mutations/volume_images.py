"""Mutations of 4D NIfTI and NRRD: directions, transforms, units of time, scaling, names."""

from __future__ import annotations

import itertools

import numpy as np

from medvos_lab.mutations.mutation import Chance, On, mutation
from medvos_lab.mutations.volume import Volume, flipped

GEOMETRY = r"qform|sform|geometr|orient|transform|direction|space|spacing|affine|grid"
TIME = r"\btimes?\b|step|unit|beat|phase|heart rate"
TIME_NOTE = r"unit|not one heart beat|time step|how long the beat"
VALUES = r"value|scale|slope|invert|colou?r|type|number"


def _nifti(volume: Volume) -> Volume:
    volume.format = "nii.gz"
    return volume


def _nrrd(volume: Volume) -> Volume:
    volume.format = "nrrd"
    return volume


@mutation("volumes", GEOMETRY, On.VOLUME)
def nifti_axes_in_any_order(volume: Volume, chance: Chance) -> None:
    """Any of the 48 orders and directions of the axes in space."""
    orders = list(itertools.product(itertools.permutations(range(3)), itertools.product((1, -1), repeat=3)))
    order, signs = orders[int(chance.integers(48))]
    affine = volume.affine.copy()
    array = volume.array.transpose(*order, 3)
    affine[:3, :3] = affine[:3, order]
    for axis, sign in enumerate(signs):
        if sign < 0:
            array = flipped(array, affine, axis)
    volume.array, volume.affine = np.ascontiguousarray(array), affine
    volume.format = str(chance.choice(["nii.gz", "nrrd", "seq.nrrd"]))


@mutation("volumes", GEOMETRY, On.VOLUME)
def nifti_qform_alone(volume: Volume, chance: Chance) -> None:
    """ITK of old wrote the qform alone."""
    _nifti(volume).sform = 0


@mutation("volumes", GEOMETRY, On.VOLUME)
def nifti_sform_alone(volume: Volume, chance: Chance) -> None:
    """FreeSurfer and scripts write the sform alone."""
    _nifti(volume).qform = 0


@mutation("volumes", GEOMETRY, On.VOLUME)
def nifti_without_transforms(volume: Volume, chance: Chance) -> None:
    """Converters that write neither."""
    _nifti(volume).qform = volume.sform = 0


@mutation("volumes", GEOMETRY, On.VOLUME)
def nifti_with_two_transforms(volume: Volume, chance: Chance) -> None:
    """A registration moved the sform and left the qform."""
    other = volume.affine.copy()
    other[:3, 3] += chance.uniform(5, 30, 3)
    _nifti(volume).other, volume.sform = other, 2


@mutation("volumes", GEOMETRY + "|size|scale", On.VOLUME)
def nifti_transforms_of_two_sizes(volume: Volume, chance: Chance) -> None:
    """The sform holds a scaling; pixdim and the qform hold the voxel's size."""
    other = volume.affine.copy()
    other[:3, :3] *= float(chance.choice([0.5, 1.2, 2.0]))
    _nifti(volume).other, volume.sform = other, 2


@mutation("volumes", TIME, On.VOLUME, excuse=TIME_NOTE)
def nifti_step_in_seconds(volume: Volume, chance: Chance) -> None:
    """dcm2niix writes seconds, and says so."""
    _nifti(volume).step, volume.unit = (volume.step or 0) / 1000, "sec"


@mutation("volumes", TIME, On.VOLUME, excuse=TIME_NOTE)
def nifti_step_in_microseconds(volume: Volume, chance: Chance) -> None:
    """Microseconds, and says so."""
    _nifti(volume).step, volume.unit = (volume.step or 0) * 1000, "usec"


@mutation("volumes", TIME, On.VOLUME, excuse=TIME_NOTE)
def nifti_unit_wrong(volume: Volume, chance: Chance) -> None:
    """ms declared as seconds, or seconds as ms: very common."""
    if chance.random() < 0.5:
        _nifti(volume).unit = "sec"
    else:
        _nifti(volume).step = (volume.step or 0) / 1000


@mutation("volumes", TIME, On.VOLUME, excuse=TIME_NOTE)
def nifti_unit_missing(volume: Volume, chance: Chance) -> None:
    """No unit; the step is in ms or in s."""
    _nifti(volume).unit = ""
    volume.step = (volume.step or 0) / float(chance.choice([1, 1000]))


@mutation("volumes", TIME, On.VOLUME, excuse=TIME_NOTE)
def nifti_step_of_no_meaning(volume: Volume, chance: Chance) -> None:
    """pixdim[4] is 0 or 1 of no unit: no time is known."""
    _nifti(volume).step, volume.unit = float(chance.choice([0, 1])), ""


@mutation("volumes", TIME, On.VOLUME, excuse=TIME_NOTE)
def nifti_step_is_the_whole_beat(volume: Volume, chance: Chance) -> None:
    """pixdim[4] holds the length of the beat, not of a phase (as TR of other scans)."""
    _nifti(volume).step = (volume.step or 0) * volume.array.shape[3]


@mutation("volumes", VALUES, On.VOLUME)
def nifti_scaled(volume: Volume, chance: Chance) -> None:
    """Stored as 16-bit numbers with a slope and an intercept."""
    volume.array = np.rint((volume.array.astype(float) + 50) / 0.5).astype(np.int16)
    _nifti(volume).header = {"scl_slope": 0.5, "scl_inter": -50.0}


@mutation("volumes", VALUES, On.VOLUME)
def nifti_with_negative_slope(volume: Volume, chance: Chance) -> None:
    """Stored inverted, with the slope that turns it back."""
    volume.array = (4095 - np.clip(volume.array, 0, 4095)).astype(np.int16)
    _nifti(volume).header = {"scl_slope": -1.0, "scl_inter": 4095.0}


@mutation("volumes", VALUES, On.VOLUME)
def nifti_of_another_type(volume: Volume, chance: Chance) -> None:
    """float64, int32, 8 bits or big-endian."""
    kind = str(chance.choice(["f8", "i4", ">i2", ">f4", "u1"]))
    array = volume.array.astype(float)
    volume.array = np.rint(array * 250 / array.max()).astype("u1") if kind == "u1" else array.astype(kind)
    _nifti(volume)


@mutation("volumes", VALUES, On.VOLUME)
def nifti_in_capitals(volume: Volume, chance: Chance) -> None:
    """CINE.NII.GZ."""
    _nifti(volume).capitals = True


@mutation("volumes", VALUES, On.VOLUME)
def nifti_unpacked_under_its_packed_name(volume: Volume, chance: Chance) -> None:
    """A browser unpacked the file and kept the name .nii.gz."""
    _nifti(volume).unpacked = True


@mutation("volumes", VALUES, On.VOLUME)
def nifti_as_a_pair(volume: Volume, chance: Chance) -> None:
    """A header and its voxels in two files."""
    volume.format = "hdr"


@mutation("volumes", VALUES, On.VOLUME)
def nifti_of_five_axes(volume: Volume, chance: Chance) -> None:
    """Time on the fifth axis, as vectors and ITK have it."""
    _nifti(volume).array = volume.array[:, :, :, None]


@mutation("volumes", VALUES + "|phase|3D|time axis", On.VOLUME)
def nifti_of_one_phase(volume: Volume, chance: Chance) -> None:
    """One phase alone."""
    _nifti(volume).array = volume.array[..., 0]


@mutation("volumes", GEOMETRY, On.VOLUME)
def nrrd_space(volume: Volume, chance: Chance) -> None:
    """NRRD in RAS or LAS, as teem and MATLAB write it."""
    name, to = (("right-anterior-superior", np.eye(4)), ("left-anterior-superior", np.diag([-1.0, 1, 1, 1])))[
        int(chance.integers(2))
    ]
    affine = to @ volume.affine
    directions = np.vstack([affine[:3, :3].T, [np.nan] * 3])
    _nrrd(volume).header = {"space": name, "space directions": directions, "space origin": affine[:3, 3]}


@mutation("volumes", GEOMETRY + "|" + TIME, On.VOLUME)
def nrrd_encoding(volume: Volume, chance: Chance) -> None:
    """Raw, packed or as text; a header of its own."""
    volume.format = str(chance.choice(["nrrd", "seq.nrrd", "nhdr"]))
    volume.header = {"encoding": str(chance.choice(["raw", "gzip", "bzip2"]))}


@mutation("volumes", TIME, On.VOLUME, excuse=TIME_NOTE)
def sequence_in_seconds(volume: Volume, chance: Chance) -> None:
    """A sequence of 3D Slicer whose index is in seconds, with or without its unit."""
    volume.format, volume.step = "seq.nrrd", (volume.step or 0) / 1000
    volume.unit = str(chance.choice(["sec", ""]))


@mutation("volumes", TIME, On.VOLUME, excuse=TIME_NOTE)
def sequence_numbered(volume: Volume, chance: Chance) -> None:
    """A sequence of 3D Slicer whose index counts the phases."""
    volume.format, volume.step, volume.unit = "seq.nrrd", 1.0, ""


@mutation("volumes", VALUES + "|component|channel", On.VOLUME)
def nrrd_of_colours(volume: Volume, chance: Chance) -> None:
    """Three colours of one phase on the fourth axis: no time."""
    kind = str(chance.choice(["RGB-color", "vector", "RGBA-color", "3-vector", "point"]))
    count = 4 if "RGBA" in kind else 3
    volume.array = np.stack([volume.array[..., 0] // (k + 1) for k in range(count)], -1)
    _nrrd(volume).header = {"kinds": ["domain", "domain", "domain", kind]}

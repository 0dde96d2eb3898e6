"""EchoNet-Dynamic (Ouyang et al. 2020): apical 4-chamber echo, as pairs of frames at ED and ES and as whole clips."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from medvos.errors import InputError
from medvos.structures import LV
from medvos_lab.datasets.root import dataset_folder

Split = Literal["training", "validation"]

VALIDATION_PAIRS = 300  # the last of the file
VALIDATION_CLIPS = 2  # the last by name
SAME_IMAGE = 1.0  # grey levels: frames of one clip differ by more, a frame from its own lossless copy by less
PHASES = {"diastole": "ed", "sistole": "es"}


@dataclass(frozen=True)
class EchoPairs:
    """Frames at ED and at ES (in this order in dimension 1) of N studies, without the frames between them.

    Attributes
    ----------
    images: (N, 2, Y, X) uint8 grey values.
    masks: (N, 2, Y, X) bool, the LV cavity.
    others: the same of further structures that the data set draws, by label.
    """

    images: NDArray[np.uint8]
    masks: NDArray[np.bool_]
    others: Mapping[int, NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def drawn(self) -> dict[int, NDArray[np.bool_]]:
        """Masks of all structures by label; of others it is not known where they are."""
        return {LV: self.masks, **self.others}

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class EchoClip:
    """A whole clip of which the expert drew one ED and one ES frame.

    Attributes
    ----------
    name: of the clip in its data set.
    frames: (T, Y, X) uint8 grey values.
    rate: frames a second.
    ed, es: numbers of the drawn frames.
    masks: (2, Y, X) bool, the LV cavity at ED and ES.
    """

    name: str
    frames: NDArray[np.uint8]
    rate: float
    ed: int
    es: int
    masks: NDArray[np.bool_]


def echonet_pairs(root: Path | None = None, split: Split = "validation") -> EchoPairs:
    """Return the pairs of one split; validation are the last 300 of the file.

    Raises
    ------
    InputError: the data set is not there.
    """
    path = dataset_folder(root, "echonet_edes") / "train.npz"
    if not path.is_file():
        raise InputError(f"There is no {path.name} in {path.parent.name}; set MEDVOS_DATA to the folder that holds it.")
    with np.load(path) as file:
        images, bits = file["image"], file["mask"]
    first = max(len(images) - VALIDATION_PAIRS, 0)
    kept = slice(first, None) if split == "validation" else slice(0, first)
    masks = np.unpackbits(bits[kept], axis=-1)[..., : images.shape[-1]].astype(bool)
    return EchoPairs(images[kept], masks)


def echonet_clips(root: Path | None = None, split: Split = "validation") -> list[EchoClip]:
    """Return the clips of one split by name; validation are the last two.

    Raises
    ------
    InputError: the data set is not there, or a drawing belongs to no frame of any clip.
    """
    folder = dataset_folder(root, "echonet_videos")
    videos = [(path.stem, *_decoded(path)) for path in sorted(folder.glob("*.avi"))]
    drawn: dict[str, dict[str, tuple[int, NDArray[np.bool_]]]] = {name: {} for name, *_ in videos}
    for path in sorted(folder.glob("*_frame.png")):
        phase = re.sub(r".*_(\w+)_frame", r"\1", path.stem)
        name, number = _find(_image(path), videos, path.name)
        mask = _image(path.with_name(path.name.replace("_frame", "_mask"))) > 127
        drawn[name][PHASES[phase]] = number, mask
    clips = [
        EchoClip(name, frames, rate, drawn[name]["ed"][0], drawn[name]["es"][0], _both(drawn[name]))
        for name, frames, rate in videos
        if len(drawn[name]) == 2
    ]
    return clips[-VALIDATION_CLIPS:] if split == "validation" else clips[:-VALIDATION_CLIPS]


def _both(drawn: dict[str, tuple[int, NDArray[np.bool_]]]) -> NDArray[np.bool_]:
    return np.stack([drawn[phase][1] for phase in ("ed", "es")])


def _decoded(path: Path) -> tuple[NDArray[np.uint8], float]:
    import av

    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24").mean(-1).round().astype(np.uint8) for frame in video.decode(stream)]
        return np.stack(frames), float(stream.average_rate or 0)


def _image(path: Path) -> NDArray[np.float64]:
    from skimage.io import imread

    image = np.asarray(imread(path), float)
    return image[..., :3].mean(-1) if image.ndim == 3 else image


def _find(image: NDArray[np.float64], videos: list[tuple[str, NDArray[np.uint8], float]], file: str) -> tuple[str, int]:
    """Return clip and number of the frame that equals an image."""
    best = min(
        (float(np.abs(frame - image).mean()), name, i) for name, frames, _ in videos for i, frame in enumerate(frames)
    )
    if best[0] > SAME_IMAGE:
        raise InputError(f"{file} is no frame of any clip beside it; copy the data set again.")
    return best[1], best[2]

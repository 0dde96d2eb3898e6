"""Mutations of how echo clips are stored: in single frames, in colour, beside other images."""

from __future__ import annotations

import numpy as np

from medvos_lab.mutations.echo import UNTIMED, grey_frames, step_of
from medvos_lab.mutations.mutation import Chance, On, mutation
from medvos_lab.mutations.study import Image, Study, clock, copy_of, of_class, pixels, put, uid


@mutation("echo objects", r"single|frame|still|clip|cop(y|ies)|instance", On.CLIP)
def clip_in_single_frames(study: Study, chance: Chance) -> None:
    """Archives that split a loop into objects of one frame, numbered."""
    data = study.cine[0].data
    frames = grey_frames(study)
    study.images = []
    order = chance.permutation(len(frames))
    for t, frame in enumerate(frames):
        one = pixels(copy_of(data, "single", t), frame)
        of_class(one, "1.2.840.10008.5.1.4.1.1.6.1")
        put(one, NumberOfFrames=None, FrameIncrementPointer=None, InstanceNumber=t + 1, **UNTIMED)
        study.images.append(Image(put(one, FrameTime=data.get("FrameTime")), t, 0, f"{order[t]:04d}.dcm"))


@mutation("echo objects", r"single|frame|still|clip|order|instance|number", On.CLIP)
def clip_in_single_frames_without_numbers(study: Study, chance: Chance) -> None:
    """The same, without InstanceNumber; ContentTime runs."""
    step = step_of(study)
    clip_in_single_frames(study, chance)
    for image in study.images:
        put(image.data, InstanceNumber=None, ContentTime=clock(36000 + (image.phase or 0) * step / 1000))


@mutation("echo objects", r"still|frame|left out|clip", On.CLIP)
def still_image_beside(study: Study, chance: Chance) -> None:
    """A still with measurements lies beside the clip."""
    data = pixels(copy_of(study.cine[0].data, "still"), grey_frames(study)[0])
    of_class(data, "1.2.840.10008.5.1.4.1.1.6.1")
    put(data, NumberOfFrames=None, SeriesInstanceUID=uid("still"), FrameTime=None, FrameIncrementPointer=None)
    study.images.append(Image(data, name="still.dcm"))


@mutation("echo objects", r"clips?\b", On.CLIP)
def second_clip_beside(study: Study, chance: Chance) -> None:
    """A second clip of another view lies beside it."""
    data = copy_of(study.cine[0].data, "second clip")
    pixels(data, grey_frames(study)[:, ::-1])
    put(data, InstanceNumber=2)
    study.images.append(Image(data, name="second.dcm"))


@mutation("echo objects", r"colou?r|grey", On.CLIP)
def clip_in_colour(study: Study, chance: Chance) -> None:
    """RGB frames, by pixel or by plane."""
    frames = np.repeat(grey_frames(study)[..., None], 3, -1)
    planes = bool(chance.random() < 0.5)
    data = pixels(study.cine[0].data, frames)
    if planes:
        data.PixelData = np.ascontiguousarray(frames.transpose(0, 3, 1, 2)).tobytes()
    put(data, SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=int(planes))

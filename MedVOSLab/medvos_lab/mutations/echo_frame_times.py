"""Mutations of the frame times and the heart rate of echo clips."""

from __future__ import annotations

from medvos_lab.mutations.echo import retime, say, step_of
from medvos_lab.mutations.mutation import Chance, NotHere, On, mutation
from medvos_lab.mutations.study import Study

TIMES = r"frame|rate|\btimes?\b|beat|ms\b"
# Each clip has the note that its length stands for the period.
TIMES_NOTE = r"FrameTime|CineRate|frame rate|frame times?|heart rate|RecommendedDisplay|assumed"


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_missing(study: Study, chance: Chance) -> None:
    """Nothing tells the frame rate."""
    retime(study)


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_halved(study: Study, chance: Chance) -> None:
    """FrameTime of the display, half of the true one; CineRate is true."""
    step = step_of(study)
    retime(study, FrameTime=f"{step / 2:.4f}", CineRate=round(1000 / step))


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_doubled(study: Study, chance: Chance) -> None:
    """FrameTime twice as long; CineRate is true."""
    step = step_of(study)
    retime(study, FrameTime=f"{step * 2:.4f}", CineRate=round(1000 / step))


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def cine_rate_contradicts(study: Study, chance: Chance) -> None:
    """CineRate of the viewer's default, 25 or 30 or 60; FrameTime is true."""
    step = step_of(study)
    rate = int(chance.choice([15, 25, 30, 60, 100]))
    if abs(rate * step / 1000 - 1) < 0.1:
        raise NotHere
    say(study, FrameTime=f"{step:.4f}", CineRate=rate)


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def cine_rate_alone(study: Study, chance: Chance) -> None:
    """CineRate, and no FrameTime."""
    step = step_of(study)
    retime(study, CineRate=f"{round(1000 / step)}")


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def display_rate_alone(study: Study, chance: Chance) -> None:
    """RecommendedDisplayFrameRate 30, whatever the rate of acquisition was."""
    step_of(study)
    retime(study, RecommendedDisplayFrameRate=30)


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_vector(study: Study, chance: Chance) -> None:
    """FrameTimeVector in place of FrameTime."""
    step, frames = step_of(study), int(study.cine[0].data.NumberOfFrames)
    retime(study, FrameTimeVector=[0.0] + [round(step, 4)] * (frames - 1), FrameIncrementPointer=0x00181065)


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_vector_of_absolute_times(study: Study, chance: Chance) -> None:
    """FrameTimeVector that holds times since the first frame in place of steps."""
    step, frames = step_of(study), int(study.cine[0].data.NumberOfFrames)
    retime(study, FrameTimeVector=[round(step * k, 4) for k in range(frames)], FrameIncrementPointer=0x00181065)


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_vector_one_short(study: Study, chance: Chance) -> None:
    """FrameTimeVector with a value fewer or more than frames."""
    step, frames = step_of(study), int(study.cine[0].data.NumberOfFrames)
    count = frames + int(chance.choice([-1, 1]))
    retime(study, FrameTimeVector=[round(step, 4)] * count, FrameIncrementPointer=0x00181065)


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_in_seconds(study: Study, chance: Chance) -> None:
    """FrameTime in seconds."""
    step = step_of(study)
    retime(study, FrameTime=f"{step / 1000:.6f}")


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def frame_time_zero(study: Study, chance: Chance) -> None:
    """FrameTime 0 or 1."""
    retime(study, FrameTime=str(chance.choice(["0", "1"])))


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def heart_rate_doubled(study: Study, chance: Chance) -> None:
    """HeartRate in the header twice or half of that of the clip; its own is a reading of the ECG."""
    say(study, HeartRate=int(chance.choice([24, 28, 150, 190])))


@mutation("echo times", TIMES, On.CLIP, excuse=TIMES_NOTE)
def heart_rate_zero_in_clip(study: Study, chance: Chance) -> None:
    """HeartRate 0."""
    say(study, HeartRate=0)

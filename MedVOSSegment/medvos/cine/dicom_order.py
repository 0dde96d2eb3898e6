"""Put the images of one place in the order of time: by what the headers tell, never by the names of files.

A place may have been passed more than once: in a repeated breath-hold, or in several beats that each begin at 0.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medvos.cine.dicom_frames import Frame
from medvos.cine.phase_times import DAY, LONGEST_BEAT_MS, PHASE_STEPS_MS, spread, times_of_clock
from medvos.errors import InputError

TRIGGER = "TriggerTime"
_FEWEST_OF_A_PASS = 3
_FEWEST_TO_TELL_A_UNIT = 5
_SHARED = 0.3  # of the longest pass, that every pass goes through
_LAST_WRAPPED = 4  # images whose times may begin anew


@dataclass(frozen=True)
class InTime:
    """Images of one place in the order of time.

    `times` (T,) are ms since the R wave or the first image, None where nothing tells them. `told_by` names the
    attribute that gave the order, `notes` are sentences for the user. `doubled` (T,) are images of the same moments
    that were left out and may be of another kind; empty where there are none.
    """

    frames: tuple[Frame, ...]
    times: NDArray[np.float64] | None
    told_by: str
    notes: tuple[str, ...] = ()
    doubled: tuple[Frame, ...] = ()


def in_time(frames: Sequence[Frame], usual: int | None = None) -> InTime:
    """Return the images of one place in the order of time; `usual` is how many the other places of the series have.

    Raises InputError where nothing tells the order, naming what is missing.
    """
    frames = list(frames)
    if len(frames) == 1:
        return InTime(tuple(frames), _trigger_times(frames), TRIGGER)
    whole = _whole_pass(frames, usual)
    if whole:
        found = in_time(whole, usual)
        broke_off = max(frame.order[1] for frame in frames) > whole[0].order[1]
        which = "images of a pass that broke off" if broke_off else "earlier images"
        note = _again(frames, f"{len(frames) - len(whole)} {which} were left out")
        return replace(found, notes=(note, *found.notes))
    triggers = {frame.trigger for frame in frames}
    if None in triggers or len(triggers) == 1:
        return _untimed(frames, usual)
    return _from_own_beat(_in_milliseconds(_timed(frames, usual)))


def _timed(frames: list[Frame], usual: int | None) -> InTime:
    """By trigger times, which differ."""
    notes: list[str] = []
    once = _one_pass(frames)
    if len(once) < len(frames):
        notes.append(_again(frames, f"{len(frames) - len(once)} earlier images were left out"))
    counts = Counter(frame.trigger for frame in once)
    if len(counts) == len(once):
        ordered = sorted(once, key=_trigger)
        return InTime(tuple(ordered), _trigger_times(ordered), TRIGGER, tuple(notes))
    finer = _finer(once)
    if finer and (usual is None or len(once) <= usual):
        ordered, name = finer
        times = spread(np.array([_trigger(frame) for frame in ordered]))
        notes.append(
            f"In {frames[0].series_name} several images of a slice have one TriggerTime: their order was taken from "
            f"{name}, and their times lie between the others'."
        )
        return InTime(tuple(ordered), times, name, tuple(notes))
    if not finer and (usual is None or len(once) <= usual) and (wrapped := _wrapped(once)):
        ordered, name = wrapped
        step = float(np.median(np.abs(np.diff([_trigger(frame) for frame in ordered]))))
        notes.append(
            f"In {frames[0].series_name} the TriggerTime of the last images begins anew: their order was taken from "
            f"{name}."
        )
        return InTime(tuple(ordered), step * np.arange(len(ordered), dtype=np.float64), name, tuple(notes))
    if not finer and min(counts.values()) < 2 and len(counts) > 1 and (usual is None or len(once) <= usual):
        raise InputError(
            f"Nothing tells the order of {len(once) - len(counts) + 1} images of {frames[0].name} and others in "
            f"{frames[0].series_name}, which have one TriggerTime and no InstanceNumber that orders them: export them "
            "with the time of each phase."
        )
    latest: dict[float | None, Frame] = {}
    for frame in sorted(once, key=_acquired):
        latest[frame.trigger] = frame
    ordered = sorted(latest.values(), key=_trigger)
    doubled = tuple(frame for frame in once if latest[frame.trigger] is not frame)
    notes.append(_again(frames, f"{len(doubled)} images were left out, the last of each time was taken"))
    return InTime(tuple(ordered), _trigger_times(ordered), TRIGGER, tuple(notes), doubled)


def _untimed(frames: list[Frame], usual: int | None) -> InTime:
    """Without trigger times, or with one for all."""
    notes: list[str] = []
    kept = frames
    if usual is not None and len(frames) > 1.5 * usual:
        kept = _last_block(frames, usual)
        notes.append(_again(frames, f"{len(frames) - len(kept)} earlier images were left out"))
    told = next(((name, of) for name, of in _ORDERS if _distinct([of(frame) for frame in kept])), None)
    if told is None:
        again = ", which was acquired more than once" if len(kept) < len(frames) else ""
        raise InputError(
            f"Nothing tells the order of the {len(kept)} phases of one slice in {kept[0].series_name}{again}: "
            "TriggerTime, InstanceNumber, ContentTime and AcquisitionTime are missing or the same for several; export "
            "the images with TriggerTime, or as a sequence of the program that has them in order."
        )
    name, of = told
    values = np.array([of(frame) or 0.0 for frame in kept], float)
    if name in (CONTENT, ACQUISITION) and np.ptp(values) > DAY / 2:
        values[values < DAY / 2] += DAY  # acquired over midnight
    ordered = [kept[k] for k in np.argsort(values, kind="stable")]
    times = None
    if name in (CONTENT, ACQUISITION):
        times = times_of_clock(np.sort(values))
        notes.append(
            f"In {frames[0].series_name} the order of the phases was taken from {name}"
            + (", and so were their times." if times is not None else ".")
        )
    return InTime(tuple(ordered), times, name, tuple(notes))


CONTENT, ACQUISITION = "ContentTime", "AcquisitionTime"
_ORDERS: tuple[tuple[str, Callable[[Frame], float | None]], ...] = (
    # 0 stands for a missing number, so that it may be that of one image alone.
    ("TemporalPositionIdentifier", lambda frame: frame.order[0]),
    ("InstanceNumber", lambda frame: frame.order[2]),
    ("AcquisitionNumber and InstanceNumber", lambda frame: frame.order[1] * 1e6 + frame.order[2]),
    (CONTENT, lambda frame: frame.content_time),
    (ACQUISITION, lambda frame: frame.acquisition_time),
    # Frames of one file stand in an order; files do not.
    ("the frame numbers", lambda frame: float(frame.order[3])),
)


def other_orders(frames: Sequence[Frame]) -> list[tuple[str, list[Frame]]]:
    """Every order that an attribute with another value for each image gives, with the attribute's name."""
    return [
        (name, sorted(frames, key=lambda frame: of(frame) or 0.0))
        for name, of in ((TRIGGER, lambda frame: frame.trigger), *_ORDERS)
        if _distinct([of(frame) for frame in frames])
    ]


def _distinct(values: Sequence[float | None]) -> bool:
    return None not in values and len(set(values)) == len(values)


def _one_pass(frames: list[Frame]) -> list[Frame]:
    """Of a slice acquired in several passes through the beat the longest (the last of equals); never a mixture."""
    passes = _by_acquisition_number(frames) or _by_falling_time(frames)
    if not passes:
        return frames
    longest = max(len(one) for one in passes)
    return next(one for one in reversed(passes) if len(one) == longest)


def _by_acquisition_number(frames: list[Frame]) -> list[list[Frame]]:
    passes: dict[float, list[Frame]] = defaultdict(list)
    for frame in frames:
        passes[frame.order[1]].append(frame)
    ordered = [passes[number] for number in sorted(passes)]
    return ordered if _overlap(ordered) else []


def _by_falling_time(frames: list[Frame]) -> list[list[Frame]]:
    """Passes in the order of InstanceNumber, or of the clock: each begins where the trigger time falls."""
    for _, of in _ORDERS[1:5]:
        if not _distinct([of(frame) for frame in frames]):
            continue
        ordered = sorted(frames, key=lambda frame: of(frame) or 0.0)
        passes: list[list[Frame]] = [[]]
        for frame in ordered:
            if passes[-1] and _trigger(frame) < _trigger(passes[-1][-1]):
                passes.append([])
            passes[-1].append(frame)
        if len(passes) <= len(frames) / _FEWEST_OF_A_PASS and _overlap(passes):
            return passes
    return []


def _overlap(passes: list[list[Frame]]) -> bool:
    """Whether several passes go through the same part of the beat, rather than each through a part of its own."""
    whole = [one for one in passes if len(one) > 1]
    if len(whole) < 2 or sum(map(len, whole)) < sum(map(len, passes)) - 1:
        return False
    ranges = [(min(times), max(times)) for one in whole if (times := [_trigger(frame) for frame in one])]
    shared = min(last for _, last in ranges) - max(first for first, _ in ranges)
    return shared > _SHARED * max(last - first for first, last in ranges)


def _whole_pass(frames: list[Frame], usual: int | None) -> list[Frame]:
    """Of more images than a place `usual` has, the last whole pass by AcquisitionNumber, [] where that tells none."""
    if usual is None or len(frames) <= usual:
        return []
    by_number: dict[float, list[Frame]] = defaultdict(list)
    for frame in frames:
        by_number[frame.order[1]].append(frame)
    whole = [number for number, found in sorted(by_number.items()) if len(found) == usual]
    return by_number[whole[-1]] if whole else []


def _last_block(frames: list[Frame], usual: int) -> list[Frame]:
    """The last pass of a place that has several times as many images as the others, without trigger times."""
    if len(frames) % usual == 0:
        for _, of in (*_ORDERS[1:5],):
            values = [of(frame) for frame in frames]
            if _distinct(values):
                return sorted(frames, key=lambda frame: of(frame) or 0.0)[-usual:]
    raise InputError(
        f"A slice of {frames[0].series_name} has {len(frames)} images and the others {usual}: it was acquired more "
        "than once, and nothing tells its passes apart; leave out the images of the failed one."
    )


def _finer(frames: list[Frame]) -> tuple[list[Frame], str] | None:
    """An order in which trigger times never fall, by an attribute that is another for each image."""
    for name, of in _ORDERS:
        if _distinct([of(frame) for frame in frames]):
            ordered = sorted(frames, key=lambda frame: of(frame) or 0.0)
            if (np.diff([_trigger(frame) for frame in ordered]) >= 0).all():
                return ordered, name
    return None


def _wrapped(frames: list[Frame]) -> tuple[list[Frame], str] | None:
    """An order in which trigger times fall once, back to the beginning of the beat, shortly before the last image."""
    for name, of in _ORDERS[1:]:
        if not _distinct([of(frame) for frame in frames]):
            continue
        ordered = sorted(frames, key=lambda frame: of(frame) or 0.0)
        times = np.array([_trigger(frame) for frame in ordered])
        falls = np.flatnonzero(np.diff(times) < 0)
        if len(falls) == 1 and falls[0] >= len(times) - _LAST_WRAPPED and (np.diff(times[: falls[0] + 1]) > 0).all():
            return ordered, name
    return None


def _in_milliseconds(found: InTime) -> InTime:
    """Correct times that are in seconds or microseconds, which no heart's phases can be in ms."""
    if found.times is None or len(found.times) < _FEWEST_TO_TELL_A_UNIT:
        return found
    usual = float(np.median(np.diff(found.times)))
    low, high = PHASE_STEPS_MS
    for factor, unit in ((1000.0, "seconds"), (1e-3, "microseconds")):
        if not low / 3 <= usual <= LONGEST_BEAT_MS and low <= usual * factor <= high:
            note = f"The TriggerTime of {found.frames[0].series_name} was taken as {unit}."
            return replace(found, times=found.times * factor, notes=(*found.notes, note))
    return found


def _from_own_beat(found: InTime) -> InTime:
    """Begin at 0 where the times run on from slice to slice, so that the first is a beat or more after an R wave."""
    interval = found.frames[0].interval
    if found.times is None or interval is None or len(found.times) < 2 or found.times[0] < interval:
        return found
    note = f"The TriggerTime of {found.frames[0].series_name} runs on from slice to slice: it was counted anew in each."
    return replace(found, times=found.times - found.times[0], notes=(*found.notes, note))


def _again(frames: list[Frame], what: str) -> str:
    return f"In {frames[0].series_name} a slice was acquired more than once: {what}."


def _trigger(frame: Frame) -> float:
    return frame.trigger or 0.0


def _acquired(frame: Frame) -> tuple[float, float, float, int]:
    return frame.order


def _trigger_times(frames: Sequence[Frame]) -> NDArray[np.float64] | None:
    if any(frame.trigger is None for frame in frames):
        return None
    return np.array([frame.trigger for frame in frames], float)

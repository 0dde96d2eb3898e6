"""Write the folder of results of a clip frame by frame, so that memory does not grow with the clip."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.clip import Clip, grey
from medvos.cine.fractions import from_steps, in_steps
from medvos.cine.frames_file import frames_file, frames_in
from medvos.measure.doubts import with_no_ejection
from medvos.measure.echo import atrial_area, lv_volume, measure_volumes
from medvos.measure.measures import Measures
from medvos.progress import Parts, Progress, Report, stepwise
from medvos.report.document import report_document
from medvos.report.excerpt import Excerpt
from medvos.report.figures import clip_figures, frames_to_show
from medvos.report.labels_digest import LabelsDigest
from medvos.report.overlay import write_overlay
from medvos.report.page import page_with
from medvos.report.volumes_csv import volumes_csv
from medvos.report.write_results import noted
from medvos.result import Result
from medvos.segmentation.frame_result import FrameResult
from medvos.segmentation.plausibility import plausibility_warnings
from medvos.staging import OVERLAY, disk_errors

Shown = tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.float32]]


@dataclass(frozen=True)
class ClipResult:
    """A `Result` without its frames."""

    cine: Cine
    slice_scores: NDArray[np.float32]
    seeds: NDArray[np.bool_]
    provenance: dict[str, Any]


@dataclass(frozen=True)
class WrittenFrames:
    """Of every frame: volume of the LV in mL, area of the atrium in cm², score, fraction (T,) and centre (T, 2).

    ``labels_sha256`` is the digest of all labels.
    """

    volumes: NDArray[np.float64]
    areas: NDArray[np.float64]
    scores: NDArray[np.float32]
    fractions: NDArray[np.float64]
    middles: NDArray[np.float64]
    labels_sha256: str


def write_clip(
    clip: Clip,
    cine: Cine,
    frames: Iterable[FrameResult],
    provenance: dict[str, Any],
    staging: Path,
    folder: Path,
    report: Report | None = None,
    *,
    video: bool = True,
) -> tuple[ClipResult, Measures]:
    """Write the files of `medvos.report.write_results.write_files` into ``staging``.

    Parameters
    ----------
    clip: the segmented clip; it is read a second time for the video.
    cine: its grid, without images.
    frames: the results of all frames, in order.
    provenance: as of `Result`.
    staging: where the files go.
    folder: final folder, for messages.
    report: called after each frame.
    video: write the overlay video too.
    """
    parts = Parts(report or _ignore)
    begin = stepwise(parts.part(0.95, 1.0), cine.shape[0], 2)
    with disk_errors(folder):
        written = _write_frames(cine, frames, staging, parts.part(0.0, 0.7))
        scores, measures = written.scores, measure_volumes(written.volumes, cine, written.areas)
        warnings = plausibility_warnings(cine.times, written.fractions, written.middles, len(measures.beats))
        if warnings:
            measures = with_no_ejection(measures, warnings[0])
        stated = {**provenance, "doubts": warnings}
        result = ClipResult(cine, scores[:, None], np.zeros((len(scores), 1), bool), stated)
        wanted = frames_to_show(measures, scores)
        kept: list[Shown] = []
        shown = _kept(_shown(clip, cine, staging, parts.part(0.7, 0.95)), wanted, kept)
        if video:
            note = write_overlay(staging / OVERLAY, shown, measures)
            result = replace(result, provenance=noted(result.provenance, note))
        else:
            for _ in shown:
                pass
        figures = clip_figures(scores, result.seeds[:, 0], _excerpt(result, wanted, kept), measures)
        begin("writing volumes.csv and report.json")
        (staging / "volumes.csv").write_text(volumes_csv(measures), encoding="utf-8")
        document = json.dumps(report_document(result, measures, written.labels_sha256), indent=1, allow_nan=False)
        (staging / "report.json").write_text(document, encoding="utf-8")
        begin("writing report.html")
        (staging / "report.html").write_text(page_with(figures, result, measures), encoding="utf-8")
    begin("written")
    return result, measures


def _ignore(progress: Progress) -> None:
    pass


def _write_frames(cine: Cine, frames: Iterable[FrameResult], staging: Path, report: Report) -> WrittenFrames:
    """Write labels and uncertainty of each frame; return what is measured of each."""
    volumes, areas, scores, fractions, middles = [], [], [], [], []
    digest = LabelsDigest(cine.shape)
    with (
        frames_file(staging / "segmentation.nii.gz", cine, np.uint8) as labels,
        frames_file(staging / "uncertainty.nii.gz", cine, np.uint8, fractions=True) as uncertainty,
    ):
        for done, frame in enumerate(frames, start=1):
            labels.append(frame.labels)
            digest.add(frame.labels)
            uncertainty.append(in_steps(frame.uncertainty))
            volumes.append(lv_volume(frame.labels, cine))
            areas.append(atrial_area(frame.labels, cine))
            scores.append(frame.score)
            fractions.append(frame.fraction)
            middles.append(frame.middle)
            report(Progress(done, cine.shape[0], "segmenting"))
    return WrittenFrames(
        np.array(volumes),
        np.array(areas),
        np.array(scores, np.float32),
        np.array(fractions),
        np.array(middles),
        digest.sha256,
    )


def _shown(clip: Clip, cine: Cine, staging: Path, report: Report) -> Iterator[Shown]:
    """Yield every frame with its stored labels and uncertainty."""
    stored = (
        clip.steady(),
        frames_in(staging / "segmentation.nii.gz", clip.shape, np.uint8),
        map(from_steps, frames_in(staging / "uncertainty.nii.gz", clip.shape, np.uint8)),
    )
    for done, (image, labels, uncertainty) in enumerate(zip(*stored, strict=True), start=1):
        yield grey(image) * np.float32(255 / clip.white), labels, uncertainty
        report(Progress(done, cine.shape[0], "drawing overlay.mp4"))


def _kept(frames: Iterable[Shown], wanted: list[int], kept: list[Shown]) -> Iterator[Shown]:
    """Yield the same frames and append those that are ``wanted`` to ``kept``."""
    chosen = set(wanted)
    for number, frame in enumerate(frames):
        if number in chosen:
            kept.append(frame)
        yield frame


def _excerpt(result: ClipResult, wanted: list[int], kept: list[Shown]) -> Excerpt:
    images, labels, uncertainty = (np.stack(part)[:, None] for part in zip(*kept, strict=True))
    cine = replace(result.cine, array=images, times=result.cine.times[wanted])
    return Excerpt(
        Result(cine, labels, uncertainty, result.slice_scores[wanted], result.seeds[wanted], result.provenance),
        tuple(wanted),
    )

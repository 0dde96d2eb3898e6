"""An untouched input with its true numbers, and how a mutated one is read and judged."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from medvos.cine.cine import Cine
from medvos.cine.find import SeedPlace, find_seed_place
from medvos.cine.read import open_clip, read
from medvos.cine.seed import Seed, read_seed, seed_from_array
from medvos.errors import InputError
from medvos.result import Result
from medvos.segmentation.frame_result import FrameResult
from medvos_lab.mutations import judge
from medvos_lab.mutations.judge import Judgement, Verdict, with_notes
from medvos_lab.mutations.mutation import NotHere, On
from medvos_lab.mutations.plan import Trial
from medvos_lab.mutations.study import Study
from medvos_lab.mutations.volume import Volume


class Subject(Protocol):
    """An untouched input."""

    def attempted(self, trial: Trial, place: Path, chance: np.random.Generator) -> Judgement:
        """Write the mutated input into a folder, read it and judge it; raises InputError where it is refused."""


def written(study: Study, trial: Trial, place: Path, chance: np.random.Generator) -> Path:
    """Mutate a copy of the study, write it below ``place`` and return the input."""
    study = study.copied()
    for k, mutation in enumerate(trial.mutations):
        if On.FILES in mutation.on:
            continue
        try:
            mutation.change(study, chance)
        except AttributeError as error:
            if k:  # an earlier mutation removed the attribute that this one changes
                raise NotHere from error
            raise
    path = study.write(place / "dicom")
    for mutation in trial.mutations:
        if On.FILES in mutation.on:
            path = mutation.change(path, chance) or path
    return path


@dataclass(eq=False)
class StackSubject:
    """A short-axis cine: a propagated drawing is the truth."""

    study: Study
    device: str = "cpu"
    quick: bool = False  # images that are none of the cine's count as wrong without being segmented

    @cached_property
    def cine(self) -> Cine:
        """The cine as read from the untouched files."""
        with tempfile.TemporaryDirectory() as folder:
            return read(self.study.copied().write(Path(folder) / "dicom"))

    @cached_property
    def result(self) -> Result:
        """The propagated drawing, or what is known of every image."""
        labels = self.study.labels
        if labels is not None:
            known = np.ones(labels.shape[:2], bool)
            zero = np.zeros(labels.shape, np.float32)
            return Result(self.cine, labels, zero, zero[:, :, 0, 0].copy(), known, {})
        return self._propagated(self.cine, self._seed(self.cine, self.drawn))

    @cached_property
    def true(self) -> dict[str, float | None]:
        """The true numbers."""
        return judge.numbers(self.result)

    def attempted(self, trial: Trial, place: Path, chance: np.random.Generator) -> Judgement:
        """As of `Subject`."""
        return self.of_cine(read(written(self.study, trial, place, chance)), trial.excuse)

    def of_cine(self, cine: Cine, excuse: str) -> Judgement:
        """Judge a cine that was read."""
        notes = [note for note in cine.source.notes if note not in self.cine.source.notes]
        there = judge.turned(self.cine, cine)(cine)
        found = judge.match(there, self.cine)
        if found.complete:
            numbers = dict(judge.rearranged(self.result, there, found))
            verdict, why = judge.compared(numbers, self.true)
            if found.same_as(self.cine.shape[:2]):
                return with_notes(verdict, why, notes, excuse)
            moved = self._moved(found)
            if verdict is Verdict.EQUAL and not moved:
                return with_notes(verdict, why, notes, excuse)
            why = "; ".join(filter(None, [why, moved]))
            if verdict is Verdict.EQUAL:
                verdict = Verdict.WRONG
            return with_notes(verdict, why, notes, excuse)
        odd = int((found.phase < 0).sum())
        where = f"{odd} of {found.phase.size} images are none of the cine's"
        phase, z = self.drawn
        at = np.argwhere((found.phase == phase) & (found.slice == z))
        if not len(at) or there.shape[2:] != self.cine.shape[2:]:
            if there.shape[2:] == self.cine.shape[2:]:
                return with_notes(Verdict.WRONG, f"{where}; the drawn one is missing", notes, excuse)
            return with_notes(Verdict.WRONG, f"{where}; shape {there.shape}", notes, excuse)
        if self.quick:
            return with_notes(Verdict.WRONG, f"{where} (EF not measured)", notes, excuse)
        result = self._propagated(there, self._seed(there, (int(at[0, 0]), int(at[0, 1]))))
        verdict, why = judge.compared(judge.numbers(result), self.true)
        return with_notes(verdict, "; ".join(filter(None, [why, where])), notes, excuse)

    def _moved(self, found: judge.Match) -> str:
        """Words for phases that are not in the order of the beat (from any phase on), '' where all are."""
        phases, slices = self.cine.shape[:2]
        t, z = found.phase.shape
        if (z == slices and t and t % phases == 0) or t == phases:
            turned = (found.phase[:1] + np.arange(t)[:, None]) % phases
            if z == slices and (found.phase == turned).all() and (found.phase[0] == found.phase[0, 0]).all():
                return "" if t == phases else f"{t // phases} beats in a row"
        wrong = int((np.diff(found.phase, axis=0) % phases != 1).sum())
        return f"{t} phases and {z} slices for {phases} and {slices}; {wrong} steps of phase out of order"

    def _seed(self, cine: Cine, at: tuple[int, int]) -> Seed:
        labels = np.zeros(cine.shape, np.uint8)
        labels[at] = self.drawing
        return seed_from_array(labels, cine)

    @cached_property
    def drawing(self) -> Any:
        """(Y, X) labels."""
        if self.study.drawing is not None:
            return self.study.drawing
        from medvos.segmentation.seed_proposal import propose_by_matching

        return propose_by_matching(self.cine, self._place, device=self.device)

    @property
    def drawn(self) -> tuple[int, int]:
        """Phase and slice of the drawing."""
        return self.study.drawn if self.study.drawing is not None else (self._place.phase, self._place.slice)

    @cached_property
    def _place(self) -> SeedPlace:
        return find_seed_place(self.cine)

    def _propagated(self, cine: Cine, seed: Seed) -> Result:
        from medvos.propagation.propagate import propagate

        return propagate(cine, seed, device=self.device)


@dataclass(eq=False)
class ClipSubject:
    """An echo clip: what the network without a drawing finds is the truth."""

    study: Study
    device: str = "cpu"

    def __post_init__(self) -> None:
        self._frames: dict[bytes, list[FrameResult]] = {}

    @cached_property
    def true(self) -> dict[str, float | None]:
        """The true numbers."""
        with tempfile.TemporaryDirectory() as folder:
            true = dict(self.found(self.study.copied().write(Path(folder) / "dicom"))[0])
        if self.study.rate is not None:
            true["HR"] = true["heart rate"] = self.study.rate
        return true

    @cached_property
    def _usual(self) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            return self.found(self.study.copied().write(Path(folder) / "dicom"))[1]

    def attempted(self, trial: Trial, place: Path, chance: np.random.Generator) -> Judgement:
        """As of `Subject`."""
        found, notes = self.found(written(self.study, trial, place, chance))
        verdict, why = judge.compared(found, self.true)
        return with_notes(verdict, why, [note for note in notes if note not in self._usual], trial.excuse)

    def found(self, path: Path) -> tuple[dict[str, float | None], list[str]]:
        """Return the numbers and notes of a clip, as ``medvos segment`` finds them."""
        from medvos.models.device import choose_device
        from medvos.models.store import resolve
        from medvos.report.write_clip_results import write_clip
        from medvos.segmentation.clip_scan import scan_clip
        from medvos.segmentation.echo_clip import EchoInference

        clip = open_clip(path)
        cine = read(path)
        scan = scan_clip(clip, None)
        inference = EchoInference.of(clip, scan, resolve("echo-lv", "echo"), choose_device(self.device))
        # The network is run once on the same images; times and scales are measured anew.
        key = hashlib.sha256(
            cine.array.tobytes() + repr((clip.box, inference.region, inference.mirrored)).encode()
        ).digest()
        if key not in self._frames:
            self._frames[key] = list(inference.frames())
        with tempfile.TemporaryDirectory() as staging:
            place = Path(staging)
            result, measures = write_clip(clip, inference.cine, self._frames[key], inference.provenance, place, place)
        names = [name for name in ("LVEF", "LVEDV", "HR") if name in measures]
        numbers: dict[str, float | None] = {name: measures[name].value for name in names}
        numbers["heart rate"] = cine.source.heart_rate
        provenance = result.provenance
        notes = [*provenance["notes"], *map(str, provenance.get("doubts") or ()), *cine.source.notes]
        notes += [reason for name in names if measures[name].value is None and (reason := measures[name].reason)]
        return numbers, notes


@dataclass(eq=False)
class VolumeSubject:
    """A stack as 4D NIfTI or NRRD, with its drawing as a label image."""

    stack: StackSubject

    @cached_property
    def volume(self) -> Volume:
        """The untouched image and drawing."""
        cine = self.stack.cine
        labels = np.zeros(cine.shape[1:], np.uint8)
        labels[self.stack.drawn[1]] = self.stack.drawing
        array = cine.array.transpose(3, 2, 1, 0).astype(np.int16)
        step = cine.period / cine.shape[0]
        return Volume(array, cine.affine, labels.transpose(2, 1, 0), self.stack.drawn[0], step)

    def attempted(self, trial: Trial, place: Path, chance: np.random.Generator) -> Judgement:
        """As of `Subject`; a drawing that is read as it was drawn is judged by the cine."""
        volume = self.volume.copied()
        for mutation in trial.mutations:
            mutation.change(volume, chance)
        cine = read(volume.write(place))
        if not any(On.SEED in mutation.on for mutation in trial.mutations):
            return self.stack.of_cine(cine, trial.excuse)
        seed = read_seed(volume.write_labels(place), cine, volume.phase if volume.labels.ndim == 3 else None)
        drawn = replace(cine, array=seed.labels.astype(np.float32))
        found = judge.turned(self.stack.cine, cine)(drawn).array
        return self._of_seed(found, seed.notes, volume.drawn, trial.excuse)

    def _of_seed(
        self, found: NDArray[np.float32], notes: Sequence[str], drawn: tuple[int, ...], excuse: str
    ) -> Judgement:
        t, z = self.stack.drawn
        true = np.zeros(self.stack.cine.shape)
        true[t, z] = np.where(np.isin(self.stack.drawing, drawn), self.stack.drawing, 0)
        known = np.isin(found, (1, 2, 3))
        if found.shape == true.shape and not (known & (found != true)).any():
            return Judgement(Verdict.EQUAL, "" if known.any() else "nothing that is measured is labelled")
        right = {name: int((found == k).sum()) for k, name in ((1, "RV"), (2, "Myo"), (3, "LV"))}
        wanted = {name: int((true == k).sum()) for k, name in ((1, "RV"), (2, "Myo"), (3, "LV"))}
        return with_notes(Verdict.WRONG, f"voxels {right} for {wanted}", list(notes), excuse)


def tried(trial: Trial, subject: Subject) -> Judgement:
    """Try one mutated input; raises NotHere where its mutation does not apply."""
    place = Path(tempfile.mkdtemp(prefix="mutated-"))
    try:
        return subject.attempted(trial, place, np.random.default_rng([trial.number, 15]))
    except NotHere:
        raise
    except InputError as error:
        return Judgement(Verdict.REFUSED, str(error), bool(re.search(trial.cause, str(error), re.IGNORECASE)))
    except Exception as error:  # whatever else is raised is a defect, and is listed
        last = traceback.extract_tb(error.__traceback__)[-1]
        return Judgement(Verdict.BROKEN, f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})")
    finally:
        shutil.rmtree(place, ignore_errors=True)

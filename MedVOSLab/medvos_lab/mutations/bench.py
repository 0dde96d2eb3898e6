"""Reading benchmark: apply semantic mutations to what files say, read them, and count wrong numbers without a word."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from medvos_lab.bench.output import make_folder, markdown_table, write_markdown
from medvos_lab.mutations import (  # noqa: F401  they list themselves, and trials are numbered in this order
    echo_frame_times,
    echo_regions,
    echo_storage,
    files,
    identity,
    kinds_components,
    kinds_over_beats,
    kinds_protocols,
    order_numbers,
    order_trigger,
    order_without_trigger,
    phases,
    places,
    values,
    volume_images,
    volume_labels,
)
from medvos_lab.mutations.bases import CLIPS, STACKS
from medvos_lab.mutations.judge import Judgement, Verdict
from medvos_lab.mutations.mutation import NotHere
from medvos_lab.mutations.plan import VOLUME, Trial, plan
from medvos_lab.mutations.subject import ClipSubject, StackSubject, Subject, VolumeSubject, tried

Tried = tuple[Trial, Judgement]
OF_VOLUMES = "sunnybrook 101"


def run(
    data: Path | None,
    out: Path,
    count: int = 500,
    *,
    only: Sequence[int] = (),
    words: Sequence[str] = (),
    device: str = "cpu",
    quick: bool = False,
    show: Callable[[str], None] = lambda line: None,
) -> list[Tried]:
    """Try ``count`` mutated inputs and write ``reading.md`` and ``reading.json`` into ``out``.

    Parameters
    ----------
    data: folder of the real data.
    out: folder for the table.
    count: of the plan; the same count gives the same trials.
    only: numbers of trials, where not all are wanted.
    words: trials with one of these in their name, kind or input.
    device: for the networks.
    quick: count images that are none of the cine's as wrong, without segmenting them.
    show: called with a line on each trial.

    Raises
    ------
    InputError: no such data folder, or ``out`` cannot be written.
    """
    make_folder(out)
    trials = [trial for trial in plan(list(STACKS), list(CLIPS), count) if not only or trial.number in only]
    trials = [t for t in trials if not words or any(word in f"{t.name} {t.kind} {t.base}" for word in words)]
    found: list[Tried] = []
    subjects: dict[str, Subject] = {}
    for trial in sorted(trials, key=lambda trial: (trial.base == VOLUME, trial.base)):
        try:
            with warnings.catch_warnings():
                # pydicom warns of much that scanners wrote, and that is written here on purpose.
                warnings.simplefilter("ignore")
                subject = subjects.get(trial.base) or _subject(trial.base, data, device, quick, subjects)
                judgement = tried(trial, subject)
        except NotHere:
            continue
        found.append((trial, judgement))
        show(line_of(trial, judgement))
    found.sort(key=lambda entry: entry[0].number)
    write_markdown(out / "reading.md", table(found))
    (out / "reading.json").write_text(json.dumps([row(*one) for one in found], indent=1), encoding="utf-8")
    return found


def _subject(base: str, data: Path | None, device: str, quick: bool, subjects: dict[str, Subject]) -> Subject:
    if base == VOLUME:
        stack = subjects.get(OF_VOLUMES) or _subject(OF_VOLUMES, data, device, quick, subjects)
        if not isinstance(stack, StackSubject):
            raise TypeError(f"{OF_VOLUMES} is no stack")
        subjects[base] = VolumeSubject(stack)
    elif base in STACKS:
        subjects[base] = StackSubject(STACKS[base](data), device, quick)
    else:
        subjects[base] = ClipSubject(CLIPS[base](data), device)
    return subjects[base]


def line_of(trial: Trial, judgement: Judgement) -> str:
    """Return a line on a trial."""
    named = "" if judgement.named else "[unnamed] "
    what = f"{trial.number:4} {trial.base:15} {trial.kind:12} {trial.name:45}"
    return f"{what} {judgement.verdict:15} {named}{judgement.why}"


def row(trial: Trial, judgement: Judgement) -> dict[str, object]:
    """Return an entry of ``reading.json``."""
    return {
        "number": trial.number,
        "input": trial.base,
        "kind": trial.kind,
        "mutations": [mutation.name for mutation in trial.mutations],
        "verdict": judgement.verdict.value,
        "why": judgement.why,
        "cause named": judgement.named,
    }


def table(found: Sequence[Tried]) -> list[str]:
    """Return the table by kind, and the list of those that are wrong or nearly so."""
    kinds = sorted({trial.kind for trial, _ in found})
    rows = []
    for kind in (*kinds, None):
        counts = Counter(judgement.verdict for trial, judgement in found if kind in (None, trial.kind))
        rows.append((kind or "all", sum(counts.values()), *(counts[verdict] for verdict in Verdict)))
    lines = ["# Reading", "", *markdown_table(("kind", "inputs", *(verdict.value for verdict in Verdict)), rows)]
    wrong = [(t, j) for t, j in found if j.verdict in (Verdict.WRONG, Verdict.BROKEN, Verdict.NEAR)]
    lines += ["", f"## Wrong, broken or near: {len(wrong)}", ""]
    return lines + [f"- {t.number}: {t.base}, {t.name}: {j.verdict.value}: {j.why}" for t, j in wrong]

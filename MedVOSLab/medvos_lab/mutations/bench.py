"""Reading benchmark: apply semantic mutations to what files say, read them and count wrong numbers without a word."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from medvos_lab.bench.output import make_folder, markdown_table, write_markdown
from medvos_lab.mutations import echo, files, identity, kinds, order, places, values  # noqa: F401
from medvos_lab.mutations.bases import CLIPS, STACKS
from medvos_lab.mutations.judge import Judgement, Verdict
from medvos_lab.mutations.mutation import NotHere
from medvos_lab.mutations.plan import Trial, plan
from medvos_lab.mutations.subject import ClipSubject, StackSubject, Subject, tried


def run(
    data: Path | None,
    out: Path,
    count: int = 500,
    only: Sequence[int] = (),
    words: Sequence[str] = (),
    device: str = "cpu",
    quick: bool = False,
) -> list[tuple[Trial, Judgement]]:
    """Try mutated inputs and write ``reading.md`` and ``reading.json`` into ``out``."""
    make_folder(out)
    trials = [trial for trial in plan(list(STACKS), list(CLIPS), count) if not only or trial.number in only]
    trials = [
        trial
        for trial in trials
        if not words or any(word in f"{trial.name} {trial.kind} {trial.base}" for word in words)
    ]
    subjects: dict[str, Subject] = {}
    found: list[tuple[Trial, Judgement]] = []
    for trial in sorted(trials, key=lambda trial: trial.base):
        if trial.base not in subjects:
            made = (STACKS | CLIPS)[trial.base](data)
            subjects[trial.base] = (
                StackSubject(made, device, quick) if trial.base in STACKS else ClipSubject(made, device)
            )
        began = time.monotonic()
        try:
            judgement = tried(trial, subjects[trial.base])
        except NotHere:
            continue
        found.append((trial, judgement))
        print(
            f"{time.monotonic() - began:5.1f} s {trial.number:4} {trial.base:15} {trial.kind:12} {trial.name:45} {judgement.verdict:15} {'' if judgement.named else '[unnamed] '}{judgement.why}",
            flush=True,
        )  # noqa: T201
    found.sort(key=lambda entry: entry[0].number)
    write_markdown(out / "reading.md", table(found))
    rows = [
        {
            "number": t.number,
            "base": t.base,
            "kind": t.kind,
            "mutations": [m.name for m in t.mutations],
            "verdict": j.verdict.value,
            "why": j.why,
            "cause named": j.named,
        }
        for t, j in found
    ]
    (out / "reading.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False), encoding="utf-8")
    return found


def table(found: Sequence[tuple[Trial, Judgement]]) -> list[str]:
    """Return the table by kind, and the list of those silently wrong."""
    kinds = sorted({trial.kind for trial, _ in found})
    rows = []
    for kind in (*kinds, None):
        counts = Counter(j.verdict for t, j in found if kind in (None, t.kind))
        rows.append((kind or "all", sum(counts.values()), *(counts[verdict] for verdict in Verdict)))
    lines = ["# Reading", "", *markdown_table(("kind", "inputs", *(v.value for v in Verdict)), rows)]
    wrong = [(t, j) for t, j in found if j.verdict in (Verdict.WRONG, Verdict.BROKEN, Verdict.NEAR)]
    lines += ["", f"## Silently wrong, near or broken: {len(wrong)}", ""]
    return lines + [f"- {t.number}: {t.base}, {t.name}: {j.verdict.value}: {j.why}" for t, j in wrong]

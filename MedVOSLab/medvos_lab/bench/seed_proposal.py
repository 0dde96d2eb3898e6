"""Proposal benchmark: Dice of the proposed drawing on the slice that the engine chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from medvos.cine.find import find_seed_place
from medvos.evaluate.metrics import dice
from medvos.models.device import choose_device
from medvos.models.store import resolve
from medvos.segmentation.seed_proposal import propose_by_matching
from medvos.structures import name_of
from medvos_lab.bench.accuracy import DEFAULT_DATA_SETS
from medvos_lab.bench.case_by_case import score_cases
from medvos_lab.bench.output import markdown_table
from medvos_lab.datasets.labelled import LabelledCine


@dataclass(frozen=True)
class Proposed:
    """One proposal: its case, where it was drawn, and the Dice of each structure by name, where it is judged there."""

    case: str
    phase: int
    slice: int
    dice: dict[str, float]


def run(
    data: Path | None,
    out: Path,
    model: str = "cstm",
    *,
    data_sets: Sequence[str] = DEFAULT_DATA_SETS,
    device: str = "auto",
) -> dict[str, list[Proposed]]:
    """Propose a drawing for every case and write ``proposal.csv`` and ``proposal.md`` into ``out``.

    Raises
    ------
    InputError: no such data folder, network or device, or ``out`` cannot be written.
    """
    resolve(model)
    choose_device(device)
    return score_cases(data, out, "proposal", data_sets, lambda case: _propose(case, model, device), _row, _markdown)


def _propose(case: LabelledCine, model: str, device: str) -> Proposed:
    place = find_seed_place(case.cine)
    drawn = propose_by_matching(case.cine, place, model=model, device=device)
    truth = case.labels[place.phase, place.slice]
    judged = [k for k in case.structures if case.known(k)[place.phase, place.slice]]
    return Proposed(case.name, place.phase, place.slice, {name_of(k): dice(drawn == k, truth == k) for k in judged})


def _row(proposal: Proposed) -> dict[str, float | str]:
    return {"case": proposal.case, "phase": proposal.phase, "slice": proposal.slice, **proposal.dice}


def _markdown(found: dict[str, list[Proposed]]) -> list[str]:
    rows = []
    for name, proposals in found.items():
        for structure in ("LV", "Myo", "RV"):
            scores = [proposal.dice[structure] for proposal in proposals if structure in proposal.dice]
            if scores:
                rows.append((name, structure, len(scores), f"{np.mean(scores):.3f}", f"{min(scores):.3f}"))
    return ["# Proposals", "", *markdown_table(("data", "structure", "cases", "Dice", "worst"), rows, left=2)]

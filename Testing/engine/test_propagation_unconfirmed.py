"""Proposals that nobody has confirmed are not called drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from medvos.cine.cine import Cine
from medvos.cine.seed import PROPOSAL, Seed, digest_of, read_seed
from medvos.cine.write import write_nifti
from medvos.measure.measure import measure
from medvos.propagation.unconfirmed import PROPOSED, UNCONFIRMED, proposed_in, without_confirmed
from medvos.report.content import DRAWN, content_of
from medvos.report.content import UNCONFIRMED as WORDS
from medvos.result import Result

PLACE = (1, 2)


@pytest.fixture
def proposal() -> Seed:
    labels = np.zeros((3, 4, 16, 16), np.uint8)
    labels[PLACE][4:9, 4:9] = 3
    labels[0, 0, :4, :4] = 2
    return Seed(labels, labels.any(axis=(2, 3)), proposals=(digest_of(labels[PLACE]),))


def test_a_seed_is_a_proposal_as_long_as_it_is_unchanged(proposal: Seed):
    assert np.argwhere(proposal.proposed).tolist() == [list(PLACE)]
    labels = proposal.labels.copy()
    labels[PLACE][4, 4] = 2
    assert not replace(proposal, labels=labels).proposed.any()
    assert proposed_in(replace(proposal, proposals=()), None) == {}
    assert proposed_in(proposal, None)["doubts"] == [UNCONFIRMED]


def test_a_proposal_is_recognised_in_its_file_until_it_is_corrected(proposal: Seed, tmp_path: Path):
    cine = Cine(np.zeros(proposal.labels.shape, np.float32), np.eye(4), np.arange(3.0), 3.0)
    path = tmp_path / "seed.nii.gz"
    write_nifti(path, proposal.labels, cine, f"{PROPOSAL}{proposal.proposals[0]}", labels=True)
    assert (read_seed(path, cine).proposed == proposal.proposed).all()
    labels = proposal.labels.copy()
    labels[PLACE][4, 4] = 2
    write_nifti(path, labels, cine, f"{PROPOSAL}{proposal.proposals[0]}", labels=True)
    assert not read_seed(path, cine).proposed.any()


def test_a_correction_elsewhere_does_not_confirm_a_proposal(proposal: Seed, a_result: Result):
    labels = a_result.labels.copy()
    seeds = a_result.seeds.copy()
    t, z = (int(i) for i in np.argwhere(seeds)[0])
    previous = replace(a_result, provenance={PROPOSED: [{"phase": t, "slice": z}]})
    seeds[t, z - 1] = True
    assert proposed_in(Seed(labels, seeds), previous)[PROPOSED] == [{"phase": t, "slice": z}]
    labels[t, z, 0, 0] = 1
    assert proposed_in(Seed(labels, seeds), previous) == {}


def test_the_report_does_not_call_a_proposal_drawn(a_result: Result):
    t, z = (int(i) for i in np.argwhere(a_result.seeds)[0])
    measures = measure(a_result)
    content = content_of(a_result, measures)
    assert content.drawn == DRAWN and dict(content.made)["drawn"]
    proposed = replace(
        a_result, provenance={**a_result.provenance, PROPOSED: [{"phase": t, "slice": z}], "doubts": [UNCONFIRMED]}
    )
    content = content_of(proposed, measures)
    assert content.drawn == WORDS == "proposed, not confirmed" and UNCONFIRMED in content.doubts
    assert "drawn" not in dict(content.made) and f"slice {z + 1}" in dict(content.made)[WORDS]
    assert content_of(replace(a_result, seeds=np.zeros_like(a_result.seeds)), measures).drawn == ""


def test_what_was_corrected_or_accepted_since_is_no_proposal_any_more():
    places = [{"phase": 0, "slice": 1}, {"phase": 1, "slice": 2}]
    provenance = {"model": "cstm", PROPOSED: places, "doubts": ["another", UNCONFIRMED]}
    confirmed = np.zeros((3, 4), bool)
    assert without_confirmed(provenance, confirmed) == provenance
    confirmed[0, 1] = True
    assert without_confirmed(provenance, confirmed) == {**provenance, PROPOSED: places[1:]}
    confirmed[1, 2] = True
    assert without_confirmed(provenance, confirmed) == {"model": "cstm", PROPOSED: [], "doubts": ["another"]}
    assert without_confirmed({"model": "cstm"}, confirmed) == {"model": "cstm"}

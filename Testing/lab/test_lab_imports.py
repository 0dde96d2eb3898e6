"""Imports inside the lab: no model's folder imports another's, and none go in a circle."""

from __future__ import annotations

import pytest
from extension.checkout import ROOT
from extension.import_rules import Arrow, arrows, between_floors, circles, floor_of

LAB = ROOT / "MedVOSLab" / "medvos_lab"
MODELS = {path.parent.name for path in LAB.glob("*/recipe.py")}


def between_models(found: list[Arrow]) -> list[Arrow]:
    """Return the imports of one model's folder by another's.

    A second training of a model, in the folder ``MODEL_HOW``, builds on the model's own folder.
    """
    ends = [(arrow, floor_of(arrow.source), floor_of(arrow.target)) for arrow in found]
    return [
        arrow
        for arrow, source, target in ends
        if source != target and {source, target} <= MODELS and not source.startswith(f"{target}_")
    ]


@pytest.fixture(scope="module")
def lab() -> list[Arrow]:
    """Every import between two modules of the lab."""
    return arrows(LAB)


def test_the_models_are_the_folders_with_a_recipe():
    assert {"cstm", "echo", "mvo", "tcmn", "vivim"} <= MODELS


def test_no_model_imports_another(lab):
    assert between_models(lab) == []


def test_an_import_of_another_model_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(globals(), "MODELS", {"tcmn", "tcmn_long", "echo"})
    foreign = Arrow("medvos_lab.tcmn.batches", "medvos_lab.echo.losses")
    shared = Arrow("medvos_lab.tcmn.batches", "medvos_lab.loop")
    own = Arrow("medvos_lab.tcmn.batches", "medvos_lab.tcmn.mix")
    built_on = Arrow("medvos_lab.tcmn_long.batches", "medvos_lab.tcmn.batches")
    upside_down = Arrow("medvos_lab.tcmn.batches", "medvos_lab.tcmn_long.batches")
    assert between_models([foreign, shared, own, built_on, upside_down]) == [foreign, upside_down]


def test_no_imports_of_the_lab_go_in_a_circle(lab):
    assert circles(lab) == []
    assert circles(between_floors(lab)) == []

"""Cross-validation by patient of the MVO network and its baselines, in a world of four hearts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from small_worlds import mvo_world
from tiny_mvo import a_core, a_heart_slice
from typer.testing import CliRunner

from medvos.cli.main import app
from medvos.errors import InputError
from medvos_lab import ablation as ablation_module
from medvos_lab.ablation import RowsFailedError, run
from medvos_lab.ablations import ABLATIONS
from medvos_lab.folds import Fold
from medvos_lab.mvo import batches, heart_slices, obstruction_constants, patients, predictions
from medvos_lab.recipe_types import Folders
from medvos_lab.recipes import RECIPES
from medvos_lab.train import train

MVO = ABLATIONS["mvo"]
LOAD_SLICES = heart_slices.load_slices
FILES = {
    "training": ("patient001", "patient002", "patient003", "synthetic4"),
    "validation": ("patient004",),
    "infarcted": ("patient044",),
    "infarcted-others": ("patient041", "patient042", "patient043"),
}
# After two steps a network may find nothing, or everything.
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def write_cache(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, hearts in FILES.items():
        parts = [a_heart_slice(heart, place, grey) for grey, heart in enumerate(hearts) for place in (0.3, 0.5, 0.7)]
        np.savez(
            folder / f"mvo-{name}.npz",
            names=[part.patient for part in parts],
            levels=[part.base_to_apex for part in parts],
            velocities=[part.velocity for part in parts],
            **{key: [getattr(part, key) for part in parts] for key in ("images", "labels")},
        )


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of an ablation with the slices of four healthy hearts, of four with an infarct and of a synthetic one."""
    mvo_world(monkeypatch)
    for module in (heart_slices, patients):
        monkeypatch.setattr(module, "load_slices", LOAD_SLICES)
    monkeypatch.setattr(patients, "LEAST_CORE", 1)
    write_cache(tmp_path / "runs" / "cache")
    return tmp_path


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the runs that were trained."""
    names: list[str] = []

    def noted(recipe: Any, out: Path, *arguments: Any, **given: Any) -> Path:
        names.append(out.name)
        return train(recipe, out, *arguments, **given)

    monkeypatch.setattr(ablation_module, "train", noted)
    return names


def names_of(slices: list[heart_slices.HeartSlice]) -> list[str]:
    return sorted({part.patient for part in slices})


def test_each_heart_is_held_out_once_and_synthetic_ones_are_never(tmp_path):
    write_cache(tmp_path / "cache")
    held_out: dict[str, list[str]] = {"validation": [], "infarcted": []}
    for number in range(2):
        fold = Fold(number, 2)
        split = {
            name: names_of(LOAD_SLICES(None, tmp_path / "cache", name, fold))
            for name in ("training", "validation", "infarcted")
        }
        assert not {*split["training"]} & {*split["validation"]}
        assert "synthetic4" in split["training"] and len(split["training"]) == 3
        for name, found in held_out.items():
            found += split[name]
    assert sorted(held_out["validation"]) == ["patient001", "patient002", "patient003", "patient004"]
    assert sorted(held_out["infarcted"]) == ["patient041", "patient042", "patient043", "patient044"]


def test_networks_never_see_the_hearts_and_cores_that_they_are_scored_on(out, monkeypatch):
    learnt: list[tuple[set[str], list[Fold]]] = []
    judged: list[tuple[set[str], list[Fold]]] = []
    asked: list[Fold] = []

    def cores(_: Any, split: str, fold: Fold) -> list[np.ndarray]:
        asked.append(fold)
        return [a_core()]

    class Noted(batches.MvoBatches):
        def __init__(self, slices: Any, *arguments: Any) -> None:
            learnt.append(({part.patient for part in slices}, asked[-1:]))
            super().__init__(slices, *arguments)

    def noted(network: Any, held_out: Any, device: Any) -> Any:
        judged.append(({heart[0].patient for heart in held_out.hearts}, asked[-1:]))
        return judge(network, held_out, device)

    judge = predictions.judge
    monkeypatch.setattr("medvos_lab.datasets.emidec.emidec_cores", cores)
    monkeypatch.setattr(patients, "emidec_cores", cores)
    monkeypatch.setattr(batches, "MvoBatches", Noted)
    monkeypatch.setattr(predictions, "judge", noted)
    run(MVO, out, steps=2, rows=["unet"], folds=2, device="cpu")
    assert [fold for _, fold in learnt] == [fold for _, fold in judged] == [[Fold(0, 2)], [Fold(1, 2)]]
    for (seen, _), (scored, _) in zip(learnt, judged, strict=True):
        assert len(scored) == 2 and not seen & scored
    assert judged[0][0] | judged[1][0] == {"patient001", "patient002", "patient003", "patient004"}


def test_folds_are_trained_once_pooled_and_compared_over_all_hearts(out, trained):
    arguments = ["bench", "ablation", "mvo", "--folds", "2", "--row", "gain", "--row", "unet", "--steps", "2"]
    answer = CliRunner().invoke(app, [*arguments, "--cases", "2", "--device", "cpu", "--out", str(out)])
    assert answer.exit_code == 0, answer.output
    # The U-Net's longer training: as many slices as the others see.
    assert trained == ["gain-f0of2-2", "gain-f1of2-2", "unet-f0of2-4", "unet-f1of2-4"]
    gain, unet = json.loads((out / "table.json").read_text())["results"]
    for result in (gain, unet):
        assert result["counted"] == "12 simulated cores in 4 hearts" and len(result["paired"]) == 4
        # Each fold has two hearts, each heart three cores.
        assert result["metrics"]["Dice"] == pytest.approx(np.mean(result["paired"]))
        assert result["by_fold"]["Dice"] == pytest.approx([np.mean(result["paired"][i::2]) for i in (1, 0)])
        assert len(result["by_fold"]["Dice without contrast"]) == 2
    assert (gain["trained"], unet["trained"]) == (2, 4)
    text = (out / "table.md").read_text()
    assert "p against gain |" in text and "2 folds" in text

    again = CliRunner().invoke(app, [*arguments, "--cases", "2", "--device", "cpu", "--out", str(out)])
    assert "unet: already scored" in again.output and len(trained) == 4
    assert (out / "table.md").read_text() == text
    # Neither the results of other cases nor those of one split are in its table.
    (one,) = run(MVO, out, steps=2, rows=["unet"], device="cpu", cases=1)
    assert (one.folds, one.by_fold, trained[-1]) == (0, {}, "unet-2")


def test_an_interrupted_cross_validation_goes_on(out, trained, monkeypatch):
    def breaks(recipe: Any, run_folder: Path, *arguments: Any, **given: Any) -> Path:
        if run_folder.name == "unet-f1of2-4":
            raise RuntimeError("no power")
        return train(recipe, run_folder, *arguments, **given)

    with monkeypatch.context() as patch:
        patch.setattr(ablation_module, "train", breaks)
        with pytest.raises(RowsFailedError, match="unet"):
            run(MVO, out, steps=2, rows=["unet"], folds=2, device="cpu")
    (result,) = run(MVO, out, steps=2, rows=["unet"], folds=2, device="cpu")
    assert trained == ["unet-f1of2-4"] and len(result.paired) == 4


def test_a_run_of_another_fold_is_no_fold_s(out):
    run(MVO, out, steps=2, rows=["unet"], folds=2, device="cpu")
    (out / "runs" / "unet-f0of2-4").rename(out / "runs" / "unet-f0of3-4")
    with pytest.raises(RowsFailedError):
        run(MVO, out, steps=2, rows=["unet"], folds=3, device="cpu")
    assert "begun with another fold" in (out / "table.md").read_text()


def test_constants_are_never_fitted_on_the_heart_that_is_scored(out, monkeypatch):
    fitted: list[set[int]] = []
    used: dict[int, set[int]] = {}
    calibrate, cross_fitted = obstruction_constants.calibrate, obstruction_constants.cross_fitted

    def noted(judged: predictions.Judged) -> Any:
        fitted.append({each.patient for each in judged.obstructed + judged.dead})
        # Tells which fit the constants are from.
        return predictions.replace(calibrate(judged), threshold=(0.5 + 0.001 * len(fitted),))

    def crossed(judged: predictions.Judged, fold: Fold) -> predictions.Judged:
        found = cross_fitted(judged, fold)
        for each in [*found.obstructed, *found.plain, *found.dead, *found.without, *found.infarcted]:
            used.setdefault(each.patient, set()).update(fitted[round(1000 * (each.calibration.threshold[0] - 0.5)) - 1])
        return found

    monkeypatch.setattr(obstruction_constants, "calibrate", noted)
    monkeypatch.setattr(obstruction_constants, "cross_fitted", crossed)
    run(MVO, out, steps=2, rows=["unet"], folds=2, device="cpu")
    assert {number: fits for number, fits in used.items() if number < 40} == {1: {3}, 3: {1}, 2: {4}, 4: {2}}
    assert all(len(fits) == 1 for fits in used.values()) and {41, 42, 43, 44} < used.keys()


def test_what_has_no_folds_says_so(out):
    for name in sorted(ABLATIONS.keys() - {"mvo"}):
        with pytest.raises(InputError, match=f"ablation of {name} has one split"):
            run(ABLATIONS[name], out, folds=5, device="cpu")
    with pytest.raises(InputError, match="not both"):
        run(MVO, out, folds=5, weights="mvo", device="cpu")
    with pytest.raises(InputError, match="With one fold"):
        run(MVO, out, folds=1, device="cpu")
    with pytest.raises(InputError, match="give --cases 2 or more"):
        run(MVO, out, steps=2, rows=["unet"], folds=2, cases=1, device="cpu")
    assert not (out / "runs" / "unet-f0of2-4").exists()  # nothing was trained for it


def test_a_fold_with_hearts_in_one_half_only_is_not_scored(out):
    with pytest.raises(RowsFailedError):  # each of four folds has one heart
        run(MVO, out, steps=2, rows=["unet"], folds=4, device="cpu")
    assert "has too few hearts" in (out / "table.md").read_text()


def test_a_network_is_released_with_constants_of_its_own_fold(out, monkeypatch):
    asked: list[Any] = []

    def of(*arguments: Any) -> Any:
        asked.append(arguments[-1])
        raise InputError("enough")

    monkeypatch.setattr(patients.HeldOut, "of", of)
    monkeypatch.setattr("medvos.models.store.resolve", lambda *_: None)
    monkeypatch.setattr("medvos.models.networks.load_mvo", lambda *_: None)
    recipe = RECIPES["mvo"].configured(fold=Fold(1, 3))
    with pytest.raises(InputError, match="enough"):
        recipe.validate(None, Folders(None, out), torch.device("cpu"))
    assert asked == [Fold(1, 3)]

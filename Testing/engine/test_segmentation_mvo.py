"""Obstruction in a segmented heart; in place of a network one that reads it off the picture."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest
import torch
from tiny_mvo import a_ring, an_mvo_network
from torch import Tensor, nn
from typer.testing import CliRunner

from medvos.cine.cine import Cine
from medvos.cine.nifti import load
from medvos.cine.write import write_nifti
from medvos.cli.main import app
from medvos.errors import InputError
from medvos.measure.measure import measure
from medvos.models.mvo.config import MVO_COMPACT, UNET
from medvos.models.mvo.network import NOT_WALL
from medvos.models.store import ModelInfo
from medvos.mvo_notice import NOTICE
from medvos.report.content import OBSTRUCTION_LOOK, OBSTRUCTION_MAP, STACK_LOOK, content_of
from medvos.report.figures import figures_of
from medvos.report.heart_origin import heart_origin, note_of
from medvos.report.page import report_page
from medvos.report.write_results import write_results
from medvos.result import Result
from medvos.segmentation import mvo
from medvos.segmentation.mvo import chosen_phases, predict, segment_obstruction
from medvos.segmentation.wall_region import region_of_wall
from medvos.structures import LV, MVO, MYO
from medvos_lab.release import update_manifest, write_weights

INFO = ModelInfo("reader", Path("reader.safetensors"), "0", "for tests", "", {}, network="mvo")
PHASES, LEVELS, SIDE = 6, 5, 72


class Reader(nn.Module):
    """Wall that is brighter than muscle and darker than blood is obstructed."""

    config = MVO_COMPACT
    seen: tuple[int, ...] = ()

    def forward(self, frames: Tensor, wall: Tensor) -> Tensor:
        Reader.seen = tuple(frames.shape)
        grey = frames[:, 0] * 0.25 + 0.5
        found = (grey > 0.52) & (grey < 0.75)
        return torch.where(wall, torch.where(found, 5.0, -5.0), NOT_WALL)


@pytest.fixture(autouse=True)
def a_network_that_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mvo, "load_mvo", lambda *_: Reader())


def a_case(ed: int = 0) -> tuple[Cine, np.ndarray, np.ndarray]:
    """A beating stack, its labels, and where its wall is obstructed at ED: the lateral quarter of slices 1 and 2."""
    beat = 3 - 3 * np.cos(2 * np.pi * (np.arange(PHASES) - ed) / PHASES)
    labels = np.stack([[a_ring(SIDE, 15 - z - b, 7 + b / 2) for z in range(LEVELS)] for b in beat])
    y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
    lateral = np.abs(np.arctan2(y, x)) < np.pi / 4
    grey = np.choose(labels, (0, 250, 100, 250)).astype(np.float32)
    truth = (labels[ed] == MYO) & lateral & np.isin(np.arange(LEVELS), (1, 2))[:, None, None]
    grey[ed][truth] = 160
    cine = Cine(grey, np.diag([1.5, 1.5, 10.0, 1.0]), np.arange(PHASES) * 100.0, PHASES * 100.0)
    return cine, labels, truth


@pytest.mark.parametrize("ed", [0, 4])
def test_obstruction_is_found_at_end_diastole_whichever_phase_that_is(ed):
    cine, heart, truth = a_case(ed)
    result = segment_obstruction(cine, heart, INFO, "cpu")
    found = result.labels[ed] == MVO
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) > 0.8
    assert Reader.seen[1] == PHASES


def test_it_stays_in_the_wall_and_in_its_place_at_every_phase():
    cine, heart, _ = a_case()
    result = segment_obstruction(cine, heart, INFO, "cpu")
    assert (heart[result.labels == MVO] == MYO).all()
    assert (result.labels == heart)[result.labels != MVO].all()
    fraction = [(labels == MVO).sum() / (wall == MYO).sum() for labels, wall in zip(result.labels, heart, strict=True)]
    assert np.ptp(fraction) < 0.03 and min(fraction) > 0.05
    _, cols = np.nonzero(result.labels[3, 1] == MVO)
    assert (cols > SIDE / 2).mean() > 0.8  # the reader takes the endocardium for obstruction too
    assert result.uncertainty[0][heart[0] == MYO].max() > 0 and not result.uncertainty[0][heart[0] == LV].any()


def test_what_must_be_said_is_in_the_result_the_report_and_its_notes():
    cine, heart, _ = a_case()
    result = segment_obstruction(cine, heart, INFO, "cpu")
    assert "simulated motion" in NOTICE and "not validated on patients" in NOTICE and "research only" in NOTICE
    assert NOTICE in result.provenance["notes"]
    measures = measure(result)
    assert measures["MVO"].value > 0 and 5 < measures["MVOM"].value < 20 and measures.obstructed
    names = list(measures)
    assert names.index("MVOM") == names.index("MVO") + 1
    page = report_page(result, measures)
    assert page.count(NOTICE) >= 2 and "Microvascular obstruction" in page


def test_where_to_look_is_end_diastole_and_of_obstruction_alone():
    cine, heart, _ = a_case(ed=4)
    result = segment_obstruction(cine, heart, INFO, "cpu")
    content = content_of(result, measure(result))
    assert set(re.findall(r"phase (\d+)", content.worst)) == {"5"}
    assert content.look == OBSTRUCTION_LOOK and content.map.startswith(OBSTRUCTION_MAP)
    laid_on = replace(result, provenance={**result.provenance, "obstruction": {}})
    assert content_of(laid_on, measure(laid_on)).look == STACK_LOOK


def test_obstruction_stays_in_its_place_where_a_phase_shows_no_rv():
    cine, heart, _ = a_case()
    heart[3, 1][heart[3, 1] == 1] = 0
    _, cols = np.nonzero(segment_obstruction(cine, heart, INFO, "cpu").labels[3, 1] == MVO)
    assert (cols > SIDE / 2).mean() > 0.8


def test_obstruction_that_was_found_before_is_wall_like_any_other():
    cine, heart, truth = a_case()
    before = heart.copy()
    before[0][truth] = MVO
    before[:, 3][before[:, 3] == MYO] = MVO
    again, first = (segment_obstruction(cine, one, INFO, "cpu").labels for one in (before, heart))
    assert (again == first).all()


def test_progress_is_told_and_can_stop_the_work():
    cine, heart, _ = a_case()
    told = []
    segment_obstruction(cine, heart, INFO, "cpu", told.append)
    assert [one.done for one in told] == list(range(1, LEVELS + 1))

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        segment_obstruction(cine, heart, INFO, "cpu", stop)


def some_phases(cine: Cine, count: int) -> Cine:
    return replace(cine, array=cine.array[:count], times=cine.times[:count])


def test_what_cannot_be_judged_is_refused_in_one_sentence():
    cine, heart, _ = a_case()
    cut = np.roll(heart, SIDE // 2, 3)
    for other, labels, words in (
        (some_phases(cine, 4), heart[:4], "too few"),
        (cine, np.where(heart == MYO, 0, heart), "no myocardium"),
        (cine, np.where(heart == LV, 0, heart), "no myocardium"),
        (replace(cine, array=cine.array[:, 2:3]), heart[:, 2:3], "single slice"),
        (cine, np.where(np.arange(LEVELS)[:, None, None] == 2, heart, 0), "fewer than two slices"),
        (cine, cut, "cut by the edge"),
        (cine, heart[:4], "shape"),
        (cine, np.where((heart == MYO) & (np.arange(PHASES) == 0)[:, None, None, None], 0, heart), "end-diastole"),
    ):
        with pytest.raises(InputError, match=words):
            segment_obstruction(other, labels, INFO, "cpu")


def test_slices_without_a_ring_are_passed_over():
    cine, heart, _ = a_case()
    heart[:, 4][heart[:, 4] == LV] = MYO
    heart[:, 0] = 0
    result = segment_obstruction(cine, heart, INFO, "cpu")
    assert (result.labels[:, [0, 4]] == heart[:, [0, 4]]).all()


def test_a_phase_without_the_heart_in_a_slice_has_no_obstruction_there():
    cine, heart, _ = a_case()
    heart[3, 1] = 0
    assert not (segment_obstruction(cine, heart, INFO, "cpu").labels[3, 1]).any()


@pytest.mark.parametrize(("phases", "wanted"), [(30, 10), (10, 10), (7, 7), (25, 10)])
def test_phases_are_evenly_spaced_round_the_beat_from_ed(phases, wanted):
    network = Reader()
    found = chosen_phases(phases, 3, network)
    assert found[0] == 3 and len(found) == wanted == len(set(found.tolist()))
    steps = np.diff(np.append(found, found[0] + phases) % phases) % phases
    assert np.ptp(steps) <= 1
    network.config = UNET
    assert len(chosen_phases(phases, 3, network)) == 10


def test_a_heart_and_its_mirror_image_are_seen_alike():
    network = an_mvo_network()
    frames, wall = torch.randn(1, 5, 32, 32), torch.ones(1, 32, 32, dtype=torch.bool)
    probability, spread = predict(network, frames, wall)
    mirrored, _ = predict(network, frames.flip(-1), wall.flip(-1))
    torch.testing.assert_close(probability, mirrored.flip(-1), atol=1e-5, rtol=1e-4)
    assert (spread >= 0).all() and spread.max() > 0


def test_the_square_holds_the_wall_of_all_slices():
    _, heart, _ = a_case()
    region = region_of_wall(heart[0], 96)
    rows, cols = np.nonzero(np.isin(heart[0], (LV, MYO)).any(0))
    assert region.height == region.width
    assert region.y < rows.min() and rows.max() < region.y + region.height
    assert abs(region.x + region.width / 2 - (cols.min() + cols.max() + 1) / 2) <= 0.5


def test_the_square_is_square_in_mm():
    _, heart, _ = a_case()
    region, flat = region_of_wall(heart[0], 96, (1.5, 1.5)), region_of_wall(heart[0][:, ::2], 96, (3.0, 1.5))
    assert abs(2 * flat.height - region.height) <= 2 and abs(flat.width - region.width) <= 1
    with pytest.raises(InputError, match="spacing"):
        region_of_wall(heart[0], 96, (100.0, 0.1))


@pytest.fixture
def command(tmp_path, monkeypatch) -> list[str]:
    """All but ``--out`` and ``--myocardium``, for which there is heart.nii.gz."""
    write_weights(an_mvo_network(), "tiny-mvo", tmp_path / "models", "for tests", "a tiny network")
    update_manifest(tmp_path / "models", "tiny-mvo", {"network": "mvo"})
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "models"))
    cine, heart, _ = a_case()
    write_nifti(tmp_path / "cine.nii.gz", cine.array, cine)
    write_nifti(tmp_path / "heart.nii.gz", heart, cine)
    return ["segment", str(tmp_path / "cine.nii.gz"), "--model", "tiny-mvo"]


def test_the_command_writes_a_folder_and_repeats_what_must_be_said(command, tmp_path):
    command += ["--out", str(tmp_path / "out")]
    refused = CliRunner().invoke(app, command)
    assert isinstance(refused.exception, InputError) and "--myocardium" in str(refused.exception)
    done = CliRunner().invoke(app, [*command, "--myocardium", str(tmp_path / "heart.nii.gz")])
    assert done.exit_code == 0, done.output
    assert NOTICE in done.output
    assert (tmp_path / "out" / "report.html").read_text(encoding="utf-8").count(NOTICE) >= 2
    again = CliRunner().invoke(app, ["measure", str(tmp_path / "out"), "--json"])
    assert '"MVOM"' in again.output and NOTICE in again.output
    for shown in (tmp_path / "out", tmp_path / "out" / "segmentation.nii.gz"):
        assert NOTICE in CliRunner().invoke(app, ["measure", str(shown)]).output
    for name in ("chance", "segmentation"):
        assert (
            b"not validated on patients" in nibabel.load(tmp_path / "out" / f"{name}.nii.gz").header["descrip"].item()
        )


def test_a_heart_is_not_overwritten_by_what_is_found_in_it(command, tmp_path):
    (tmp_path / "heart").mkdir()
    kept = (tmp_path / "heart.nii.gz").rename(tmp_path / "heart" / "segmentation.nii.gz")
    before = kept.read_bytes()
    for heart in (kept.parent, kept):
        refused = CliRunner().invoke(app, [*command, "--myocardium", str(heart), "--out", str(kept.parent)])
        assert isinstance(refused.exception, InputError) and "overwritten" in str(refused.exception)
    assert kept.read_bytes() == before


def test_a_segmentation_that_is_not_there_or_of_one_phase_is_told_as_such(command, tmp_path):
    cine, heart, _ = a_case()
    write_nifti(tmp_path / "one.nii.gz", heart[0], cine)
    write_nifti(tmp_path / "other.nii.gz", heart, replace(cine, affine=np.diag([1.2, 1.2, 10.0, 1.0])))
    (tmp_path / "heart.txt").write_text("heart")
    for given, words in (
        ("models", "holds no segmentation"),
        ("nowhere", "not exist"),
        ("one.nii.gz", "of one phase"),
        ("other.nii.gz", "another grid"),
        ("heart.txt", "unknown kind"),
    ):
        options = ["--myocardium", str(tmp_path / given), "--out", str(tmp_path / "out")]
        refused = CliRunner().invoke(app, [*command, *options])
        assert isinstance(refused.exception, InputError) and words in str(refused.exception)
        assert not any(word in str(refused.exception) for word in ("seed", "draw"))


def test_where_its_weights_are_missing_no_other_model_is_advised(tmp_path, monkeypatch):
    cine, heart, _ = a_case()
    write_nifti(tmp_path / "cine.nii.gz", cine.array, cine)
    write_nifti(tmp_path / "heart.nii.gz", heart, cine)
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "manifest.json").write_text('{"aliases": {}, "models": {}}')
    monkeypatch.setenv("MEDVOS_MODELS", str(tmp_path / "none"))
    paths = [str(tmp_path / name) for name in ("cine.nii.gz", "heart.nii.gz", "out")]
    refused = CliRunner().invoke(app, ["segment", paths[0], "--myocardium", paths[1], "--out", paths[2]])
    assert "model 'mvo' here; set MEDVOS_MODELS" in str(refused.exception)


def test_the_chance_is_that_of_the_wall_at_end_diastole(tmp_path):
    cine, heart, _ = a_case()
    result = segment_obstruction(cine, heart, INFO, "cpu")
    assert ((result.probability[0] > 0.5) == (result.labels[0] == MVO)).all()
    assert not result.probability[1:].any() and not result.probability[0][heart[0] != MYO].any()
    write_results(result, tmp_path)
    np.testing.assert_allclose(load(tmp_path / "chance.nii.gz")[0], result.probability, atol=1e-6)


def test_chances_and_what_is_called_obstructed_follow_the_constants_of_the_model():
    cine, heart, truth = a_case()
    plain = segment_obstruction(cine, heart, INFO, "cpu")
    rare = replace(INFO, calibration={"chance": [-6.0, 1.0, 0.0], "called": [1 / (1 + np.exp(6))]})
    result = segment_obstruction(cine, heart, rare, "cpu")
    np.testing.assert_array_equal(result.labels, plain.labels)
    inside = (result.labels[0] == MVO) & truth
    assert result.probability[0][inside].max() < 0.3 < 0.9 < plain.probability[0][inside].max()
    np.testing.assert_allclose(result.uncertainty[0][inside], 1 - result.probability[0][inside], atol=1e-6)
    never = replace(rare, calibration={"chance": [-6.0, 1.0, 0.0], "called": [0.5]})
    assert not (segment_obstruction(cine, heart, never, "cpu").labels == MVO).any()


def test_an_island_far_from_most_of_it_is_left_out_in_every_phase_but_keeps_its_chance():
    cine, heart, truth = a_case()
    grey = cine.array.copy()
    x = np.arange(SIDE) - (SIDE - 1) / 2
    component = (heart[0] == MYO) & (x < 0) & (np.abs(x) < 2)[:, None]  # the middle of the septum
    component[:4] = False
    grey[0][component] = 160
    with_component = replace(cine, array=grey)
    calibration = {"chance": [0.0, 1.0, 0.0], "called": [0.5]}
    everywhere = segment_obstruction(with_component, heart, replace(INFO, calibration=calibration), "cpu")
    largest = segment_obstruction(
        with_component, heart, replace(INFO, calibration=calibration | {"island": [0.5]}), "cpu"
    )
    assert (everywhere.labels[:, 4] == MVO).any((1, 2)).all()
    assert not (largest.labels[:, 4] == MVO).any()
    np.testing.assert_array_equal(largest.labels[0][truth], everywhere.labels[0][truth])
    np.testing.assert_array_equal(largest.probability, everywhere.probability)
    assert largest.uncertainty[0][component].max() > 0.9


def test_phases_where_nothing_was_looked_for_are_not_shown_as_sure():
    cine, heart, _ = a_case(ed=4)
    result = segment_obstruction(cine, heart, INFO, "cpu")
    (cells,) = figures_of(result, measure(result)).scores.axes[0].collections[:1]
    shown = np.ma.filled(cells.get_array().astype(float), np.nan).reshape(LEVELS, PHASES)
    assert np.isfinite(shown[:, 4]).all() and np.isnan(np.delete(shown, 4, 1)).all()


def test_the_highest_probability_is_reported_and_what_no_finding_means():
    cine, heart, _ = a_case()
    notes = segment_obstruction(cine, heart, INFO, "cpu").provenance["notes"]
    (reported,) = (note for note in notes if "highest probability" in note)
    assert "anywhere is 99%; the threshold is 50%" in reported and "exclude" not in reported
    rare = replace(INFO, calibration={"chance": [-9.0, 1.0, 0.0], "called": [0.2]})
    assert "does not exclude obstruction" in segment_obstruction(cine, heart, rare, "cpu").provenance["notes"][-1]


def test_the_heart_of_other_pictures_is_refused_and_its_model_is_told(tmp_path):
    cine, heart, _ = a_case()
    cine = replace(cine, source=replace(cine.source, digest="a" * 64))
    provenance = {"model": "drawer", "weights_sha256": "1" * 64, "terms": "Free.", "notes": []}
    scores = np.zeros((PHASES, LEVELS))
    drawn = Result(cine, heart, np.zeros(cine.shape, np.float32), scores, heart.any((2, 3)), provenance)
    write_results(drawn, tmp_path)
    origin = heart_origin(tmp_path / "segmentation.nii.gz", cine)
    assert origin == {"model": "drawer", "weights_sha256": "1" * 64, "terms": "Free."}
    assert note_of(origin) == ["The heart was segmented by drawer. Free."] and note_of({}) == []
    twin = replace(cine, source=replace(cine.source, digest="b" * 64))
    with pytest.raises(InputError, match="other images"):
        heart_origin(tmp_path / "segmentation.nii.gz", twin)
    write_results(replace(drawn, provenance={"notes": []}), tmp_path)
    assert heart_origin(tmp_path / "segmentation.nii.gz", cine) == {}
    (tmp_path / "report.json").unlink()
    assert heart_origin(tmp_path / "segmentation.nii.gz", twin) == {}


def test_a_result_without_a_chance_leaves_none_of_an_earlier_one(tmp_path):
    cine, heart, _ = a_case()
    result = segment_obstruction(cine, heart, INFO, "cpu")
    write_results(result, tmp_path)
    assert (tmp_path / "chance.nii.gz").exists()
    write_results(replace(result, labels=heart, probability=None), tmp_path)
    assert not (tmp_path / "chance.nii.gz").exists()

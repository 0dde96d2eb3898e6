"""Fixtures over a real MRML scene: one small heart, its cine in a browser, and the nodes of a segmentation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from medvos.cine.cine import Cine
from medvos.synth.heart import SyntheticHeart, synthetic_heart

pytest.importorskip("slicer")

from scene.session_user import SEED, User

from MedVOSSegmentLib.scene.cine_nodes import show_cine
from MedVOSSegmentLib.scene.heart_nodes import HeartNodes
from MedVOSSegmentLib.scene.logics import Logics
from MedVOSSegmentLib.session.workspace import Workspace

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_session_is_left_watching(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """End what sessions observe, as the panel does: VTK must not call what Python is collecting."""
    spaces: list[Workspace] = []
    begin = Workspace.__init__

    def recorded(space: Workspace, *arguments: Any) -> None:
        begin(space, *arguments)
        spaces.append(space)

    monkeypatch.setattr(Workspace, "__init__", recorded)
    yield
    for space in spaces:
        space.stop_watching()


@pytest.fixture(autouse=True)
def quick_jobs(forked_commands: None) -> None:
    """Jobs find their libraries imported; one that a test makes misbehave starts Python from nothing."""


@pytest.fixture
def logics(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logics]:
    """A fresh scene with the logics that the desktop application has."""
    logics = Logics.standalone(tmp_path_factory.mktemp("slicer"))
    yield logics
    logics.scene.Clear(1)


@pytest.fixture(scope="session")
def small_heart() -> SyntheticHeart:
    """6 phases x 6 slices x 80 x 80 on an oblique grid, with labels in every slice."""
    return synthetic_heart(1, shape=(6, 6, 80, 80), spacing=(16.0, 3.0, 3.0), kind="healthy")


@pytest.fixture(scope="session")
def small_cine(small_heart: SyntheticHeart) -> Cine:
    return small_heart.cine


@pytest.fixture
def synthetic_browser(logics: Logics, small_cine: Cine) -> Any:
    """The browser of a sequence of `small_cine`."""
    return show_cine(logics, small_cine, "Synthetic heart")


@pytest.fixture
def heart_nodes(logics: Logics, synthetic_browser: Any) -> HeartNodes:
    """Three empty segments in every phase of `synthetic_browser`."""
    return HeartNodes.create(logics, synthetic_browser)


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real data; tests that need it are skipped without it."""
    folder = Path(os.environ.get("MEDVOS_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("no real data on this machine (MEDVOS_DATA)")
    return folder


@pytest.fixture
def user(logics: Logics, synthetic_browser: Any, small_heart: SyntheticHeart) -> User:
    """A cine is open and its segments are made."""
    return User(logics, synthetic_browser, small_heart)


@pytest.fixture
def drawn(user: User) -> User:
    """One slice is drawn."""
    user.draw(SEED)
    return user


@pytest.fixture
def done(drawn: User) -> User:
    """The heart is segmented."""
    drawn.segment()
    drawn.session.heart.edit.history.end_stroke()
    return drawn

from __future__ import annotations

import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from MedVOSSegmentLib.job.hand_over import OWNER, PREFIX, hand_over_folder, sweep

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX")

OWNER_PROGRAM = """
import sys
from MedVOSSegmentLib.job.hand_over import hand_over_folder
with hand_over_folder() as folder:
    (folder / "cine.nrrd").write_text("somebody's heart")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which temporary ones are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def another_slicer(temporary: Path):
    """A process that owns a hand-over folder."""
    environment = {"PYTHONPATH": str(Path(__file__).parents[2] / "MedVOSSegment"), "TMPDIR": str(temporary)}
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER_PROGRAM],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.folder = Path(process.stdout.readline().strip())
    yield process
    process.kill()
    process.communicate()


@posix
def test_only_the_user_may_enter():
    with hand_over_folder() as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_it_is_gone_afterwards(temporary: Path):
    with hand_over_folder() as folder:
        (folder / "out").mkdir()
        (folder / "out" / "segmentation.nii.gz").write_text("x")
    assert list(temporary.iterdir()) == []


def test_it_is_gone_after_an_error_too(temporary: Path):
    with pytest.raises(KeyError), hand_over_folder() as folder:
        (folder / "cine.nrrd").write_text("x")
        raise KeyError
    assert list(temporary.iterdir()) == []


def test_a_sweep_leaves_the_folders_in_use(temporary: Path, another_slicer):
    with hand_over_folder() as folder:
        sweep()
        assert folder.is_dir()
        assert (another_slicer.folder / "cine.nrrd").is_file()


@posix
def test_a_sweep_removes_what_a_killed_owner_left(temporary: Path, another_slicer):
    another_slicer.kill()
    another_slicer.wait()
    assert (another_slicer.folder / "cine.nrrd").is_file()
    sweep()
    assert list(temporary.iterdir()) == []


@posix
def test_a_sweep_follows_no_link(temporary: Path):
    with tempfile.TemporaryDirectory() as elsewhere:
        (Path(elsewhere) / OWNER).write_text("")
        (temporary / f"{PREFIX}link").symlink_to(elsewhere)
        sweep()
        assert (Path(elsewhere) / OWNER).is_file()


def test_a_sweep_leaves_what_is_not_a_hand_over_folder(temporary: Path):
    (temporary / f"{PREFIX}mine").mkdir()
    (temporary / f"{PREFIX}mine" / "notes.txt").write_text("mine")
    (temporary / f"{PREFIX}file").write_text("mine")
    sweep()
    assert (temporary / f"{PREFIX}mine" / "notes.txt").is_file()
    assert (temporary / f"{PREFIX}file").is_file()

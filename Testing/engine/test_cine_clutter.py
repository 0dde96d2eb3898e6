"""Names that systems add to folders."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from medvos.cine.clutter import is_clutter, lies_in_clutter


@pytest.mark.parametrize(
    "name", ["__MACOSX", "._IM0001", ".DS_Store", "Thumbs.db", "thumbs.db", "@eaDir", "lost+found", "$RECYCLE.BIN"]
)
def test_what_systems_add_is_no_image(name):
    assert is_clutter(name)


@pytest.mark.parametrize("name", ["IM0001", "1.2.840.113619.2", "DICOMDIR", "MACOSX", "_IM1", "Patient 1"])
def test_other_names_may_be_images(name):
    assert not is_clutter(name)


def test_what_lies_below_such_a_folder_is_none_either():
    assert lies_in_clutter(PurePosixPath("disc/__MACOSX/IM1"))
    assert not lies_in_clutter(PurePosixPath("disc/images/IM1"))

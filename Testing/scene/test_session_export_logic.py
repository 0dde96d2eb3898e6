from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from session_user import CORRECTION, User

from medvos.errors import InputError


def test_exports_are_of_what_the_segments_hold(done: User, tmp_path: Path):
    assert {export.name for export in done.session.export.exports} >= {"results", "report", "segmentation", "volumes"}
    done.erase(CORRECTION)
    (file,) = done.session.export.export("segmentation", tmp_path)
    from medvos.cine.read import read

    np.testing.assert_array_equal(read(file).array, done.labels)


def test_nothing_is_exported_before_there_is_a_result(drawn: User, tmp_path: Path):
    with pytest.raises(InputError, match="nothing to export yet"):
        drawn.session.export.export("report", tmp_path)

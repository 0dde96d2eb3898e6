from __future__ import annotations

from pathlib import Path

import numpy as np

from medvos.cine.read import read
from medvos.cine.write import write_nifti
from medvos.synth.heart import SyntheticHeart
from MedVOSSegmentLib.job.proposal import Proposal


def test_the_arguments_name_the_cine_and_the_place(small_heart: SyntheticHeart, tmp_path: Path):
    arguments = Proposal(small_heart.cine, 2, 3, "cstm-research", "cpu").hand_over(tmp_path)
    assert arguments[0] == "propose"
    np.testing.assert_array_equal(read(tmp_path / arguments[1]).array, small_heart.cine.array)
    options = dict(zip(arguments[2::2], arguments[3::2], strict=True))
    assert (options["--phase"], options["--slice"]) == ("2", "3")
    assert (options["--model"], options["--device"]) == ("cstm-research", "cpu")


def test_the_outcome_is_the_drawing_of_that_slice(small_heart: SyntheticHeart, tmp_path: Path):
    proposal = Proposal(small_heart.cine, 2, 3)
    arguments = proposal.hand_over(tmp_path)
    write_nifti(tmp_path / arguments[arguments.index("--out") + 1], small_heart.labels, small_heart.cine)
    labels = proposal.collect(tmp_path)
    np.testing.assert_array_equal(labels, small_heart.labels[2, 3])
    assert labels.dtype == np.uint8

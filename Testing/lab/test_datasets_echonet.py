from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from skimage.io import imsave
from tiny_echo import an_lv

from medvos.errors import InputError
from medvos_lab.datasets import echonet
from medvos_lab.datasets.echonet import echonet_clips, echonet_pairs

SIDE = 112


@pytest.fixture
def a_root(tmp_path: Path) -> Path:
    """302 pairs whose grey value is their number, and three clips of six frames, the second of which is drawn upon."""
    (tmp_path / "echonet_edes").mkdir()
    images = (np.arange(302) % 256).astype(np.uint8)[:, None, None, None] * np.ones((1, 2, 4, 16), np.uint8)
    masks = np.zeros(images.shape, bool)
    masks[:, 0, 1, 3:7] = True
    np.savez(tmp_path / "echonet_edes" / "train.npz", image=images, mask=np.packbits(masks, -1), index=np.arange(302))
    folder = tmp_path / "echonet_videos"
    folder.mkdir()
    for number in range(3):
        frames = [np.full((SIDE, SIDE), 20 + 60 * number + 9 * i, np.uint8) for i in range(6)]
        with av.open(str(folder / f"clip{number}.avi"), "w") as video:
            track = video.add_stream("ffv1", rate=50)
            track.width = track.height = SIDE
            track.pix_fmt = "gray"
            for frame in frames:
                video.mux(track.encode(av.VideoFrame.from_ndarray(frame, "gray")))
            video.mux(track.encode())
        for phase, i in (("diastole", 1), ("sistole", 4)):
            imsave(folder / f"index{number}_{phase}_frame.png", np.stack([frames[i]] * 3, -1), check_contrast=False)
            mask = an_lv(20 if phase == "diastole" else 12, SIDE)
            imsave(folder / f"index{number}_{phase}_mask.png", mask.astype(np.uint8) * 255, check_contrast=False)
    return tmp_path


def test_the_last_300_pairs_are_for_validation_and_no_other(a_root):
    validation, training = echonet_pairs(a_root, "validation"), echonet_pairs(a_root, "training")
    assert (len(validation.images), len(training.images)) == (300, 2)
    assert training.images[:, 0, 0, 0].tolist() == [0, 1] and validation.images[0, 0, 0, 0] == 2


def test_masks_are_unpacked_to_the_width_of_the_pictures(a_root):
    pairs = echonet_pairs(a_root, "training")
    assert pairs.masks.shape == pairs.images.shape and pairs.masks.dtype == bool
    assert pairs.masks[0, 0, 1].nonzero()[0].tolist() == [3, 4, 5, 6]
    assert not pairs.masks[:, 1].any()


def test_the_last_two_clips_by_name_are_for_validation(a_root):
    assert [clip.name for clip in echonet_clips(a_root, "validation")] == ["clip1", "clip2"]
    assert [clip.name for clip in echonet_clips(a_root, "training")] == ["clip0"]


def test_drawings_are_laid_on_the_frame_that_they_were_made_from(a_root):
    for clip in echonet_clips(a_root):
        assert clip.frames.shape == (6, SIDE, SIDE) and clip.rate == 50
        assert (clip.ed, clip.es) == (1, 4)
        assert clip.masks[0].sum() > clip.masks[1].sum() > 0


def test_a_drawing_of_no_clip_is_refused(a_root):
    path = a_root / "echonet_videos" / "index1_sistole_frame.png"
    imsave(path, np.full((SIDE, SIDE), 251, np.uint8), check_contrast=False)
    with pytest.raises(InputError, match="index1_sistole_frame"):
        echonet_clips(a_root)


def test_a_missing_data_set_is_refused_with_the_way_to_mend_it(tmp_path):
    for read in (echonet_pairs, echonet_clips):
        with pytest.raises(InputError, match="MEDVOS_DATA"):
            read(tmp_path)


def test_the_real_clips_are_split_into_three_and_two(data_folder):
    training, validation = (echonet_clips(data_folder, split) for split in ("training", "validation"))
    assert [(clip.ed, clip.es) for clip in (*training, *validation)] == [
        (52, 72), (3, 24), (101, 116), (94, 116), (59, 77),
    ]  # fmt: skip
    assert len(validation) == echonet.VALIDATION_CLIPS

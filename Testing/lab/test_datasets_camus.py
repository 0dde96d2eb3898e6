from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from skimage.io import imsave

from medvos.errors import InputError
from medvos.structures import LA, LV, MYO
from medvos_lab.datasets.camus import camus_pairs, camus_studies

SHAPE = (120, 160)


@pytest.fixture
def a_root(tmp_path: Path) -> Path:
    """Two training studies and one for validation: a bright sector with an LV in its wall, and an atrium below."""
    folder = tmp_path / "camus"
    folder.mkdir()
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    sector = (np.abs(x - 80) < 5 + 0.6 * y) & (y < 110)
    rows = ["file,split,pixel_mm,source_pixel_mm"]
    for name, split in (("patient0001", "train"), ("patient0002", "valid"), ("patient0003", "train")):
        for phase, radius in (("ED", 18), ("ES", 12)):
            distance = np.hypot((y - 50) / 1.5, x - 80)
            labels = np.select([distance < radius, distance < radius + 6, (y > 84) & (distance < 34)], [1, 2, 3], 0)
            imsave(folder / f"{name}_{phase}.jpg", np.where(sector, 120, 0).astype(np.uint8), check_contrast=False)
            imsave(folder / f"{name}_{phase}.png", labels.astype(np.uint8), check_contrast=False)
            rows.append(f"{name}_{phase},{split},0.6,0.3")
    (folder / "index.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return tmp_path


def test_studies_are_of_their_split_and_labels_have_the_numbers_of_the_house(a_root):
    assert [study.name for study in camus_studies(a_root, "training")] == ["patient0001", "patient0003"]
    (study,) = camus_studies(a_root, "validation")
    assert study.name == "patient0002" and study.pixel == 0.6 and study.images.shape == (2, *SHAPE)
    assert set(np.unique(study.labels)) == {0, LV, MYO, LA}
    assert study.labels[0, 50, 80] == LV and study.labels[0, 50, 80 + 20] == MYO and study.labels[0, 90, 80] == LA
    assert (study.labels[0] == LV).sum() > (study.labels[1] == LV).sum()


def test_the_network_is_given_the_square_round_the_sector_with_room_above_its_tip(a_root):
    (study,) = camus_studies(a_root)
    region = study.region(112)
    assert region.height == region.width == pytest.approx(110 / 0.94, abs=2)
    assert region.y == pytest.approx(-0.06 * region.height, abs=1)
    assert region.x + region.width / 2 == pytest.approx(80, abs=2)


def test_pairs_are_images_and_masks_of_all_three_structures_on_the_network_s_grid(a_root):
    pairs = camus_pairs(a_root, "training", 56)
    assert pairs.images.shape == (2, 2, 56, 56) and list(pairs.drawn) == [LV, MYO, LA]
    together = np.stack(list(pairs.drawn.values()))
    assert together.any((1, 2, 3, 4)).all() and together.sum(0).max() == 1
    lv, wall = (np.argwhere(pairs.drawn[label][0, 0]).mean(0) for label in (LV, MYO))
    assert np.linalg.norm(lv - wall) < 3


def test_a_missing_data_set_is_refused_with_the_way_to_mend_it(tmp_path):
    with pytest.raises(InputError, match="MEDVOS_DATA"):
        list(camus_studies(tmp_path))


def test_no_study_of_the_real_data_is_in_both_splits(data_folder):
    import csv

    with (Path(data_folder) / "camus" / "index.csv").open() as file:
        rows = list(csv.DictReader(file))
    training, validation = ({r["file"][:11] for r in rows if r["split"] == s} for s in ("train", "valid"))
    assert not training & validation and len(validation) == 50

"""A clip at the scale of the view in which it is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from echo_files import sector_images, write_ultrasound
from test_cine_dicom_regions import region

from medvos.cine import read
from medvos.cine.clip_region import affine_of
from medvos.cine.clip_view import at_scale_of, in_drawn_view, in_labelled_view
from medvos.cine.nrrd import clip_entry, clip_source
from medvos.cine.seed import read_seed
from medvos.cine.write import write_nifti
from medvos.errors import InputError


@pytest.fixture
def cine(tmp_path):
    """Two views of 120 x 160 pixels side by side, at 1 and at 0.5 mm."""
    images = np.concatenate([sector_images(), sector_images()], 2)
    regions = [region(0, 159, 0.1, 0, 119), region(160, 319, 0.05, 0, 119)]
    return read(write_ultrasound(tmp_path / "x", images, SequenceOfUltrasoundRegions=regions))


def drawn(cine, *columns: slice) -> np.ndarray:
    labels = np.zeros(cine.shape, np.uint8)
    for one in columns:
        labels[3, 0, 40:80, one] = 3
    return labels


def test_a_drawing_in_the_second_view_has_its_scale_and_the_note_says_so(cine):
    assert cine.spacing[1:] == pytest.approx((1.0, 1.0))
    there = in_drawn_view(cine, drawn(cine, slice(200, 260)))
    assert there.spacing[1:] == pytest.approx((0.5, 0.5)) and there.shape == cine.shape
    assert there.source.notes[1].endswith("Region 2 is measured: the LV is drawn in it.")
    assert len(there.source.notes) == len(cine.source.notes)


@pytest.mark.parametrize("columns", [(slice(20, 60), slice(200, 240)), (slice(130, 190),)])
def test_a_drawing_in_both_views_is_refused_with_their_places(cine, columns):
    with pytest.raises(InputError, match=r"more than one of the 2 regions.*columns 160 to 319"):
        in_drawn_view(cine, drawn(cine, *columns))


def test_labels_that_cross_the_border_have_the_scale_of_most_of_them(cine):
    assert in_labelled_view(cine, drawn(cine, slice(130, 260))).spacing[1] == pytest.approx(0.5)


def test_a_result_of_the_second_view_is_a_seed_of_the_same_clip(cine, tmp_path):
    there = in_drawn_view(cine, drawn(cine, slice(200, 260)))
    write_nifti(tmp_path / "seed.nii.gz", drawn(cine, slice(200, 260)), there)
    seed = read_seed(tmp_path / "seed.nii.gz", cine)
    np.testing.assert_array_equal(seed.labels, drawn(cine, slice(200, 260)))
    np.testing.assert_allclose(at_scale_of(cine, there.affine).affine, affine_of((0.5, 0.5)))


def test_the_views_travel_through_a_scene(cine):
    assert clip_source(clip_entry(cine.source))["views"] == cine.source.views
    assert clip_source("false") == {"description": {"modality": "US"}, "spacing_known": False, **_no_views()}


def _no_views():
    return {"views": clip_source("true")["views"]}

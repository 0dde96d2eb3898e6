"""Series that a program took apart."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from cine_files import SHAPE, image, write_stack
from pydicom.uid import generate_uid

from medvos.cine.read import read
from medvos.errors import InputError


def changed(folder, change):
    for n, file in enumerate(sorted(folder.iterdir())):
        data = pydicom.dcmread(file)
        change(data, n)
        data.save_as(folder / f"{data.SOPInstanceUID}")
        file.unlink()
    return folder


def expected(phases, slices):
    return np.array([[image(t, z, SHAPE) for z in range(slices)] for t in range(phases)], np.float32)


def test_a_series_uid_for_each_file_is_one_series_and_it_is_said(tmp_path):
    def change(data, n):
        data.SeriesInstanceUID = generate_uid()

    cine = read(changed(write_stack(tmp_path), change))
    np.testing.assert_array_equal(cine.array, expected(5, 3))
    assert "SeriesInstanceUID each" in cine.source.notes[0]


@pytest.mark.parametrize("timed", [True, False])
def test_a_series_for_each_phase_is_one_cine(tmp_path, timed):
    def change(data, n):
        t = n % 9
        data.SeriesNumber, data.SeriesInstanceUID, data.SeriesDescription = 400 + t, f"1.2.{t + 1}", f"SAX phase {t}"
        data.InstanceNumber = n // 9 + 1
        if not timed:
            del data.TriggerTime

    cine = read(changed(write_stack(tmp_path, phases=9), change))
    np.testing.assert_array_equal(cine.array, expected(9, 3))
    assert "9 series (400 to 408) have one phase each" in " ".join(cine.source.notes)


def test_a_few_volumes_in_series_of_their_own_are_no_cine(tmp_path):
    for number in (1, 2, 3):
        write_stack(tmp_path / str(number), phases=1, series=number)
    with pytest.raises(InputError, match="one phase of the same places"):
        read(tmp_path)


def test_one_series_uid_for_all_series_does_not_mix_them(tmp_path):
    write_stack(tmp_path / "a", SeriesInstanceUID="1.2.3")
    write_stack(tmp_path / "b", series=7, SeriesInstanceUID="1.2.3", SeriesDescription="stress")
    cine = read(tmp_path)
    assert cine.shape[:2] == (5, 3) and cine.source.stacks == ((4,), (7,))


def test_named_series_are_read_and_unknown_ones_are_refused(tmp_path):
    write_stack(tmp_path / "a")
    write_stack(tmp_path / "b", series=7, phases=6, SeriesDescription="stress")
    assert read(tmp_path, series=(4,)).shape[0] == 5 and read(tmp_path, series=(7,)).shape[0] == 6
    assert read(tmp_path, series=(7,)).source.series == (7,)
    with pytest.raises(InputError, match=r"no series 9: the folder has 4, 7"):
        read(tmp_path, series=(9,))

"""What the images of a stack tell when they are read."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from cine_files import write_stack
from test_cine_image_evidence import beat

from medvos.cine.read import read
from medvos.errors import InputError

SHAPE = (80, 80)


def filmed(folder, change, phases=20, slices=3, **tags):
    """A stack of a beating disk, after `change` of each file with its phase and slice."""
    films = [(1000 * np.clip(beat(phases, seed=z) + 0.3 * z, 0, 4)).astype(np.uint16) for z in range(slices)]
    write_stack(folder, phases=phases, slices=slices, shape=SHAPE, **tags)
    for n, file in enumerate(sorted(folder.iterdir())):
        data = pydicom.dcmread(file)
        data.PixelData = films[n // phases][n % phases].tobytes()
        change(data, n % phases, n // phases)
        data.save_as(file)
    return folder


def as_it_is(data, t, z):
    pass


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    return read(filmed(tmp_path_factory.mktemp("three") / "untouched", as_it_is))


@pytest.fixture(scope="module")
def four_untouched(tmp_path_factory):
    return read(filmed(tmp_path_factory.mktemp("four") / "untouched", as_it_is, slices=4))


def test_an_order_in_which_no_heart_beats_gives_way_to_one_that_the_headers_also_tell(tmp_path, untouched):
    def change(data, t, z):
        data.TriggerTime = 40.0 * float(np.random.default_rng(z).permutation(20)[t])

    cine = read(filmed(tmp_path / "shuffled", change))
    np.testing.assert_array_equal(cine.array, untouched.array)
    assert "was taken from InstanceNumber" in " ".join(cine.source.notes)


def test_an_order_in_which_no_heart_beats_is_refused_where_nothing_else_tells_one(tmp_path):
    def change(data, t, z):
        data.InstanceNumber = 20 * z + int(np.random.default_rng(z).permutation(20)[t]) + 1
        del data.TriggerTime

    with pytest.raises(InputError, match="not in the order of a beating heart"):
        read(filmed(tmp_path / "shuffled", change))


@pytest.mark.parametrize("tags", [{"PhotometricInterpretation": "MONOCHROME1"}, {"PresentationLUTShape": "INVERSE"}])
def test_inverted_images_are_inverted_back_and_it_is_said(tmp_path, untouched, tags):
    def change(data, t, z):
        grey = np.frombuffer(data.PixelData, np.uint16)
        data.PixelData = (65535 - grey).astype(np.uint16).tobytes()

    cine = read(filmed(tmp_path / "inverted", change, **tags))
    assert np.ptp(cine.array - untouched.array) == 0
    assert "inverted back" in cine.source.notes[0]


def test_kinds_that_nothing_tells_apart_are_refused(tmp_path):
    folder = filmed(tmp_path / "kinds", as_it_is)
    for n, file in enumerate(sorted(folder.iterdir())):
        data = pydicom.dcmread(file)
        data.SOPInstanceUID = f"1.2.4.{n + 1}"
        data.InstanceNumber = int(data.InstanceNumber) + 500
        data.PixelData = np.random.default_rng(n).integers(0, 4000, SHAPE).astype(np.uint16).tobytes()
        data.save_as(folder / f"P{n:04d}")
    with pytest.raises(InputError, match="of several kinds"):
        read(folder)


def test_several_slices_at_one_position_are_refused(tmp_path):
    def change(data, t, z):
        del data.TriggerTime, data.SliceLocation
        data.ImagePositionPatient = [0, 0, 0]
        data.PixelData = np.roll(np.frombuffer(data.PixelData, np.uint16).reshape(SHAPE), 9 * z, 1).tobytes()

    with pytest.raises(InputError, match="they show several slices"):
        read(filmed(tmp_path / "one", change))


def test_real_time_cine_of_several_beats_is_one_beat_of_its_own_length(tmp_path):
    def change(data, t, z):
        data.PixelData = (1000 * np.clip(beat(60, 3.0, seed=z), 0, 4)).astype(np.uint16)[t].tobytes()
        data.TriggerTime = 40.0 * t

    cine = read(filmed(tmp_path / "beats", change, phases=60, interval=800.0))
    assert cine.shape[0] == 20 and cine.source.heart_rate == 75
    assert "3.0 beats" in cine.source.notes[0]


def test_several_locations_at_one_position_are_refused(tmp_path):
    def change(data, t, z):
        data.ImagePositionPatient = [0, 0, 0]

    with pytest.raises(InputError, match="one ImagePositionPatient and several SliceLocations"):
        read(filmed(tmp_path / "one", change))


def test_images_of_a_slice_are_inverted_one_by_one(tmp_path, untouched):
    def change(data, t, z):
        if t >= 10:
            data.PhotometricInterpretation = "MONOCHROME1"
            data.PixelData = (65535 - np.frombuffer(data.PixelData, np.uint16)).astype(np.uint16).tobytes()

    np.testing.assert_array_equal(read(filmed(tmp_path / "late", change)).array, untouched.array)


def test_times_that_run_on_by_a_part_of_a_beat_are_counted_anew_and_it_is_said(tmp_path, untouched):
    def change(data, t, z):
        data.TriggerTime = 40.0 * t + 300.0 * z

    cine = read(filmed(tmp_path / "on", change, slices=5))
    assert "runs on from slice to slice" in " ".join(cine.source.notes)
    np.testing.assert_array_equal(cine.array[:, :3], untouched.array)


def test_phases_acquired_over_midnight_stay_in_order(tmp_path, untouched):
    def change(data, t, z):
        seconds = (86399.5 + 0.04 * t) % 86400
        data.ContentTime = f"{int(seconds // 3600):02d}{int(seconds // 60 % 60):02d}{seconds % 60:09.6f}"
        del data.TriggerTime, data.InstanceNumber

    np.testing.assert_array_equal(read(filmed(tmp_path / "night", change)).array, untouched.array)


def test_a_stack_that_cannot_be_read_gives_way_to_another_and_it_is_said(tmp_path, untouched):
    def change(data, t, z):
        data.PixelData = np.random.default_rng(20 * z + t).integers(0, 4000, SHAPE).astype(np.uint16).tobytes()

    filmed(tmp_path / "both" / "sax", as_it_is)
    filmed(tmp_path / "both" / "other", change, series=9)
    cine = read(tmp_path / "both")
    np.testing.assert_array_equal(cine.array, untouched.array)
    assert cine.source.notes[0].startswith("Left out series 9, which cannot be read: ")


def filmed_twice(folder, again, acquisitions=False, phases=20, slices=3):
    """Slices `again` were acquired twice without trigger times: the first pass is blurred and shifted."""
    filmed(folder, as_it_is, phases, slices, triggers=False)
    for n, file in enumerate(sorted(folder.iterdir())):
        t, z = n % phases, n // phases
        data = pydicom.dcmread(file)
        data.InstanceNumber = 2 * phases * z + t + 1 + phases * (z in again)
        data.AcquisitionNumber = 2 if z in again and acquisitions else 1
        data.save_as(file)
        if z in again:
            image = np.frombuffer(data.PixelData, np.uint16).reshape(SHAPE).astype(float)
            failed = (np.roll(image, 6, 0) + np.roll(image, -6, 1)) / 2
            data.SOPInstanceUID = f"1.2.5.{n + 1}"
            data.InstanceNumber, data.AcquisitionNumber = 2 * phases * z + t + 1, 1
            data.PixelData = failed.astype(np.uint16).tobytes()
            data.save_as(folder / f"F{n:04d}")
    return folder


@pytest.mark.parametrize("acquisitions", [True, False])
@pytest.mark.parametrize("again", [(0, 1, 2), (0, 1, 2, 3)])
def test_of_slices_acquired_twice_without_times_the_last_pass_is_read(tmp_path, four_untouched, again, acquisitions):
    cine = read(filmed_twice(tmp_path / "twice", again, acquisitions, slices=4))
    np.testing.assert_array_equal(cine.array, four_untouched.array)
    assert f"{len(again)} slices were acquired more than once" in cine.source.notes[0]


def test_passes_of_most_slices_that_nothing_tells_apart_are_refused_with_the_cause(tmp_path):
    folder = filmed_twice(tmp_path / "twice", (0, 1))
    for n, file in enumerate(sorted(folder.glob("F*"))):
        data = pydicom.dcmread(file)
        data.PixelData = np.random.default_rng(n).integers(0, 1400, SHAPE).astype(np.uint16).tobytes()
        data.save_as(file)
    with pytest.raises(InputError, match="2 slices of series 4 with 40 images, and 20 in the others: acquired more"):
        read(folder)


def test_of_one_slice_in_a_series_of_its_own_acquired_twice_without_times_the_last_pass_is_read(tmp_path, untouched):
    folder = filmed_twice(tmp_path / "twice", (1,))
    for file in folder.iterdir():
        data = pydicom.dcmread(file)
        number = 5 if 40 < data.InstanceNumber <= 80 else 4
        data.SeriesNumber, data.SeriesInstanceUID = number, f"1.2.3.{number}"
        data.save_as(file)
    cine = read(folder)
    np.testing.assert_array_equal(cine.array, untouched.array)
    assert "a slice was acquired more than once" in cine.source.notes[0]

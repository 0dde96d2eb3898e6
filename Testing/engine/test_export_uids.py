from __future__ import annotations

import numpy as np
from pydicom.uid import UID

from medvos.export.uids import digest_of, stable_uid


def test_a_uid_is_the_same_for_the_same_and_another_for_anything_else():
    assert stable_uid("seg", 1) == stable_uid("seg", 1)
    assert (
        len(
            {
                stable_uid("seg", 1),
                stable_uid("seg", 2),
                stable_uid("sr", 1),
                stable_uid("seg1"),
                stable_uid("se", "g1"),
            }
        )
        == 5
    )


def test_a_uid_is_one_that_dicom_allows():
    for number in range(200):
        uid = UID(stable_uid(number))
        assert uid.is_valid and len(uid) <= 64 and uid.startswith("2.25.")


def test_a_digest_tells_values_shapes_and_types_apart():
    array = np.arange(6, dtype=np.uint8)
    others = [array, array[::-1], array.reshape(2, 3), array.astype(np.int8), array.reshape(3, 2).T]
    assert len({digest_of(one) for one in others}) == 5
    assert digest_of(array[::2]) == digest_of(array[::2].copy())

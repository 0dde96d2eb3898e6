"""What the user says about labels."""

from __future__ import annotations

import pytest

from medvos.cine.label_choice import FORM, OTHER, as_text, read_choice
from medvos.errors import InputError


def test_structures_are_given_by_number_or_by_name():
    assert read_choice("lv=1, MYO=2,rv=3") == {"1": 3, "2": 2, "3": 1}
    assert read_choice({"lv": 500, "myo": 205}) == {"500": 3, "205": 2}
    assert read_choice("lv=My segment,myo=2,myo=4,none=7,other=9") == {
        "my segment": 3, "2": 2, "4": 2, "7": 0, "9": OTHER,
    }  # fmt: skip
    assert read_choice(None) is None
    assert read_choice(as_text({1: 3, 2: 2, 3: 1})) == {"1": 3, "2": 2, "3": 1}


@pytest.mark.parametrize(
    "text",
    ["", ",", "lv", "lv=", "=1", "1=lv", "lv:1", "aorta=1", "lv=0", "lv=-1", "lv=1.5", "lv=1,rv=1", "lv=1;myo=2=3,x"],
)
def test_another_text_is_refused_in_one_sentence(text):
    with pytest.raises(InputError, match="--labels") as refusal:
        read_choice(text)
    assert "\n" not in str(refusal.value)


def test_the_pattern_of_a_message_pasted_as_it_stands_asks_for_numbers():
    with pytest.raises(InputError, match="give the numbers of yours"):
        read_choice(FORM)

from __future__ import annotations

import pytest
from pydicom.sr.codedict import codes

from medvos.export.codes import STRUCTURE_CODES, structure_code, unit_code
from medvos.measure.catalogue import row_of
from medvos.structures import LV, MVO, MYO, RV


@pytest.mark.parametrize(
    ("group", "names"), [("cid3833", ("LVEF", "RVEF")), ("cid3835", ("LVEDV", "LVESV", "LVSV", "RVEDV", "RVESV"))]
)
def test_function_has_the_codes_of_dicoms_own_lists(group: str, names: tuple[str, ...]):
    listed = {(code.value, code.scheme_designator) for code in getattr(codes, group).concepts.values()}
    assert {row_of(name).code[:2] for name in names} <= listed


def test_structures_have_the_codes_of_dicoms_own_list():
    listed = {(code.value, code.scheme_designator): code.meaning for code in codes.cid12305.concepts.values()}
    for code in (STRUCTURE_CODES[label] for label in (RV, MYO, LV)):
        assert code[:2] in listed
    assert listed["49848007", "SCT"] == "Left Ventricle Myocardium"


def test_what_has_no_standard_code_has_one_of_our_own():
    assert row_of("LVEDVI").code == ("LVEDVI", "99MEDVOS", "LVEDVI")
    assert structure_code(7).meaning == "Tissue" and structure_code(MVO).scheme == "99MEDVOS"


@pytest.mark.parametrize(
    ("unit", "ucum"), [("mL", "mL"), ("%", "%"), ("L/min", "L/min"), ("mL/m²", "mL/m2"), ("g/m²", "g/m2"), ("", "1")]
)
def test_units_are_ucum(unit: str, ucum: str):
    assert unit_code(unit)[:2] == (ucum, "UCUM") and unit_code(unit).meaning.isascii()


def test_a_measure_belongs_to_the_structure_that_it_is_of():
    sites = [structure_code(row_of(name).structure).meaning for name in ("LVEDV", "RVEF", "LVM", "MVO", "CO")]
    wall = "Left Ventricle Myocardium"
    assert sites == ["Left ventricle", "Right ventricle", wall, wall, "Left ventricle"]

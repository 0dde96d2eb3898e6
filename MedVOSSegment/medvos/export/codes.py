"""Codes of structures and units in SNOMED CT, LOINC and UCUM; the module's terminology has the same codes.

Values are those of DICOM PS3.16: CID 12233 (points of the cardiac cycle) and 12305 (parts of the heart). A structure
without a standard code gets one of the private scheme. Codes of measures are in `medvos.measure.catalogue`.
"""

from __future__ import annotations

from medvos.measure.dicom_code import OWN_SCHEME, Code
from medvos.structures import LA, LV, MVO, MYO, OBSTRUCTION, RV

ANATOMICAL_STRUCTURE = Code("123037004", "SCT", "Anatomical Structure")
ALTERED_STRUCTURE = Code("49755003", "SCT", "Morphologically Altered Structure")
STRUCTURE_CODES = {
    RV: Code("53085002", "SCT", "Right ventricle"),
    MYO: Code("49848007", "SCT", "Left Ventricle Myocardium"),
    LV: Code("87878005", "SCT", "Left ventricle"),
    LA: Code("82471001", "SCT", "Left atrium"),
    MVO: Code(OBSTRUCTION.name, OWN_SCHEME, "Microvascular obstruction"),
}
TISSUE = Code("85756007", "SCT", "Tissue")

CYCLE_POINT = Code("272518008", "SCT", "Cardiovascular Cycle Point")
END_DIASTOLE = Code("416190007", "SCT", "End diastole")
END_SYSTOLE = Code("416430001", "SCT", "End Systole")
LOWER = Code("371885007", "SCT", "-, range of lower measurement uncertainty")
UPPER = Code("371886008", "SCT", "+, range of upper measurement uncertainty")
IMAGING = Code("25056-3", "LN", "MRI unspecified body region")

# UCUM writes powers as plain digits, and 1 for a number without a unit.
_UCUM = str.maketrans({"²": "2", "³": "3", "·": ".", "µ": "u"})

COMMENT = Code("121106", "DCM", "Comment")


def category_code(label: int) -> Code:
    """Return the category of a label: an anatomical structure, or an altered one."""
    return ALTERED_STRUCTURE if label == MVO else ANATOMICAL_STRUCTURE


def structure_code(label: int) -> Code:
    """Return the structure of a label; tissue if the label is not known."""
    return STRUCTURE_CODES.get(label, TISSUE)


def unit_code(unit: str) -> Code:
    """Return the UCUM code of a unit of the catalogue, in ASCII.

    >>> unit_code("mL/m²").value
    'mL/m2'
    """
    ucum = unit.translate(_UCUM) or "1"
    return Code(ucum, "UCUM", ucum if unit else "no units")

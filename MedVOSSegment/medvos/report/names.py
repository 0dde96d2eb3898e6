"""What the measures are called in full, and which of them come first."""

from __future__ import annotations

HEADLINES = ("LVEF", "LVEDV", "LVESV", "LVM", "RVEF", "RVEDV")
LONG_NAMES = {
    "LVEDV": "LV end-diastolic volume",
    "LVESV": "LV end-systolic volume",
    "LVSV": "LV stroke volume",
    "LVEF": "LV ejection fraction",
    "LVM": "LV mass at end-diastole",
    "RVEDV": "RV end-diastolic volume",
    "RVESV": "RV end-systolic volume",
    "RVSV": "RV stroke volume",
    "RVEF": "RV ejection fraction",
    "CO": "Cardiac output",
    "MVO": "Microvascular obstruction",
    "LVEDVI": "LV end-diastolic volume per body surface",
    "LVESVI": "LV end-systolic volume per body surface",
    "LVSVI": "LV stroke volume per body surface",
    "LVMI": "LV mass per body surface",
    "RVEDVI": "RV end-diastolic volume per body surface",
    "RVESVI": "RV end-systolic volume per body surface",
    "RVSVI": "RV stroke volume per body surface",
    "CI": "Cardiac index",
    "LVPER": "LV peak ejection rate",
    "LVPFR": "LV peak filling rate",
    "RVPER": "RV peak ejection rate",
    "RVPFR": "RV peak filling rate",
    "MVOM": "Microvascular obstruction, part of LV mass",
    "HR": "Heart rate, from the beats in the clip",
}

"""Data of the person as a report prints them: as they were given or read, nothing that identifies anybody."""

from __future__ import annotations

from medvos.measure.subject import AREA_FORMULA, Subject

SEXES = {"F": "female", "M": "male"}
OLDEST = 90  # files' ages above are stored as this one


def fact_rows(subject: Subject) -> tuple[tuple[str, str], ...]:
    """Return name and text of each fact that is known.

    >>> fact_rows(Subject("F", 44, 168, 61))[-1]
    ('BSA (Mosteller 1987)', '1.69 m²')
    """
    area = subject.body_surface_area
    rows = (
        ("sex", SEXES.get(subject.sex or "", "")),
        ("age", "" if subject.age_years is None else _age(subject.age_years)),
        ("height", "" if subject.height_cm is None else f"{subject.height_cm:g} cm"),
        ("weight", "" if subject.weight_kg is None else f"{subject.weight_kg:g} kg"),
        (f"BSA ({AREA_FORMULA})", "" if area is None else f"{area:.2f} m²"),
        ("heart rate", "" if subject.heart_rate is None else f"{subject.heart_rate:.0f} per minute"),
        ("shunt or regurgitation", "stated to be known" if subject.known_shunt else ""),
    )
    return tuple((name, text) for name, text in rows if text)


def _age(years: int) -> str:
    return f"{years} years or more" if years == OLDEST else f"{years} years"

"""Write the measures of the catalogue into the JSON schema of report.json.

    python Utilities/write_schema.py

Run it after a measure was added to ``medvos/measure/catalogue.py``; a test checks that the schema is up to date.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[1] / "MedVOSSegment"
SCHEMA = ENGINE / "medvos" / "report" / "report.schema.json"


def with_catalogue(schema: str) -> str:
    """Return the text of the schema with the names and units of the catalogue's measures, and the required ones."""
    from medvos.measure.catalogue import CATALOGUE

    start = schema.index('"measures": {')
    end = schema.index('"curves": {')
    measures = schema[start:end]
    names = ",\n          ".join(json.dumps(row.name) for row in CATALOGUE)
    measures = _replaced(measures, r'("propertyNames": \{\s*"enum": \[\s*)[^\]]*?(\s*\])', names)
    units = dict.fromkeys(row.unit for row in CATALOGUE)
    measures = _replaced(measures, r'("unit": \{\s*"enum": \[)[^\]]*(\])', _listed(units))
    required = [row.name for row in CATALOGUE if row.required]
    measures = _replaced(measures, r'("required": \[)[^\]]*(\]\s*\},\s*)$', _listed(required))
    return schema[:start] + measures + schema[end:]


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(json.dumps(text, ensure_ascii=False) for text in texts)


def _replaced(text: str, pattern: str, middle: str) -> str:
    found, count = re.subn(pattern, lambda match: match[1] + middle + match[2], text)
    if count != 1:
        raise ValueError(f"the schema has {count} places like {pattern}, not one")
    return found


def main() -> None:
    """Rewrite the schema in the engine's source."""
    sys.path.insert(0, str(ENGINE))
    SCHEMA.write_text(with_catalogue(SCHEMA.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

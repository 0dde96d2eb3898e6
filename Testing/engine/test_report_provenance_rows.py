"""How a result was made: rows of the report, and keys of report.json."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest

from medvos.measure.measure import measure
from medvos.report.document import report_document
from medvos.report.provenance_rows import provenance_rows
from medvos.result import Result


def test_how_far_each_structure_of_a_clip_is_followed_is_a_row_and_what_is_carried_a_doubt_alone(a_result: Result):
    told = {"followed": {"LV": 1.0, "LA": 0.04}, "carried": {"3": [7]}}
    rows = dict(provenance_rows(replace(a_result, provenance=told)))
    assert rows["followed from the drawing"] == "by the network LV 100 %, LA 4 %; the rest by the motion of the images"
    assert "followed" not in rows and "carried" not in rows


def test_structures_that_motion_carries_follow_the_schema(a_result: Result):
    schema = json.loads(files("medvos.report").joinpath("report.schema.json").read_text())
    told = {**a_result.provenance, "followed": {"LV": 0.42}, "carried": {"3": [7]}}
    document = report_document(replace(a_result, provenance=told), measure(a_result))
    jsonschema.validate(json.loads(json.dumps(document, allow_nan=False)), schema)
    for wrong in ({"followed": {"LV": None}}, {"carried": {"3": 7}}, {"carried": {"base": [7]}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**document, "provenance": {**document["provenance"], **wrong}}, schema)

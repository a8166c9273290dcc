"""Dataclasses as the JSON that travels between the states, and back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest

from codepipeline_orchestrator.model.documents import (
    from_document,
    json_name,
    json_object,
    to_document,
)


class Color(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Inner:
    a_name: str
    since: datetime | None = None


@dataclass(frozen=True)
class Outer:
    first_field: int
    color: Color = Color.RED
    inner: Inner | None = None
    several: tuple[Inner, ...] = ()
    words: tuple[str, ...] = ()
    free: dict[str, int] = field(default_factory=dict)


NINE = datetime(2026, 1, 5, 9, tzinfo=UTC)
WHOLE = Outer(1, Color.BLUE, Inner("x", NINE), (Inner("y"),), ("w",), {"snake_case": 1})


@pytest.mark.parametrize(
    "value", [Outer(1), Outer(0, inner=Inner("x")), WHOLE, Outer(2, words=("a", "b"))]
)
def test_a_value_is_read_as_it_was_written(value):
    assert from_document(Outer, json.loads(json.dumps(to_document(value)))) == value


def test_names_are_camel_case_but_for_those_that_are_data():
    assert to_document(WHOLE) == {
        "firstField": 1,
        "color": "blue",
        "inner": {"aName": "x", "since": "2026-01-05T09:00:00+00:00"},
        "several": [{"aName": "y"}],
        "words": ["w"],
        "free": {"snake_case": 1},
    }
    assert json_name("pipeline_execution_id") == "pipelineExecutionId"


def test_what_equals_its_default_is_left_out():
    assert to_document(Outer(1)) == {"firstField": 1}


def test_times_are_written_in_utc():
    elsewhere = NINE.astimezone(timezone(timedelta(hours=5)))
    assert to_document(Inner("x", elsewhere))["since"] == "2026-01-05T09:00:00+00:00"


def test_what_another_version_wrote_is_left_out_and_what_it_did_not_is_the_default():
    assert from_document(Outer, {"firstField": 1, "later": 2, "first_field": 3}) == Outer(1)
    assert from_document(Outer, {"firstField": 1, "inner": None}) == Outer(1)


def test_a_required_field_that_is_missing_is_named():
    with pytest.raises(TypeError, match="first_field"):
        from_document(Outer, {})


@pytest.mark.parametrize(
    "text, found",
    [
        ('{"a": [1]}', {"a": [1]}),
        ("{}", {}),
        ("[1]", {}),
        ('"{}"', {}),
        ("not JSON", {}),
        ("", {}),
        (None, {}),
    ],
)
def test_any_text_is_read_as_a_json_object_or_as_an_empty_one(text, found):
    assert json_object(text) == found

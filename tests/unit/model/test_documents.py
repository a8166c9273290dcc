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
def test_a_value_reads_back_unchanged(value):
    assert from_document(Outer, json.loads(json.dumps(to_document(value)))) == value


def test_field_names_are_camel_case_and_data_keys_are_unchanged():
    assert to_document(WHOLE) == {
        "firstField": 1,
        "color": "blue",
        "inner": {"aName": "x", "since": "2026-01-05T09:00:00+00:00"},
        "several": [{"aName": "y"}],
        "words": ["w"],
        "free": {"snake_case": 1},
    }
    assert json_name("pipeline_execution_id") == "pipelineExecutionId"


def test_fields_equal_to_their_default_are_omitted():
    assert to_document(Outer(1)) == {"firstField": 1}


def test_times_are_written_in_utc():
    elsewhere = NINE.astimezone(timezone(timedelta(hours=5)))
    assert to_document(Inner("x", elsewhere))["since"] == "2026-01-05T09:00:00+00:00"


def test_unknown_fields_are_ignored_and_missing_ones_get_defaults():
    assert from_document(Outer, {"firstField": 1, "later": 2, "first_field": 3}) == Outer(1)
    assert from_document(Outer, {"firstField": 1, "inner": None}) == Outer(1)


def test_the_error_for_a_missing_field_names_it():
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
def test_text_without_a_json_object_is_read_as_an_empty_object(text, found):
    assert json_object(text) == found

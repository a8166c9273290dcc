from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.parsing import ADDED_BY_AWS, parse_input
from docs.generate import SCHEMA, schema_text

DOCUMENT = json.loads(SCHEMA.read_text(encoding="utf-8"))
OURS, WAITERS = DOCUMENT["$defs"]["RunInput"], DOCUMENT["$defs"]["WaiterInput"]
ID = "aaaaaaaa-1111-2222-3333-444444444444"
WRONG: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, False, 0, 1, 1.0, 2.5, 1e300, float("inf"), "", "x", "5", [], {}, "ü😀", "\ud800"]
)
OUTPUTS = st.sampled_from(
    [
        "A.b_c",
        "A_b.c",
        "A.b",
        "revision.x",
        "revision_x.y",
        "Revision.x",
        "revisions.x",
        "A.revision_x",
    ]
)


def _pattern(_validator, pattern, instance, _schema):
    if isinstance(instance, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


VALIDATOR = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": _pattern})(
    DOCUMENT
)


def is_read(document: Any) -> bool:
    try:
        parse_input(document)
    except InvalidInput:
        return False
    return True


def is_inexpressible(document: Any) -> bool:
    outputs = [name.replace(".", "_") for name in _strings(document.get("outputVariables"))]
    variables = [each.get("name") for each in _objects(document.get("variables"))]
    revisions = [
        (each.get("actionName"), each.get("revisionType"))
        for each in _objects(document.get("sourceRevisions"))
    ]
    if isinstance(started := document.get("startedAfter"), str) and started != "run":
        try:
            datetime.fromisoformat(started)
        except ValueError:
            return True
    known = {name: value for name, value in document.items() if name not in ADDED_BY_AWS}
    try:
        json.dumps(known, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return any(len(each) > len({*map(str, each)}) for each in (outputs, variables, revisions))


def _strings(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def near(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return near(DOCUMENT["$defs"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return st.one_of(*map(near, schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from([*schema["enum"], "START"])
    return _KINDS[schema.get("type", "null")](schema)


def near_text(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    pattern = schema.get("pattern", r"^[a-z ]+$").removesuffix("$") + r"\Z"
    right = st.from_regex(pattern).map(lambda text: text[: schema.get("maxLength")])
    longest = schema.get("maxLength", 100)
    return (
        right
        | right.map(lambda text: f"{text}\n")
        | st.sampled_from(["", "a", "é", "p" * longest, "p" * (longest + 1), "😀" * longest])
    )


def near_number(schema: dict[str, Any]) -> st.SearchStrategy[float]:
    bounds = (schema["minimum"], schema["maximum"])
    return st.sampled_from([value + step for value in bounds for step in (-1, 0, 0.0, 0.5, 1)])


def near_list(schema: dict[str, Any]) -> st.SearchStrategy[list[Any]]:
    item = OUTPUTS | near(schema["items"]) if "not" in schema["items"] else near(schema["items"])
    most = schema["maxItems"]
    return st.lists(item | item | WRONG, max_size=3) | item.flatmap(
        lambda each: st.sampled_from([[each], [each, each], [each] * most, [each] * (most + 1)])
    )


def near_object(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    fields = {name: near(each) for name, each in schema["properties"].items()}
    required = {name: fields[name] for name in schema["required"]}
    whole = st.fixed_dictionaries(required)
    return whole | whole | st.dictionaries(st.sampled_from([*fields, "x"]), WRONG, max_size=3)


_KINDS = {
    "object": near_object,
    "array": near_list,
    "string": near_text,
    "integer": near_number,
    "boolean": lambda _: st.booleans(),
    "null": lambda _: st.none(),
}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    dialect = draw(st.sampled_from([OURS, OURS, OURS, WAITERS]))
    properties = dialect["properties"]
    names = draw(st.lists(st.sampled_from(list(properties)), max_size=4, unique=True))
    document = {name: draw(near(properties[name])) for name in names}
    for name in dialect["required"]:
        document.setdefault(name, "p")
    spoil = draw(st.sampled_from(["", "", "", "", "wrong", "unknown", "missing", "mixed"]))
    if spoil == "wrong":
        document[draw(st.sampled_from(list(properties)))] = draw(WRONG)
    elif spoil == "unknown":
        document[draw(st.sampled_from(["x", "Mode", "pipeline_name", "", "\ud800", "$ref"]))] = "p"
    elif spoil == "missing":
        document.pop(draw(st.sampled_from(sorted(document))))
    elif spoil == "mixed":
        document |= {"targetname": "p", "pipelineName": "p"}
    return document


def test_the_committed_schema_is_generated_from_the_model():
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "run `make generate`"
    assert SCHEMA.is_relative_to(Path(__file__).parents[3] / "statemachine")


@given(documents())
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@example({"pipelineName": "p", "timeoutMinutes": 60.0})
@example({"pipelineName": "p", "timeoutMinutes": 60.5})
@example({"pipelineName": "p", "maxStageRetries": True})
@example({"pipelineName": "p", "variables": None, "mode": "latest"})
@example({"pipelineName": "p", "pipelineExecutionId": None, "mode": "latest"})
@example({"pipelineName": "p", "pipelineExecutionId": ID, "wait": False})
@example({"pipelineName": "p", "onNeverRun": "fail"})
@example({"pipelineName": "p", "mode": "latest", "startedAfter": "2026-02-29T09:00:00Z"})
@example({"pipelineName": "p", "mode": "latest", "startedAfter": None, "onNeverRun": "fail"})
@example({"pipelineName": "p\n"})
@example({"pipelineName": "p", "clientRequestToken": "\ud800"})
@example({"pipelineName": "p", "outputVariables": ["A.b_c", "A_b.c"]})
@example({"pipelineName": "p", "outputVariables": ["revision.App"]})
@example({"pipelineName": "p", "outputVariables": ["revision_App.x"]})
@example({"targetname": "p", "trigger": " TRUE "})
@example({"targetname": "p", "trigger": 1})
@example({"targetname": "p", "assumerolearn": None})
@example({"targetname": "p", "assumerolearn": 0})
@example({"targetname": "p", "assumerolearn": []})
@example({"targetname": "p", "assumerolearn": "arn:x"})
@example({"targetname": "p", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": {"a": [1]}})
@example({"pipelineName": "p", "variables": [{"name": "A", "value": "1"}] * 2})
@example({"pipelineName": "p", "variables": [{"name": "A", "value": v} for v in "12"]})
def test_the_schema_accepts_what_the_parser_accepts(document):
    expected = VALIDATOR.is_valid(document) and not is_inexpressible(document)

    assert is_read(document) is expected


@pytest.mark.parametrize("rule", OURS["allOf"], ids=lambda rule: rule["$comment"])
def test_every_rule_about_combinations_in_the_schema_is_needed(rule):
    rules = [each for each in OURS["allOf"] if each is not rule]
    definitions = {**DOCUMENT["$defs"], "RunInput": {**OURS, "allOf": rules}}
    weaker = jsonschema.Draft202012Validator({**DOCUMENT, "$defs": definitions})

    accepted = [document for document in COMBINED if weaker.is_valid(document)]
    assert not all(is_read(document) for document in accepted)


COMBINED = [
    {"pipelineName": "p", **fields}
    for fields in (
        {"pipelineExecutionId": ID, "mode": "start"},
        {"mode": "latest", "ifRunning": "skip"},
        {"onNeverRun": "fail"},
        {"startedAfter": "run"},
        {"mode": "latest", "startedAfter": "run", "onNeverRun": "fail"},
        {"mode": "idle", "onTimeout": "stop"},
        {"wait": False, "onTimeout": "stop"},
    )
]

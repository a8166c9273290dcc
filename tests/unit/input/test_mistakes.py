from __future__ import annotations

import json
import re
from itertools import product

import pytest
from pydantic import ValidationError

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.fields import RunInput
from codepipeline_orchestrator.input.mistakes import ALLOWED, sentences, shown
from codepipeline_orchestrator.input.parsing import parse_input

KNOWN = (
    "pipelineName, roleArn, externalId, region, mode, pipelineExecutionId, wait, variables, "
    "sourceRevisions, clientRequestToken, ifRunning, onNeverRun, startedAfter, "
    "timeoutMinutes, onSuperseded, onRestarted, "
    "onTimeout, onAbort, maxStageRetries, outputVariables"
)
SCHEMA = RunInput.model_json_schema()
REVISION = {"actionName": "A", "revisionType": "COMMIT_ID", "revisionValue": "abc"}


@pytest.mark.parametrize(
    "given, words",
    [
        (
            {"pipelineName": 5},
            (
                "pipelineName: 5 was given, without quotes. It must be a pipeline's name: 1 to 100 "
                "letters, digits and the characters .@_-."
            ),
        ),
        ({"x": 1}, f"x: unknown field. Known fields are {KNOWN}."),
        ({"7": 1}, f"7: unknown field. Known fields are {KNOWN}."),
        ({"x" * 99: 1}, f"{'x' * 99}: unknown field. Known fields are {KNOWN}."),
        ({"x" * 100: 1}, f"'{'x' * 47}...{'x' * 48}': unknown field. Known fields are {KNOWN}."),
        ({"a b": 1}, f"'a b': unknown field. Known fields are {KNOWN}."),
        ({"Region": "eu-west-1"}, "Region: unknown field (did you mean region?)."),
        ({"TRIGGER": 1}, "TRIGGER: unknown field (did you mean trigger?)."),
        (
            {"variables": [{"name": "A", "value": "b", "nam": 1}]},
            "variables.0.nam: unknown field (did you mean name?).",
        ),
        (
            {"variables": [{"name": "A", "value": "b", "x": 1}]},
            "variables.0.x: unknown field. Known fields are name, value.",
        ),
        (
            {"variables": [{"name": "A"}]},
            "variables.0.value: missing. The variable's value, 1 to 1,000 characters.",
        ),
        (
            {"variables": [{"nam": "A", "valeu": "b"}, {"x": "A"}]},
            (
                "variables.0.nam: unknown field (did you mean name?); variables.0.valeu: unknown "
                "field (did you mean value?); variables.1.name: missing. The variable's name in "
                "the pipeline's definition; variables.1.value: missing. The variable's value, 1 to "
                "1,000 characters; variables.1.x: unknown field. Known fields are name, value."
            ),
        ),
        (
            {"variables": [3]},
            (
                'variables.0: 3 was given. It must be an object such as {"name": "STAGE", "value": '
                '"prod"}.'
            ),
        ),
        (
            {"sourceRevisions": [{**REVISION, "revisionType": "COMMIT"}]},
            (
                "sourceRevisions.0.revisionType: 'COMMIT' was given (did you mean COMMIT_ID?). "
                "It must be COMMIT_ID, IMAGE_DIGEST, S3_OBJECT_VERSION_ID or S3_OBJECT_KEY."
            ),
        ),
        (
            {"mode": "Lastest"},
            ("mode: 'Lastest' was given (did you mean latest?). It must be start, latest or idle."),
        ),
        ({"mode": None}, "mode: null was given. It must be start, latest or idle."),
        (
            {"timeoutMinutes": "60"},
            (
                "timeoutMinutes: '60' was given, in quotes. It must be a whole number from 1 to "
                "525,000 (1,420 in a Lambda action)."
            ),
        ),
        (
            {"mode": "idle", "wait": False},
            (
                "wait: false ends the run once it has started the target, but mode 'idle' starts "
                "nothing."
            ),
        ),
        (
            {"region": 1, "wait": 2},
            (
                "region: 1 was given, without quotes. It must be a Region such as eu-west-1; "
                "wait: 2 was given. It must be true or false."
            ),
        ),
    ],
    ids=lambda given: None if isinstance(given, str) else json.dumps(given)[:40],
)
def test_a_mistake_is_reported_with_its_field_and_the_allowed_values(given, words):
    with pytest.raises(InvalidInput) as caught:
        parse_input({"pipelineName": "p", **given})
    assert str(caught.value) == words


def test_each_mistake_has_its_own_sentence_with_the_name_in_the_dialect():
    with pytest.raises(InvalidInput) as caught:
        parse_input({"pipelineName": 5, "x": 1})

    cause = caught.value.__cause__
    assert isinstance(cause, ValidationError)
    told = list(sentences(cause, {"pipelineName": "targetname"}))

    assert [each.partition(": ")[0] for each in told] == ["targetname", "x"]


WRONG = ["", "a b", "x" * 3000, "x", 0, -1, 1.5, True, None, [], [1] * 51, ["x"], {}, {"x": 1}]
PYDANTICS = re.compile(r"\b(Input|String|List|Value) should|a valid|\[A-Z|\^|pydantic|dictionary")


def documents():
    lists = {"variables": ["name", "value"], "sourceRevisions": list(REVISION)}
    for name, wrong in product(SCHEMA["properties"], WRONG):
        yield {name: wrong}
        if SCHEMA["properties"][name].get("anyOf", [{}])[0].get("type") == "array":
            yield {name: [wrong]}
            yield from ({name: [{field: wrong}]} for field in lists.get(name, []))


def message(document):
    try:
        parse_input({"pipelineName": "p", **document})
    except InvalidInput as error:
        return str(error)
    return ""


def test_no_mistake_is_reported_with_pydantics_words_or_a_regular_expression():
    found = [message(each) for each in documents()]

    assert len(list(filter(None, found))) > 300
    assert [each for each in found if PYDANTICS.search(each)] == []


def constraints(schema, path=""):
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    schema = {**schema, **schema.get("anyOf", [{}])[0]}
    limits = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems")
    yield path, [schema[each] for each in limits if each in schema], "enum" in schema
    if "items" in schema:
        yield from constraints(schema["items"], f"{path}.*")
    for name, each in schema.get("properties", {}).items():
        yield from constraints(each, f"{path}.{name}".lstrip("."))


def test_the_allowed_values_of_each_field_are_described_with_its_limits():
    found = {path: limits for path, limits, is_enum in constraints(SCHEMA) if path and not is_enum}

    assert ALLOWED.keys() == found.keys()
    assert [
        (path, limit)
        for path, limits in found.items()
        for limit in limits
        if f"{limit:,}" not in ALLOWED[path]
    ] == []


def test_the_example_of_each_field_is_accepted():
    examples = {
        path: re.split(r",? with ", text.partition("such as ")[2])[0]
        for path, text in ALLOWED.items()
        if "." not in path and "such as" in text
    }

    assert len(examples) == 7
    for name, example in examples.items():
        value = json.loads(example) if example.startswith("{") else example
        given = {name: [value] if f"{name}.*" in ALLOWED else value}
        assert "was given" not in message(given), name


@pytest.mark.parametrize(
    "mistakes, end", [(5, "outputVariables."), (6, "outputVariables; and 1 more mistakes.")]
)
def test_at_most_five_mistakes_are_listed(mistakes, end):
    with pytest.raises(InvalidInput) as caught:
        parse_input({"pipelineName": "p", **{f"x{n}": 1 for n in range(mistakes)}})
    assert str(caught.value).count("unknown field") == 5
    assert str(caught.value).endswith(end)


@pytest.mark.parametrize(
    "value, words",
    [
        ("x" * 98, f"'{'x' * 98}'"),
        ("x" * 99, f"'{'x' * 47}...{'x' * 48}'"),
        ([[[1]]], "[[[...]]]"),
        ({"a": {"b": {"c": 1}}}, "{'a': {'b': {...}}}"),
        ("a\n\x1b[31m", r"'a\n\x1b[31m'"),
    ],
)
def test_a_value_is_shown_shortened_and_without_control_characters(value, words):
    assert shown(value) == words

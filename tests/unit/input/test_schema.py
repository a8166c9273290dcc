"""The committed JSON Schema of the input."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.parsing import parse_input
from docs.generate import SCHEMA, schema_text

VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_the_committed_schema_is_the_models():
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "run `make generate`"
    assert SCHEMA.is_relative_to(Path(__file__).parents[3] / "statemachine")


@pytest.mark.parametrize(
    "document",
    [
        {"pipelineName": "MyFirstPipeline"},
        {"targetname": "p", "assumerolearn": "arn:aws:iam::111122223333:role/r", "trigger": True},
        {"pipelineName": "p", "mode": "latest", "timeoutMinutes": 5, "region": "eu-west-1"},
        {"pipelineName": "p", "variables": [{"name": "A", "value": "b"}]},
        {},
        {"pipelineName": "a b"},
        {"pipelineName": "p", "mode": "newest"},
        {"pipelineName": "p", "timeoutMinutes": "5"},
        {"pipelineName": "p", "wait": "no"},
        {"pipelinName": "p"},
        {"targetname": "p", "region": "eu-west-1"},
        {"targetname": "p", "trigger": "yes"},
    ],
)
def test_the_schema_and_the_reader_agree(document):
    try:
        parse_input(document)
        read = True
    except InvalidInput:
        read = False
    assert VALIDATOR.is_valid(document) is read

"""Checks the requests and responses of every operation against botocore's model."""

from __future__ import annotations

import json
import re
from itertools import chain
from pathlib import Path

import botocore.session
import pytest
import requests
from botocore import xform_name
from botocore.parsers import create_parser
from botocore.validate import ParamValidator

from codepipeline_sandbox.codepipeline.responses import OPERATIONS
from tests.sandbox.codepipeline.declarations import REGION
from tests.sandbox.codepipeline.examples import Examples
from tests.sandbox.codepipeline.requests_outside import incomplete, of_wrong_types, outside_limits

MODEL = botocore.session.get_session().get_service_model("codepipeline")
URL = f"https://codepipeline.{REGION}.amazonaws.com/"
PAGE = Path(__file__).parents[3] / "docs" / "sandbox.md"


def send(operation, request):
    headers = {
        "X-Amz-Target": f"CodePipeline_20150709.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
    }
    return requests.post(URL, headers=headers, data=json.dumps(request), timeout=5)


@pytest.fixture
def example(isolated_codepipeline, client):
    examples = Examples(isolated_codepipeline, client)
    return lambda operation: getattr(examples, xform_name(operation))()


@pytest.mark.rule("R4")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_answer_has_the_shape_that_clients_expect(example, operation):
    # given
    request = example(operation)
    output = MODEL.operation_model(operation).output_shape

    # when
    response = send(operation, request)

    # then
    assert response.status_code == 200, response.text
    if output is None:
        assert response.text in {"", "{}"}
        return
    parsed = create_parser("json").parse(
        {"status_code": 200, "headers": {}, "body": response.content}, output
    )
    del parsed["ResponseMetadata"]
    # botocore reads only members that the model defines, so a member that is missing after
    # parsing is not in the model.
    assert members(parsed) == members(response.json())
    assert violations(parsed, output) == []


def violations(document, shape):
    """The violations in the document, except in currentRevision, where AWS omits members."""
    report = ParamValidator().validate(document, shape).generate_report()
    return [line for line in report.splitlines() if "currentRevision" not in line]


def members(value):
    if isinstance(value, dict):
        return {name: members(inner) for name, inner in value.items()}
    return [members(inner) for inner in value] if isinstance(value, list) else None


@pytest.mark.rule("R1")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_request_outside_the_model_is_refused_and_changes_nothing(example, client, operation):
    # given
    request = example(operation)
    shape = MODEL.operation_model(operation).input_shape
    assert shape is not None
    assert set(request) | left_out(operation) == set(shape.members)
    before = everything(client)

    # when
    answers = [
        (words, send(operation, wrong))
        for words, wrong in chain(outside_limits(shape, request), incomplete(shape, request))
    ]
    garbled = [send(operation, wrong) for wrong in of_wrong_types(shape, request)]

    # then
    for words, answer in answers:
        assert (answer.status_code, error(answer)) == (400, "ValidationException"), answer.text
        assert words in answer.json()["message"]
    for answer in garbled:
        assert (answer.status_code, error(answer)) == (400, "SerializationException"), answer.text
    assert answers
    assert garbled
    assert everything(client) == before


def left_out(operation):
    alone = {"PutJobSuccessResult": "continuationToken", "ListTagsForResource": "nextToken"}
    return {alone[operation]} if operation in alone else set()


def error(answer):
    return answer.json()["__type"].rpartition("#")[2]


def everything(client):
    names = [each["name"] for each in client.list_pipelines()["pipelines"]]
    return [
        (
            client.get_pipeline(name=name)["pipeline"],
            client.get_pipeline_state(name=name)["stageStates"],
            client.list_pipeline_executions(pipelineName=name)["pipelineExecutionSummaries"],
            client.list_action_executions(pipelineName=name)["actionExecutionDetails"],
        )
        for name in names
    ]


@pytest.mark.rule("R5")
def test_unsupported_operations_are_refused_and_listed_in_the_documentation(
    isolated_codepipeline,
):
    # given
    absent = {name for name in MODEL.operation_names if name not in OPERATIONS}
    named = re.search(r"\n\nMissing operations: (.*?)\n\n", PAGE.read_text(), re.DOTALL)

    # when
    answers = {name: send(name, {}) for name in absent}

    # then
    assert named is not None
    assert set(re.findall(r"`(\w+)`", named[1])) == absent
    answers["NewerThanTheModel"] = send("NewerThanTheModel", {})
    for name, answer in answers.items():
        assert (answer.status_code, error(answer)) == (400, "UnknownOperationException")
        assert name in answer.json()["message"]

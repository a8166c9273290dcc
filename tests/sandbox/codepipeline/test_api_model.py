from __future__ import annotations

import json

import botocore.session
import pytest
import requests

from codepipeline_sandbox import api_model
from codepipeline_sandbox.api_model import (
    ResponseOutsideModel,
    SerializationException,
    ValidationException,
    check_request,
    check_response,
)
from codepipeline_sandbox.codepipeline import exceptions
from tests.sandbox.codepipeline.declarations import pipeline

ONE = "1 validation error detected: "


@pytest.mark.rule("R1")
@pytest.mark.parametrize(
    "operation,parameters,message",
    [
        (
            "GetPipeline",
            {"name": "a b"},
            (
                f"{ONE}Value 'a b' at 'name' failed to satisfy constraint: "
                r"Member must satisfy regular expression pattern: [A-Za-z0-9.@\-_]+"
            ),
        ),
        (
            "GetPipeline",
            {},
            f"{ONE}Value null at 'name' failed to satisfy constraint: Member must not be null",
        ),
        (
            "ListPipelines",
            {"maxResults": 0},
            (
                f"{ONE}Value '0' at 'maxResults' failed to satisfy constraint: "
                "Member must have value greater than or equal to 1"
            ),
        ),
        (
            "RetryStageExecution",
            {
                "pipelineName": "p",
                "stageName": "s",
                "pipelineExecutionId": "00000000-0000-0000-0000-000000000000",
                "retryMode": "SOME",
            },
            (
                f"{ONE}Value 'SOME' at 'retryMode' failed to satisfy constraint: "
                "Member must satisfy enum value set: [FAILED_ACTIONS, ALL_ACTIONS]"
            ),
        ),
        (
            "StartPipelineExecution",
            {"name": "p", "variables": [{"name": "n", "value": "v"}, {"name": "n"}]},
            (
                f"{ONE}Value null at 'variables.2.member.value' failed to satisfy constraint: "
                "Member must not be null"
            ),
        ),
    ],
)
def test_a_request_outside_the_model_is_refused_in_aws_words(operation, parameters, message):
    with pytest.raises(ValidationException) as caught:
        check_request("codepipeline", operation, parameters)
    assert caught.value.message == message


@pytest.mark.rule("R1")
def test_all_violations_are_reported_together():
    with pytest.raises(ValidationException) as caught:
        check_request("codepipeline", "ListPipelines", {"maxResults": 1001, "nextToken": ""})
    assert caught.value.message.startswith("2 validation errors detected: Value '' at 'nextToken'")
    assert "; Value '1001' at 'maxResults'" in caught.value.message


def test_violations_in_maps_name_the_limits_of_keys_or_values():
    # given
    declaration = pipeline()
    compiling = declaration["stages"][1]["actions"][0]

    # when
    compiling["configuration"] = {"Key": "", "k" * 51: "value"}
    with pytest.raises(ValidationException) as caught:
        check_request("codepipeline", "CreatePipeline", {"pipeline": declaration})

    # then
    assert (
        "at 'pipeline.stages.2.member.actions.1.member.configuration' failed to satisfy "
        "constraint: Map value must satisfy constraint: [Member must have length less than or "
        "equal to 1000, Member must have length greater than or equal to 1]"
    ) in caught.value.message
    assert "Map keys must satisfy constraint: [" in caught.value.message


def test_sensitive_values_are_never_repeated():
    with pytest.raises(ValidationException) as caught:
        check_request(
            "stepfunctions",
            "StartExecution",
            {"stateMachineArn": "arn", "input": "secret" * 50_000},
        )
    assert "Value at 'input' failed to satisfy constraint" in caught.value.message
    assert "secret" not in caught.value.message


def test_lengths_are_counted_in_utf_16_units_as_in_java():
    # given 100 characters that are two UTF-16 units each
    reason = "\N{ROCKET}" * 100
    request = {
        "pipelineName": "p",
        "pipelineExecutionId": "00000000-0000-0000-0000-000000000000",
    }

    # when, then
    check_request("codepipeline", "StopPipelineExecution", {**request, "reason": reason})
    with pytest.raises(ValidationException, match="less than or equal to 200"):
        check_request("codepipeline", "StopPipelineExecution", {**request, "reason": reason + "!"})


@pytest.mark.parametrize(
    "parameters", [{"name": 3}, {"name": ["p"]}, {"name": "p", "version": True}, ["p"]]
)
def test_a_value_of_the_wrong_type_cannot_be_serialized(parameters):
    with pytest.raises(SerializationException, match="can not be converted to"):
        check_request("codepipeline", "GetPipeline", parameters)


def test_java_character_classes_are_supported():
    check_request("iam", "TagRole", {"RoleName": "r", "Tags": [{"Key": "Größe", "Value": "ß"}]})
    with pytest.raises(ValidationException, match="must satisfy regular expression"):
        check_request("iam", "TagRole", {"RoleName": "r", "Tags": [{"Key": "{}", "Value": ""}]})


@pytest.mark.rule("R3")
def test_unknown_members_of_a_request_are_ignored_and_nulls_are_absent():
    check_request("codepipeline", "GetPipeline", {"name": "p", "color": "red", "version": None})


@pytest.mark.rule("R4")
@pytest.mark.parametrize(
    "operation,document,words",
    [
        ("StartPipelineExecution", {"pipelineExecutionId": "nonsense"}, "pattern"),
        ("StartPipelineExecution", {"executionId": "x"}, "unknown"),
        ("GetPipelineExecution", {"pipelineExecution": {"status": "Queued"}}, "enum"),
        ("GetPipelineState", {"created": []}, "timestamp"),
        ("DeletePipeline", {"name": "p"}, "has an empty response"),
        (
            "GetPipelineState",
            {"stageStates": [{"latestExecution": {"status": "Failed"}}]},
            "'stageStates.1.member.latestExecution.pipelineExecutionId'",
        ),
    ],
)
def test_a_response_outside_the_model_is_a_defect(operation, document, words):
    with pytest.raises(ResponseOutsideModel, match=operation) as caught:
        check_response("codepipeline", operation, document)
    assert words in str(caught.value)


@pytest.mark.rule("R4", "S3")
def test_omissions_that_aws_itself_makes_are_not_defects():
    action = {"actionName": "Source", "currentRevision": {"revisionId": "r"}}
    document = {"stageStates": [{"stageName": "Source", "actionStates": [action]}]}
    check_response("codepipeline", "GetPipelineState", document)
    check_response("codepipeline", "DeletePipeline", {})


@pytest.mark.rule("R5")
def test_an_unsupported_operation_is_refused_by_name(client, refused):
    with refused("UnknownOperationException", "ListWebhooks"):
        client.list_webhooks()
    assert "ListWebhooks" in api_model.operations("codepipeline")


@pytest.mark.rule("R2")
def test_errors_have_the_documented_body_and_status(isolated_codepipeline):
    # given
    assert isolated_codepipeline.world.now
    headers = {
        "X-Amz-Target": "CodePipeline_20150709.GetPipeline",
        "Content-Type": "application/x-amz-json-1.1",
    }
    url = "https://codepipeline.eu-central-1.amazonaws.com/"

    # when
    response = http_post(url, headers, b'{"name": "ghost"}')
    garbled = http_post(url, headers, b"{")

    # then
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/x-amz-json-1.1"
    body = json.loads(response.content)
    assert body["__type"].endswith("PipelineNotFoundException")
    assert "'ghost'" in body["message"]
    assert json.loads(garbled.content)["__type"].endswith("SerializationException")


@pytest.mark.rule("R2")
def test_every_error_is_in_the_api_model():
    # given
    model = botocore.session.get_session().get_service_model("codepipeline")
    ours = {name for name in vars(exceptions) if name.endswith("Exception") and name[0] != "_"}

    # when
    unknown = {name for name in ours if name not in model.shape_names}

    # then
    assert unknown == {"UnknownOperationException"}
    for name in ours - unknown:
        status = model.shape_for(name).metadata.get("error", {}).get("httpStatusCode", 400)
        assert getattr(exceptions, name).code == status


def http_post(url, headers, body):
    return requests.post(url, headers=headers, data=body, timeout=5)

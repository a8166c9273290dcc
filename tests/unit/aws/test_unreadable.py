from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from codepipeline_orchestrator.aws import clients, unreadable
from codepipeline_orchestrator.aws.unreadable import UnreadableAnswer

XML = '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
KEYS: dict[str, Any] = {"aws_access_key_id": "canary-key", "aws_secret_access_key": "canary-secret"}
ROLE = {"RoleArn": "arn:aws:iam::222233334444:role/t", "RoleSessionName": "run-1"}


class Body:
    def __init__(self, text):
        self.text = text

    def stream(self):
        yield self.text.encode()


def asked(service, operation, body, *, status=200, **more):
    session = botocore.session.get_session()
    unreadable.raise_in(session)
    client: Any = session.create_client(service, "eu-west-1", **KEYS)
    answer: Any = AWSResponse("https://example.com", status, HTTPHeaders(), Body(body))
    client.meta.events.register("before-send", lambda **_: answer)
    return getattr(client, operation)(**more)


RUN = "arn:aws:states:eu-west-1:111122223333:execution:Runs:job-1"


@pytest.mark.parametrize(
    "service, operation, more, body",
    [
        (
            "codepipeline",
            "list_pipeline_executions",
            {"pipelineName": "deploy"},
            json.dumps({"pipelineExecutionSummaries": ["odd"]}),
        ),
        (
            "codepipeline",
            "list_pipeline_executions",
            {"pipelineName": "deploy"},
            json.dumps({"pipelineExecutionSummaries": [{"startTime": {"odd": 1}}]}),
        ),
        ("codepipeline", "get_pipeline_state", {"name": "deploy"}, '{"stageStates": 7}'),
        ("stepfunctions", "describe_execution", {"executionArn": RUN}, '{"startDate": []}'),
        ("sts", "assume_role", ROLE, f"{XML}<odd"),
    ],
)
def test_a_response_that_cannot_be_parsed_raises_a_botocore_error(service, operation, more, body):
    with pytest.raises(UnreadableAnswer, match="could not be parsed"):
        asked(service, operation, body, **more)


def test_a_response_that_can_be_parsed_is_unaffected():
    found = asked("codepipeline", "get_pipeline_state", '{"pipelineVersion": 3}', name="deploy")
    assert found["pipelineVersion"] == 3
    body = '{"__type": "PipelineNotFoundException", "message": "no"}'
    with pytest.raises(ClientError, match="PipelineNotFoundException"):
        asked("codepipeline", "get_pipeline_state", body, status=400, name="deploy")


def test_the_clients_of_the_functions_raise_botocore_errors():
    clients._session.cache_clear()
    factory = clients._session().get_component("response_parser_factory")
    assert isinstance(factory, unreadable._Parsers)

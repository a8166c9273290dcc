"""What AWS refuses of a target, in our words: which error, and a message that says what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from codepipeline_orchestrator.aws.refusals import role_refused, target_refused
from codepipeline_orchestrator.errors import (
    InvalidInput,
    PipelineExecutionNotFound,
    PipelineNotFound,
    StartRefused,
    TargetAccessDenied,
    TargetBusy,
    TargetRoleNotAssumable,
    TargetUnavailable,
)
from codepipeline_orchestrator.model.target import Target

ROLE = "arn:aws:iam::222233334444:role/t"
TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", ROLE, None, "run-1")
SAID = "deploy (account 222233334444, eu-west-1)"
URL = "https://codepipeline.eu-west-1.amazonaws.com/"


def answer(code, status=400, message="What it said."):
    said: Any = {"Error": {"Code": code}}
    if message is not None:
        said["Error"]["Message"] = message
    if status is not None:
        said["ResponseMetadata"] = {"HTTPStatusCode": status}
    return ClientError(said, "Operation")


def told(refused, error):
    """Our error in place of AWS's."""
    with pytest.raises(Exception) as caught, refused:  # noqa: PT011 - the caller looks at it
        raise error
    assert caught.value.__cause__ is error
    return caught.value


def asked_for_the_role(error, target=TARGET):
    return told(role_refused(target), error)


def asked(error, action="GetPipelineExecution"):
    return told(target_refused(TARGET, action), error)


@pytest.mark.parametrize(
    "external_id, with_it", [(None, ""), ("ext-1", " with the external id 'ext-1'")]
)
def test_a_role_that_is_refused_is_named_with_what_to_check(external_id, with_it):
    error = asked_for_the_role(answer("AccessDenied"), replace(TARGET, external_id=external_id))
    assert type(error) is TargetRoleNotAssumable
    assert str(error) == (
        f"The role {ROLE} for the target {SAID} could not be assumed{with_it}. AWS answered: "
        "AccessDenied: What it said. Check that the role exists, that its trust policy allows the "
        "orchestrator's TargetAccessRole with this external id, and that the deployment's "
        "parameter AllowedTargetRoleArns lists it."
    )


@pytest.mark.parametrize("error", [answer("Throttling"), answer("Failure", 500)])
def test_sts_that_cannot_answer_for_the_moment_is_no_refusal(error):
    made = asked_for_the_role(error)
    assert type(made) is TargetUnavailable
    assert str(made) == (
        f"STS could not be asked for the role {ROLE}. AWS answered: {error}. This passes by "
        "itself; if it does not, check the AWS health dashboard."
    )


def test_sts_that_cannot_be_reached_is_no_refusal():
    error = ReadTimeoutError(endpoint_url=URL)
    made = asked_for_the_role(error)
    assert type(made) is TargetUnavailable
    assert str(made) == f"STS could not be reached to assume the role {ROLE}: {error}"


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"])
def test_what_the_role_may_not_do_is_named_with_where_to_allow_it(code):
    error = asked(answer(code))
    assert type(error) is TargetAccessDenied
    assert str(error) == (
        f"The role {ROLE} may not do codepipeline:GetPipelineExecution on "
        f"arn:aws:codepipeline:eu-west-1:222233334444:deploy. AWS answered: {code}: What it said. "
        "Is the pipeline's name right, and may the role use it? PipelineNames of target-role.yaml "
        "must list it; in the orchestrator's own account, LocalPipelineNames of template.yaml "
        "must. The former also shows all that a role needs."
    )


@pytest.mark.parametrize(
    "code, kind, words",
    [
        (
            "PipelineNotFoundException",
            PipelineNotFound,
            (
                "There is no pipeline deploy in account 222233334444, Region eu-west-1. AWS "
                "answered: PipelineNotFoundException: What it said. Check pipelineName, roleArn "
                "(it decides the account) and region in the input."
            ),
        ),
        (
            "PipelineExecutionNotFoundException",
            PipelineExecutionNotFound,
            (
                f"The execution of {SAID} that was to be followed does not exist (any more). AWS "
                "answered: PipelineExecutionNotFoundException: What it said. Check "
                "pipelineExecutionId, if the input has one; else the pipeline was deleted and "
                "created anew while its execution was followed."
            ),
        ),
        (
            "ConcurrentPipelineExecutionsLimitExceededException",
            TargetBusy,
            (
                f"The pipeline {SAID} has as many executions in progress as CodePipeline allows. "
                "AWS answered: ConcurrentPipelineExecutionsLimitExceededException: What it said."
            ),
        ),
        (
            "ValidationException",
            StartRefused,
            (
                f"CodePipeline refused GetPipelineExecution on {SAID}. AWS answered: "
                "ValidationException: What it said."
            ),
        ),
    ],
)
def test_what_codepipeline_answers_becomes_the_error_that_says_what_to_do(code, kind, words):
    error = asked(answer(code))
    assert type(error) is kind
    assert str(error) == words


def test_a_start_that_is_refused_points_to_the_input():
    error = asked(answer("ValidationException"), "StartPipelineExecution")
    assert str(error).endswith(
        "ValidationException: What it said. Check variables and sourceRevisions in the input "
        "against the pipeline's definition."
    )


@pytest.mark.parametrize(
    "code, status",
    [
        ("Throttling", 400),
        ("ThrottlingException", 400),
        ("ThrottledException", 400),
        ("RequestLimitExceeded", 400),
        ("TooManyRequestsException", 400),
        ("ConcurrentModificationException", 400),
        ("ConflictException", 400),
        ("RequestTimeout", 400),
        ("RequestTimeoutException", None),
        ("ExpiredToken", 400),
        ("ExpiredTokenException", 400),
        ("UnrecognizedClientException", 400),
        ("Whatever", 500),
        ("Whatever", 503),
    ],
)
def test_what_passes_by_itself_is_an_outage(code, status):
    error = asked(answer(code, status))
    assert type(error) is TargetUnavailable
    assert str(error) == (
        f"CodePipeline could not answer GetPipelineExecution on {SAID}. AWS answered: {code}: What "
        "it said. It was tried again for a while; try later, and check that the Region is enabled."
    )


@pytest.mark.parametrize("status", [400, 499, None])
def test_what_nobody_foresaw_is_a_refusal(status):
    assert type(asked(answer("Whatever", status, message=None))) is StartRefused


def test_an_answer_without_a_message_is_told_by_its_code():
    error = asked(answer("Whatever", message=None))
    assert str(error).endswith(f"GetPipelineExecution on {SAID}. AWS answered: Whatever.")


@pytest.mark.parametrize(
    "action, kind",
    [("GetPipelineExecution", TargetUnavailable), ("StartPipelineExecution", InvalidInput)],
)
def test_a_region_that_cannot_be_reached_is_doubted_only_before_the_target_was(action, kind):
    error = EndpointConnectionError(endpoint_url=URL)
    made = asked(error, action)
    assert type(made) is kind
    assert str(made) == (
        f"region: CodePipeline cannot be reached in eu-west-1: {error} Check region in the input."
    )


def test_a_call_that_gets_no_answer_is_an_outage():
    error = ReadTimeoutError(endpoint_url=URL)
    made = asked(error)
    assert type(made) is TargetUnavailable
    assert str(made) == (
        f"CodePipeline could not be reached for GetPipelineExecution on {SAID}: {error}"
    )

"""What AWS refuses of a target, in our words: which error, and a message that says what to do."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from codepipeline_orchestrator.aws.refusals import (
    FINAL_FOR_ROLE,
    FINAL_FOR_TARGET,
    role_refused,
    target_refused,
)
from codepipeline_orchestrator.errors import (
    PipelineExecutionNotFound,
    PipelineNotFound,
    StartRefused,
    TargetAccessDenied,
    TargetRoleNotAssumable,
    TargetUnavailable,
)
from codepipeline_orchestrator.model.target import Target

PAGE = Path(__file__).parents[3] / "docs" / "reliability.md"
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


def test_sts_that_gives_no_final_answer_is_no_refusal():
    made = asked_for_the_role(answer("Throttling"))
    assert type(made) is TargetUnavailable
    assert str(made) == (
        f"STS did not answer for the role {ROLE}. AWS answered: Throttling: What it said."
    )


def test_sts_that_cannot_be_reached_is_no_refusal():
    error = ReadTimeoutError(endpoint_url=URL)
    made = asked_for_the_role(error)
    assert type(made) is TargetUnavailable
    assert str(made) == f"STS did not answer for the role {ROLE}. {str(error).rstrip('.')}."


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
                "(it determines the account) and region in the input."
            ),
        ),
        (
            "PipelineExecutionNotFoundException",
            PipelineExecutionNotFound,
            (
                f"The execution of {SAID} to follow does not exist. AWS answered: "
                "PipelineExecutionNotFoundException: What it said. Check pipelineExecutionId if "
                "the input has one. Otherwise, the pipeline was deleted and created again during "
                "the run."
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


# --- Final is a short list; everything else is temporary ---

# Of the operations that the functions call on a target, what passes by itself.
TEMPORARY = {
    "ConcurrentPipelineExecutionsLimitExceededException",
    "ConflictException",
    "InvalidNextTokenException",
}
OPERATIONS = [
    "GetPipelineExecution",
    "GetPipelineState",
    "ListActionExecutions",
    "ListPipelineExecutions",
    "RetryStageExecution",
    "StartPipelineExecution",
    "StopPipelineExecution",
]
# AWS's common errors, codes that AWS may have tomorrow, and none.
CODES = st.sampled_from(
    [
        "ExpiredTokenException",
        "IncompleteSignature",
        "InternalFailure",
        "InvalidClientTokenId",
        "OptInRequired",
        "RequestExpired",
        "RequestThrottledException",
        "ThrottlingException",
        "UnknownOperationException",
        "UnrecognizedClientException",
        *TEMPORARY,
    ]
) | st.text(max_size=30)
STATUSES = st.none() | st.integers(200, 599)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_error_that_aws_documents_for_an_operation_is_decided(operation):
    model = botocore.session.get_session().get_service_model("codepipeline")
    documented = {each.name for each in model.operation_model(operation).error_shapes}
    assert documented <= FINAL_FOR_TARGET.keys() | TEMPORARY
    assert not FINAL_FOR_TARGET.keys() & TEMPORARY


@given(CODES, STATUSES, st.sampled_from(OPERATIONS))
def test_whatever_is_not_on_the_list_is_temporary_at_any_call(code, status, operation):
    assume(code not in FINAL_FOR_TARGET)
    assert type(asked(answer(code, status), operation)) is TargetUnavailable


@given(CODES, STATUSES)
def test_whatever_is_not_on_the_list_of_sts_is_temporary(code, status):
    assume(code not in FINAL_FOR_ROLE)
    assert type(asked_for_the_role(answer(code, status))) is TargetUnavailable


@pytest.mark.parametrize("status", [500, 503, 599])
@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_a_server_that_fails_refuses_nothing(code, status):
    assert type(asked(answer(code, status))) is TargetUnavailable
    assert type(asked_for_the_role(answer(code, status))) is TargetUnavailable


@pytest.mark.parametrize("status", [400, 403, 499, None])
def test_what_is_on_the_list_is_final_whatever_client_error_it_comes_as(status):
    for code, kind in FINAL_FOR_TARGET.items():
        assert type(asked(answer(code, status))) is kind
    for code in FINAL_FOR_ROLE:
        assert type(asked_for_the_role(answer(code, status))) is TargetRoleNotAssumable


def test_what_the_sdk_does_not_even_send_is_final():
    error = ParamValidationError(report="Invalid length")
    assert type(asked(error)) is StartRefused
    assert type(asked_for_the_role(error)) is TargetRoleNotAssumable


def test_what_is_temporary_is_told_as_aws_said_it():
    error = asked(answer("RequestExpired", 403))
    assert str(error) == (
        f"CodePipeline in eu-west-1 did not answer GetPipelineExecution for {SAID}. AWS answered: "
        "RequestExpired: What it said."
    )


def test_an_answer_without_a_message_is_told_by_its_code():
    error = asked(answer("Whatever", message=None))
    assert str(error).endswith("AWS answered: Whatever.")


@pytest.mark.parametrize("code, busy", [(min(TEMPORARY), True), ("ConflictException", False)])
def test_a_pipeline_with_as_many_executions_as_it_may_have_is_busy(code, busy):
    assert asked(answer(code)).is_busy is busy


@pytest.mark.parametrize(
    "error, region, doubt",
    [
        (EndpointConnectionError(endpoint_url=URL), "eu-west-1", False),
        (EndpointConnectionError(endpoint_url=URL), "eu-west-9", True),
        (answer("UnrecognizedClientException"), "eu-west-1", True),
        (answer("RequestExpired"), "eu-west-9", False),
        (ReadTimeoutError(endpoint_url=URL), "eu-west-9", False),
    ],
)
def test_a_region_is_in_doubt_only_where_a_mistake_in_it_has_the_same_answer(error, region, doubt):
    made = told(target_refused(replace(TARGET, region=region), "GetPipelineState"), error)
    assert type(made) is TargetUnavailable
    assert made.region_in_doubt is doubt


def test_a_call_that_gets_no_answer_is_an_outage():
    error = ReadTimeoutError(endpoint_url=URL)
    made = asked(error)
    assert type(made) is TargetUnavailable
    assert str(error).rstrip(".") in str(made)


def test_the_list_in_the_documentation_is_the_list_in_the_code():
    text = PAGE.read_text(encoding="utf-8").partition("### Final refusals")[2].partition("\n#")[0]
    listed: dict[str, dict[str, str]] = {"CodePipeline": {}, "STS": {}}
    for row in re.findall(r"^\| `.*$", text, re.MULTILINE):
        codes, (service,), (kind,) = (re.findall(r"`(.+?)`", each) for each in row.split("|")[1:4])
        listed[service] |= dict.fromkeys(codes, kind)
    assert listed["CodePipeline"] == {
        code: kind.__name__ for code, kind in FINAL_FOR_TARGET.items()
    }
    assert listed["STS"] == dict.fromkeys(FINAL_FOR_ROLE, "TargetRoleNotAssumable")

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
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


def answer(code, status=400, message="The reason."):
    response: Any = {"Error": {"Code": code}}
    if message is not None:
        response["Error"]["Message"] = message
    if status is not None:
        response["ResponseMetadata"] = {"HTTPStatusCode": status}
    return ClientError(response, "Operation")


def error_for(refused, error):
    with pytest.raises(Exception) as caught, refused:  # noqa: PT011 - the caller checks it
        raise error
    assert caught.value.__cause__ is error
    return caught.value


def asked_for_the_role(error, target=TARGET):
    return error_for(role_refused(target), error)


def asked(error, action="GetPipelineExecution"):
    return error_for(target_refused(TARGET, action), error)


@pytest.mark.parametrize(
    "external_id, with_it", [(None, ""), ("ext-1", " with the external ID 'ext-1'")]
)
def test_the_error_for_a_refused_role_says_what_to_check(external_id, with_it):
    error = asked_for_the_role(answer("AccessDenied"), replace(TARGET, external_id=external_id))
    assert type(error) is TargetRoleNotAssumable
    assert str(error) == (
        f"The role {ROLE} for the target {SAID} could not be assumed{with_it}. AWS returned "
        "an error: "
        "AccessDenied: The reason. Check that the role exists, that its trust policy allows the "
        "orchestrator's TargetAccessRole with this external ID, and that the deployment's "
        "AllowedTargetRoleArns parameter lists the role."
    )


def test_a_temporary_sts_error_is_not_a_refusal():
    made = asked_for_the_role(answer("Throttling"))
    assert type(made) is TargetUnavailable
    assert not made.region_in_doubt
    assert str(made) == (
        f"STS could not complete AssumeRole for {ROLE}. AWS returned an error: "
        "Throttling: The reason."
    )


def test_an_unreachable_sts_is_not_a_refusal():
    error = ReadTimeoutError(endpoint_url=URL)
    made = asked_for_the_role(error)
    assert type(made) is TargetUnavailable
    assert str(made) == f"STS could not complete AssumeRole for {ROLE}. {str(error).rstrip('.')}."


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation"])
def test_the_error_for_a_denied_call_says_where_to_allow_it(code):
    error = asked(answer(code))
    assert type(error) is TargetAccessDenied
    assert str(error) == (
        f"The role {ROLE} is not allowed to perform codepipeline:GetPipelineExecution on "
        f"arn:aws:codepipeline:eu-west-1:222233334444:deploy. AWS returned an error: "
        f"{code}: The reason. Check the pipeline's name and the role's permissions. The "
        "pipeline must be listed in PipelineNames of target-role.yaml or, in the orchestrator's "
        "own account, in LocalPipelineNames of template.yaml. target-role.yaml shows every "
        "permission that a role needs."
    )


@pytest.mark.parametrize(
    "code, kind, words",
    [
        (
            "PipelineNotFoundException",
            PipelineNotFound,
            (
                "There is no pipeline deploy in account 222233334444, Region eu-west-1. AWS "
                "returned an error: PipelineNotFoundException: The reason. Check pipelineName, "
                "roleArn (which determines the account) and region in the input."
            ),
        ),
        (
            "PipelineExecutionNotFoundException",
            PipelineExecutionNotFound,
            (
                f"The execution to follow does not exist in {SAID}. AWS returned an error: "
                "PipelineExecutionNotFoundException: The reason. Check pipelineExecutionId if "
                "the input has one. Otherwise, the pipeline was deleted and created again during "
                "the run."
            ),
        ),
        (
            "ValidationException",
            StartRefused,
            (
                f"CodePipeline refused GetPipelineExecution on {SAID}. AWS returned an error: "
                "ValidationException: The reason."
            ),
        ),
    ],
)
def test_the_error_for_a_refused_call_says_what_to_do(code, kind, words):
    error = asked(answer(code))
    assert type(error) is kind
    assert str(error) == words


def test_the_error_for_a_refused_start_points_to_the_input():
    error = asked(answer("ValidationException"), "StartPipelineExecution")
    assert str(error).endswith(
        "ValidationException: The reason. Check variables and sourceRevisions in the input "
        "against the pipeline's definition."
    )


# The temporary errors that AWS documents for calls to a target.
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
# Errors that every AWS service can return, made-up codes, and an empty code.
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
def test_each_error_that_aws_documents_for_an_operation_is_classified(operation):
    model = botocore.session.get_session().get_service_model("codepipeline")
    documented = {each.name for each in model.operation_model(operation).error_shapes}
    assert documented <= FINAL_FOR_TARGET.keys() | TEMPORARY
    assert not FINAL_FOR_TARGET.keys() & TEMPORARY


@given(CODES, STATUSES, st.sampled_from(OPERATIONS))
def test_an_error_that_is_not_on_the_list_is_temporary_for_every_call(code, status, operation):
    assume(code not in FINAL_FOR_TARGET)
    assert type(asked(answer(code, status), operation)) is TargetUnavailable


@given(CODES, STATUSES)
def test_an_sts_error_that_is_not_on_the_list_is_temporary(code, status):
    assume(code not in FINAL_FOR_ROLE)
    assert type(asked_for_the_role(answer(code, status))) is TargetUnavailable


@pytest.mark.parametrize("status", [500, 503, 599])
@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_a_server_error_is_never_a_refusal(code, status):
    assert type(asked(answer(code, status))) is TargetUnavailable
    assert type(asked_for_the_role(answer(code, status))) is TargetUnavailable


@pytest.mark.parametrize("status", [400, 403, 499, None])
def test_a_listed_error_is_final_with_any_http_status(status):
    for code, kind in FINAL_FOR_TARGET.items():
        assert type(asked(answer(code, status))) is kind
    for code in FINAL_FOR_ROLE:
        assert type(asked_for_the_role(answer(code, status))) is TargetRoleNotAssumable


def test_a_request_that_the_sdk_rejects_is_final():
    error = ParamValidationError(report="Invalid length")
    assert type(asked(error)) is StartRefused
    assert type(asked_for_the_role(error)) is TargetRoleNotAssumable


def test_a_temporary_error_quotes_the_response_of_aws():
    error = asked(answer("RequestExpired", 403))
    assert str(error) == (
        f"CodePipeline in eu-west-1 could not complete GetPipelineExecution for {SAID}. AWS "
        "returned an error: "
        "RequestExpired: The reason."
    )


def test_an_aws_error_without_a_message_is_reported_by_its_code():
    error = asked(answer("Whatever", message=None))
    assert str(error).endswith("AWS returned an error: Whatever.")


@pytest.mark.parametrize("code, busy", [(min(TEMPORARY), True), ("ConflictException", False)])
def test_a_pipeline_with_too_many_concurrent_executions_is_busy(code, busy):
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
def test_the_region_is_questioned_only_for_errors_that_a_wrong_region_can_cause(
    error, region, doubt
):
    made = error_for(target_refused(replace(TARGET, region=region), "GetPipelineState"), error)
    assert type(made) is TargetUnavailable
    assert made.region_in_doubt is doubt


@pytest.mark.parametrize("kind", [ReadTimeoutError, ConnectionClosedError])
def test_a_call_without_a_response_is_an_outage(kind):
    error = kind(endpoint_url=URL)
    made = asked(error)
    assert type(made) is TargetUnavailable
    assert str(made).endswith(f"for {SAID}. {str(error).rstrip('.')}.")


def test_the_list_in_the_documentation_matches_the_code():
    text = PAGE.read_text(encoding="utf-8").partition("### Final errors")[2].partition("\n#")[0]
    listed: dict[str, dict[str, str]] = {"CodePipeline": {}, "STS": {}}
    for row in re.findall(r"^\| `.*$", text, re.MULTILINE):
        codes, (service,), (kind,) = (re.findall(r"`(.+?)`", each) for each in row.split("|")[1:4])
        listed[service] |= dict.fromkeys(codes, kind)
    assert listed["CodePipeline"] == {
        code: kind.__name__ for code, kind in FINAL_FOR_TARGET.items()
    }
    assert listed["STS"] == dict.fromkeys(FINAL_FOR_ROLE, "TargetRoleNotAssumable")

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.errors import InvalidInput, JobUnanswered
from codepipeline_orchestrator.job.answer import (
    Failure,
    StillRunning,
    Success,
    answer_job,
    end_from,
    end_text,
    from_result,
    refusal,
)
from codepipeline_orchestrator.result.document import Result
from tests.unit.job.actions import FAILED, SUCCEEDED, Answers, NoSuchJob, NotOpen, refused

LINK = "https://example.com/1"


def put(answer):
    codepipeline: Any = Answers()
    assert answer_job("job", answer, codepipeline=codepipeline) is True
    [(job, reply)] = codepipeline.put
    assert job == "job"
    return reply


@pytest.mark.parametrize(
    "answer, reply",
    [
        (
            StillRunning("token", "s" * 2_049, "id", 7),
            {
                "continuationToken": "token",
                "executionDetails": {
                    "summary": f"{'s' * 2_047}…",
                    "externalExecutionId": "id",
                    "percentComplete": 7,
                },
            },
        ),
        (
            StillRunning("token", "s", "id"),
            {
                "continuationToken": "token",
                "executionDetails": {"summary": "s", "externalExecutionId": "id"},
            },
        ),
        (
            Success("s" * 2_048, "id", {"A": "b"}),
            {
                "executionDetails": {"summary": "s" * 2_048, "externalExecutionId": "id"},
                "outputVariables": {"A": "b"},
            },
        ),
        (
            Failure("JobFailed", "m" * 5_001, "id"),
            {
                "failureDetails": {
                    "type": "JobFailed",
                    "message": f"{'m' * 4_999}…",
                    "externalExecutionId": "id",
                },
            },
        ),
    ],
    ids=["still running", "not known how far", "success", "failure"],
)
def test_an_answer_stays_within_the_limits_of_codepipeline(answer, reply):
    assert put(answer) == reply


def test_an_empty_answer_says_that_it_is_empty():
    assert put(Failure("JobFailed", " ", "id"))["failureDetails"]["message"] == "(no message)"


@pytest.mark.interleaving(5)
@pytest.mark.parametrize("error", [NotOpen(), NoSuchJob()])
def test_a_job_that_is_already_closed_is_not_an_error(error):
    codepipeline: Any = Answers([error])
    assert answer_job("job", SUCCEEDED, codepipeline=codepipeline) is False
    assert codepipeline.put == []


@pytest.mark.interleaving(9)
@pytest.mark.parametrize(
    "error",
    [
        refused("ThrottlingException"),
        refused("AccessDeniedException"),
        refused("InternalFailure", 500),
        EndpointConnectionError(endpoint_url="https://codepipeline"),
    ],
)
def test_any_other_refusal_leaves_the_job_open(error):
    codepipeline: Any = Answers([error])
    with pytest.raises(JobUnanswered, match="did not accept the answer to job job"):
        answer_job("job", SUCCEEDED, codepipeline=codepipeline)
    assert codepipeline.put == []


TOO_LARGE = ["OutputVariablesSizeExceededException", "ValidationException"]


@pytest.mark.interleaving(50)
@pytest.mark.parametrize("code", TOO_LARGE)
def test_an_answer_with_refused_variables_is_sent_again_without_them(code):
    codepipeline: Any = Answers([refused(code)])
    assert answer_job("job", SUCCEEDED, codepipeline=codepipeline) is True
    [(_, reply)] = codepipeline.put
    assert reply["outputVariables"] == {}
    assert reply["executionDetails"] == {"summary": "It succeeded.", "externalExecutionId": "id"}


@pytest.mark.parametrize("code", TOO_LARGE)
@pytest.mark.parametrize(
    "answer", [replace(SUCCEEDED, output_variables={}), FAILED, StillRunning("t", "s", "id")]
)
def test_an_answer_without_variables_is_not_sent_a_second_time(code, answer):
    codepipeline: Any = Answers([refused(code)])
    with pytest.raises(JobUnanswered):
        answer_job("job", answer, codepipeline=codepipeline)


@pytest.mark.interleaving(50)
def test_an_answer_that_is_refused_twice_leaves_the_job_open():
    codepipeline: Any = Answers([refused("ValidationException")] * 2)
    with pytest.raises(JobUnanswered):
        answer_job("job", SUCCEEDED, codepipeline=codepipeline)
    assert (codepipeline.refusals, codepipeline.put) == ([], [])


texts = st.text()
ends = st.builds(Success, texts, texts, st.dictionaries(texts, texts)) | st.builds(
    Failure, st.sampled_from(["JobFailed", "SystemUnavailable"]), texts, texts
)


@given(ends)
def test_a_stored_answer_reads_back_unchanged(end):
    assert end_from(end_text(end)) == end


def test_every_version_stores_an_answer_in_the_same_form():
    assert end_text(FAILED) == (
        '{"kind":"Failure","type":"JobFailed","message":"It failed.","externalExecutionId":"id"}'
    )
    assert end_text(replace(SUCCEEDED, output_variables={})) == (
        '{"kind":"Success","summary":"It succeeded.","externalExecutionId":"id"}'
    )


def test_one_of_our_own_errors_is_reported_with_its_failure_type():
    assert refusal(InvalidInput("why"), run="r") == Failure("ConfigurationError", "why", "r")


LONG = "m" * 9_999


@pytest.mark.parametrize("long", [Result(LONG, link=LINK), Result(LONG, run_link=LINK)])
def test_the_link_at_the_end_of_a_long_message_is_never_cut(long):
    succeeded, failed = from_result(long, run="r"), from_result(replace(long, error="E"), run="r")

    assert isinstance(succeeded, Success)
    assert isinstance(failed, Failure)
    for text, limit in ((succeeded.summary, 2_048), (failed.message, 5_000)):
        assert text.endswith(f"m…\n{LINK}")
        assert len(text) == limit


def test_missing_fields_of_a_result_get_defaults():
    assert from_result(Result("m"), run="r") == Success("m", "r", {})
    whole = Result("m", pipeline_execution_id="id", output_variables={"A": "b"})
    assert from_result(whole, run="r") == Success("m", "id", {"A": "b"})


def test_a_message_keeps_its_line_breaks():
    made = put(Failure("JobFailed", "What happened.\n\nWhat to do.", "id"))
    assert made["failureDetails"]["message"] == "What happened.\nWhat to do."


def test_an_error_without_a_message_gives_an_empty_answer():
    assert refusal(InvalidInput(""), run="run").message == ""

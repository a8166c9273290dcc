"""What CodePipeline is told of a job, within its limits."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.job.answer import (
    Failure,
    StillRunning,
    Success,
    answer_job,
    from_result,
    refusal,
)
from codepipeline_orchestrator.result.document import Result

LINK = "https://example.com/1"


class AnsweredBefore(Exception):
    """InvalidJobStateException."""


class NoSuchJob(Exception):
    """JobNotFoundException."""


class CodePipeline:
    """CodePipeline that takes an answer, or refuses it."""

    exceptions = SimpleNamespace(
        InvalidJobStateException=AnsweredBefore, JobNotFoundException=NoSuchJob
    )

    def __init__(self, error=None):
        self.error = error

    def put_job_success_result(self, **answer):
        self.answer = answer
        if self.error:
            raise self.error

    put_job_failure_result = put_job_success_result


def put(answer):
    codepipeline: Any = CodePipeline()
    assert answer_job("job", answer, codepipeline=codepipeline) is True
    told: dict[str, Any] = codepipeline.answer
    return told


@pytest.mark.parametrize(
    "answer, told",
    [
        (
            StillRunning("token", "s" * 2_049, "id", 7),
            {
                "jobId": "job",
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
                "jobId": "job",
                "continuationToken": "token",
                "executionDetails": {"summary": "s", "externalExecutionId": "id"},
            },
        ),
        (
            Success("s" * 2_048, "id", {"A": "b"}),
            {
                "jobId": "job",
                "executionDetails": {"summary": "s" * 2_048, "externalExecutionId": "id"},
                "outputVariables": {"A": "b"},
            },
        ),
        (
            Failure("JobFailed", "m" * 5_001, "id"),
            {
                "jobId": "job",
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
def test_codepipeline_is_told_no_more_than_it_takes(answer, told):
    assert put(answer) == told


def test_an_empty_answer_says_so():
    assert put(Failure("JobFailed", " ", "id"))["failureDetails"]["message"] == "(nothing was said)"


@pytest.mark.parametrize("error", [AnsweredBefore(), NoSuchJob()])
def test_a_job_that_somebody_else_has_answered_is_no_error(error):
    codepipeline: Any = CodePipeline(error)
    assert answer_job("job", Success("s", "id"), codepipeline=codepipeline) is False


def test_any_other_refusal_leaves_the_job_open():
    codepipeline: Any = CodePipeline(OSError("broken"))
    with pytest.raises(OSError, match="broken"):
        answer_job("job", Success("s", "id"), codepipeline=codepipeline)


def test_an_error_of_ours_is_told_with_its_kind():
    assert refusal(InvalidInput("why"), run="r") == Failure("ConfigurationError", "why", "r")


LONG = "m" * 9_999


@pytest.mark.parametrize("long", [Result(LONG, link=LINK), Result(LONG, run_link=LINK)])
def test_a_link_comes_last_and_whole_however_long_the_message(long):
    # when they are told
    succeeded, failed = from_result(long, run="r"), from_result(replace(long, error="E"), run="r")

    # then the link stands at the end, and not a character is wasted
    assert isinstance(succeeded, Success)
    assert isinstance(failed, Failure)
    for text, limit in ((succeeded.summary, 2_048), (failed.message, 5_000)):
        assert text.endswith(f"m…\n{LINK}")
        assert len(text) == limit


def test_what_a_result_does_not_say_is_made_up_for():
    assert from_result(Result("m"), run="r") == Success("m", "r", {})
    whole = Result("m", pipeline_execution_id="id", output_variables={"A": "b"})
    assert from_result(whole, run="r") == Success("m", "id", {"A": "b"})

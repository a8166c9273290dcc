from __future__ import annotations

import json
from pathlib import Path

import pytest

from playground.runtime_emulator.endpoint import Call
from tests.runtime.conftest import FOLLOWED, GIVEN_UP
from tests.runtime.containers import failed

FUNCTIONS = (
    "codepipeline_job",
    "close_job",
    "assume_role",
    "start_execution",
    "get_state",
    "report_job_result",
)


MOMENTS = {
    *("startTime", "since", "seen", "pollAt", "percent", "endTime", "seenAt", "deadline"),
    *("renewAt", "confirmedAt", "renewedAt", "renewBefore", "failedSince", "readAt"),
}


def comparable(answer):
    """Return the answer without times and the runtime's error details, which always differ."""
    if failed(answer):
        return {name: answer[name] for name in ("errorType", "errorMessage")}
    return without_moments(answer)


def without_moments(answer):
    if not isinstance(answer, dict):
        return answer
    return {
        name: "then" if name in MOMENTS else without_moments(value)
        for name, value in answer.items()
    }


def job_of(delivery):
    event = delivery.event.get("requestPayload", delivery.event)
    return event["CodePipeline.job"]


def run_of(delivery):
    if "run" in delivery.event:
        return delivery.event["run"].rpartition(":")[2]
    job = job_of(delivery)
    token = job["data"].get("continuationToken")
    return json.loads(token)["run"] if token else job["id"]


def lines_of(history, function):
    texts = [text for name, text in history.logs if name == function]
    lines = [line for text in texts for line in text.splitlines() if line.startswith("{")]
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_handler_answers_as_in_the_sandbox(history, function):
    deliveries = history.of(function)

    answers = [comparable(delivery.answer) for delivery in deliveries]

    assert deliveries
    assert answers == [comparable(delivery.expected) for delivery in deliveries]


def test_a_new_job_starts_a_run_and_is_not_answered(history):
    first = history.of("codepipeline_job")[0]

    assert "continuationToken" not in job_of(first)["data"]
    assert first.answer is None
    assert first.calls == [
        Call("GetJobDetails", 200),
        Call("UpdateItem", 200),
        Call("StartExecution", 200),
    ]


def of_state(history, state):
    return [each for each in history.of("report_job_result") if each.event["state"] == state]


def test_a_run_confirms_its_action_before_it_starts_anything(history):
    [confirmation] = of_state(history, "ConfirmAction")

    assert confirmation.answer["changes"]["abandoned"] is False
    assert confirmation.calls == [Call("UpdateItem", 200)]


def test_a_renewal_answers_the_newest_job(history):
    renewals = of_state(history, "RenewJob")

    assert renewals
    for each in renewals:
        assert each.answer["changes"]["job"]["renewed"] > 0
        assert each.calls == [Call("GetItem", 200), Call("PutJobSuccessResult", 200)]


def test_a_later_job_is_filed_for_its_run(history):
    continuations = [
        delivery
        for delivery in history.of("codepipeline_job")
        if "continuationToken" in job_of(delivery)["data"]
    ]

    assert continuations
    for each in continuations:
        assert each.answer is None
        assert each.calls == [
            Call("GetJobDetails", 200),
            Call("UpdateItem", 200),
            Call("DescribeExecution", 200),
        ]


def test_only_a_new_job_loads_pydantic(history):
    new, continuation, *_ = history.of("codepipeline_job")

    assert (new.pydantic, continuation.pydantic) == (True, False)
    assert [delivery.pydantic for delivery in history.of("close_job")] == [False]


def test_the_functions_that_reach_the_target_use_its_role(history):
    assume_role = history.of("assume_role")[0]
    start_execution = history.of("start_execution")[0]
    first_poll, *_, last_poll = history.of("get_state")

    assert assume_role.calls == [Call("AssumeRole", 200)]
    assert start_execution.calls == [Call("AssumeRole", 200), Call("StartPipelineExecution", 200)]
    assert first_poll.calls == [
        Call("AssumeRole", 200),
        Call("GetPipelineExecution", 200),
        # The first poll also reads the progress and the usual durations.
        Call("GetPipelineState", 200),
        Call("ListActionExecutions", 200),
    ]
    # A warm process reuses the session of the role.
    assert last_poll.calls == [
        Call("GetPipelineState", 200),
        Call("GetPipelineExecution", 200),
        Call("ListPipelineExecutions", 200),
        Call("ListActionExecutions", 200),
    ]


def test_the_action_shows_the_end_of_its_target(history):
    action = history.actions[FOLLOWED]
    result = action["output"]["executionResult"]

    assert action["status"] == "Succeeded"
    assert result["externalExecutionId"] == history.target_execution


def test_the_error_of_a_denied_call_is_raised_so_that_lambda_retries(history):
    refused = [d for d in history.of("codepipeline_job") if failed(d.answer)]

    assert len(refused) == 3
    assert {delivery.answer["errorType"] for delivery in refused} == {"ClientError"}
    for delivery in refused:
        assert delivery.calls[-1] == Call("StartExecution", 400)
        assert "not authorized to perform: states:StartExecution" in delivery.answer["errorMessage"]


def test_close_job_answers_a_job_whose_event_failed(history):
    (closing,) = history.of("close_job")
    action = history.actions[GIVEN_UP]

    assert closing.event["requestContext"]["condition"] == "RetriesExhausted"
    assert closing.event["responsePayload"]["errorType"] == "ClientError"
    assert closing.answer is None
    assert closing.calls[-1] == Call("PutJobFailureResult", 200)
    assert action["status"] == "Failed"
    assert "RetriesExhausted" in action["output"]["executionResult"]["errorDetails"]["message"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_structured_log_line_names_the_run(history, function):
    deliveries = history.of(function)

    lines = [line for line in lines_of(history, function) if "message" in line]

    assert deliveries
    assert {line.get("run") for line in lines} == {run_of(delivery) for delivery in deliveries}


def test_no_credential_is_logged(history):
    written = "\n".join(text for _, text in history.logs)

    leaked = [secret for secret in history.secrets if secret in written]

    assert len(history.secrets) > 3 * len(FUNCTIONS)
    assert leaked == []


def test_no_process_is_left_running(history):
    alive = [pid for pid in history.pids if Path(f"/proc/{pid}").exists()]

    assert len(history.pids) >= 2 * len(FUNCTIONS)
    assert alive == []

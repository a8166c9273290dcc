from __future__ import annotations

import itertools
import re

import pytest

from tests.template.patience import attempts, longest, pauses

CODEPIPELINE_WAITS = 20 * 60  # CodePipeline waits this many seconds for an answer to a job.
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html and
# https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html
LAMBDA_FAULTS = {
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
}
UNIQUE = "StartExecution"  # The attempts of this task must not overlap.


@pytest.fixture(scope="session")
def states(definition):
    return definition["States"]


@pytest.fixture(scope="session")
def retrying(states):
    return {name: state for name, state in states.items() if "Retry" in state}


@pytest.fixture(scope="session")
def retriers(retrying):
    return [(name, each) for name, state in retrying.items() for each in state["Retry"]]


def test_a_task_is_retried_after_every_lambda_fault(retriers):
    for name, retrier in retriers:
        assert set(retrier["ErrorEquals"]) >= LAMBDA_FAULTS, name


def test_tasks_that_fail_at_the_same_time_are_retried_at_different_times(retriers):
    """StartExecution has no jitter, because its attempts must not overlap."""
    for name, retrier in retriers:
        assert retrier.get("JitterStrategy") == (None if name == UNIQUE else "FULL"), name


def test_the_first_retry_comes_within_seconds(retrying):
    for name, state in retrying.items():
        first, *others = pauses(state)
        assert first <= 2 or name == UNIQUE, name
        assert all(later <= 2 * earlier for earlier, later in itertools.pairwise([first, *others]))


@pytest.mark.parametrize("name, seconds", [("AssumeRole", 60), ("ReportJobResult", 90)])
def test_a_task_that_the_run_visits_only_once_survives_an_outage_of_a_minute(states, name, seconds):
    assert sum(pauses(states[name])) > seconds


def test_every_setting_of_a_retry_has_an_effect(retriers):
    for name, retrier in retriers:
        if retrier["MaxAttempts"] == 1:
            assert "BackoffRate" not in retrier, name
        delays = [
            retrier["IntervalSeconds"] * retrier.get("BackoffRate", 2) ** attempt
            for attempt in range(retrier["MaxAttempts"])
        ]
        assert max(delays) > retrier.get("MaxDelaySeconds", 0), name


def test_the_action_of_a_run_that_cannot_begin_is_answered_within_20_minutes(states):
    names = ["AssumeRole", "ConfirmAction", "ReportJobResult"]
    assert sum(longest(states[name]) for name in names) < CODEPIPELINE_WAITS


def test_the_search_for_an_execution_covers_the_last_attempt_to_start_it(states):
    (seconds,) = re.findall(
        r"EnteredTime\) \+ (\d+)000\)", states[UNIQUE]["Catch"][0]["Assign"]["run"]
    )
    assert int(seconds) == longest(states[UNIQUE])


def test_a_turn_ends_at_the_same_time_in_the_run_and_the_table_and_outlasts_any_start(states):
    turn = states["TakeTurn"]
    (until,) = re.findall(r"/ 1000\) \+ (\d+)\)", turn["Arguments"]["Item"]["until"]["N"])
    known = [turn["Assign"]["run"], turn["Catch"][1]["Assign"]["run"]]
    (once,) = {int(each) for text in known for each in re.findall(r"\+ (\d+)000\)", text)}

    assert int(until) == once
    assert longest(turn) + longest(states[UNIQUE]) < once < 2 * longest(states[UNIQUE])


def test_the_item_of_a_turn_is_removed_after_one_to_seven_days(states):
    (expires,) = re.findall(r"\+ (\d+)\)", states["TakeTurn"]["Arguments"]["Item"]["expires"]["N"])
    assert 86_400 <= int(expires) <= 7 * 86_400


def test_a_call_to_dynamodb_delays_a_run_by_at_most_a_minute(states):
    for name, state in states.items():
        if ":aws-sdk:dynamodb:" in state.get("Resource", "") and name != "WaitForEvent":
            assert attempts(state) == (1, 0), name
            assert 10 <= state["TimeoutSeconds"] <= 60, name

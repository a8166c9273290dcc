"""Every state outlasts a bad minute of AWS's, and none of them does its work twice at once."""

import pytest

# What passes by itself: AWS is busy or unwell, or a function did not come to its end.
PASSING = {
    "TargetUnavailable",
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Sandbox.Timedout",
    "States.Timeout",
}
TASKS = [
    "AssumeRole",
    "StartExecution",
    "GetState",
    "RetryStage",
    "StopExecution",
    "ReportJobResult",
]


def _tasks(definition):
    return {name: s for name, s in definition["States"].items() if s["Type"] == "Task"}


@pytest.fixture(params=TASKS)
def task(request, definition):
    return definition["States"][request.param]


def test_these_are_all_tasks(definition):
    assert set(_tasks(definition)) == set(TASKS)


def test_a_task_tries_again_what_passes_by_itself(task):
    retried = {error for retrier in task["Retry"] for error in retrier["ErrorEquals"]}
    assert retried >= PASSING


def test_a_task_never_tries_again_what_is_final(task):
    retried = {error for retrier in task["Retry"] for error in retrier["ErrorEquals"]}
    assert retried.isdisjoint({"States.ALL", "States.TaskFailed", "InvalidInput"})


def test_a_tasks_retries_are_counted_and_their_waits_are_limited(task):
    for retrier in task["Retry"]:
        assert 2 <= retrier["MaxAttempts"] <= 10
        assert retrier["BackoffRate"] == 1 or retrier["MaxDelaySeconds"] <= 60


def test_a_task_that_fails_for_good_is_caught_whatever_it_was(task):
    assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]


def test_two_attempts_to_start_the_target_never_overlap(template, definition):
    # given how long a function may go on after Step Functions has given it up
    timeout = template["Globals"]["Function"]["Timeout"]
    start = definition["States"]["StartExecution"]

    # then the next attempt begins later, and no jitter brings it forward
    assert start["TimeoutSeconds"] > timeout
    assert start["Retry"]
    for retrier in start["Retry"]:
        assert retrier["IntervalSeconds"] > timeout
        assert retrier["BackoffRate"] >= 1
        assert retrier.get("MaxDelaySeconds", retrier["IntervalSeconds"] + 1) > timeout
        assert retrier.get("JitterStrategy", "NONE") == "NONE"

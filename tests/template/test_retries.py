import re

import pytest

from codepipeline_orchestrator.model.action_job import AGAIN, RENEWAL
from tests.template.patience import pauses

# Temporary errors: AWS is busy or failing, or the function did not complete.
PASSING = {
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Sandbox.Timedout",
}


# Each visit to one of these tasks makes one attempt. Later states lead back to the task.
IN_A_CIRCLE = {"GetState", "StopExecution"}


@pytest.fixture(scope="session")
def tasks(definition):
    found = {
        name: state
        for name, state in definition["States"].items()
        if state["Type"] == "Task" and state["Resource"].endswith(":lambda:invoke")
    }
    assert found
    return found


@pytest.fixture(scope="session")
def requests(definition):
    found = {
        name: state
        for name, state in definition["States"].items()
        if state["Type"] == "Task" and ":aws-sdk:dynamodb:" in state["Resource"]
    }
    assert found
    return found


@pytest.fixture(scope="session")
def retrying(tasks):
    found = {name: task for name, task in tasks.items() if "Retry" in task}
    assert tasks.keys() - found.keys() == IN_A_CIRCLE
    return found


def _answers_jobs(task):
    return "ReportJobResult" in task["Arguments"]["FunctionName"]


def _retried(task):
    return {error for retrier in task["Retry"] for error in retrier["ErrorEquals"]}


def test_a_task_is_retried_after_temporary_errors(retrying):
    for name, task in retrying.items():
        assert _retried(task) >= PASSING, name


def test_a_task_is_retried_after_an_outage_of_the_service_that_it_calls(retrying):
    assert any(map(_answers_jobs, retrying.values()))
    for name, task in retrying.items():
        # AssumeRole does not retry these errors, because the run continues if AWS does not answer.
        if name != "AssumeRole":
            unable = (
                {"JobUnanswered", "JobsUnavailable"}
                if _answers_jobs(task)
                else {"TargetUnavailable"}
            )
            assert unable <= _retried(task), name


def test_a_task_with_one_attempt_is_visited_again(definition, tasks):
    states = definition["States"]

    def following(name):
        state = states[name]
        return {each["Next"] for field in ("Catch", "Choices") for each in state.get(field, [])} | {
            state[field] for field in ("Next", "Default") if field in state
        }

    for name in IN_A_CIRCLE:
        reached = {tasks[name]["Catch"][0]["Next"]}
        while new := {after for each in reached for after in following(each)} - reached:
            reached |= new
        assert name in reached, name


def test_a_task_that_times_out_is_retried(retrying):
    for name, task in retrying.items():
        assert "States.Timeout" in _retried(task), name


def test_a_run_does_not_wait_for_the_waits_table(requests):
    for name, task in requests.items():
        assert "Retry" not in task, name
        assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name


@pytest.mark.interleaving(26)
def test_codepipeline_still_accepts_an_answer_after_three_failed_renewals(definition):
    # The first renewal is due after the longest possible poll.
    renewal = definition["States"]["RenewJob"]
    attempts = 1 + sum(each["MaxAttempts"] for each in renewal["Retry"])
    longest = attempts * renewal["TimeoutSeconds"] + 20 * (attempts - 1)
    due = RENEWAL.total_seconds() + definition["States"]["GetState"]["TimeoutSeconds"]

    # The next renewal is due a fixed time after the run entered RenewJob.
    (again,) = re.findall(r"EnteredTime\) \+ (\d+)", renewal["Catch"][-1]["Assign"]["run"])
    assert int(again) == AGAIN.total_seconds() * 1_000

    # The fourth attempt still answers the job within CodePipeline's 20 minutes.
    assert due + 3 * max(AGAIN.total_seconds(), longest) + longest < 20 * 60


def test_a_task_never_retries_a_final_error(retrying):
    for name, task in retrying.items():
        assert _retried(task).isdisjoint({"States.ALL", "States.TaskFailed", "InvalidInput"}), name


def test_the_number_of_retries_and_the_pauses_between_them_are_limited(retrying):
    for name, task in retrying.items():
        for retrier in task["Retry"]:
            assert 1 <= retrier["MaxAttempts"] <= 10, name
        assert max(pauses(task)) <= 60, name


def test_any_final_failure_of_a_task_is_caught(tasks):
    for name, task in tasks.items():
        assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name


def test_two_attempts_to_start_the_target_never_overlap(template, definition):
    # A function may keep running for this long after Step Functions has given up on it.
    timeout = template["Globals"]["Function"]["Timeout"]
    start = definition["States"]["StartExecution"]

    # The next attempt begins later than that because its delay has no jitter.
    assert start["TimeoutSeconds"] > timeout
    assert start["Retry"]
    for retrier in start["Retry"]:
        assert retrier["IntervalSeconds"] > timeout
        assert retrier["BackoffRate"] >= 1
        assert retrier.get("MaxDelaySeconds", retrier["IntervalSeconds"] + 1) > timeout
        assert retrier.get("JitterStrategy", "NONE") == "NONE"

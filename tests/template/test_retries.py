"""Every state outlasts a bad minute of AWS's, and none of them does its work twice at once."""

import pytest

from codepipeline_orchestrator.model.state import NO_RENEWAL

# What passes by itself: AWS is busy or unwell, or a function did not come to its end.
PASSING = {
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Sandbox.Timedout",
}


# These have one attempt; the states after them allow for more, until a point in time.
IN_A_CIRCLE = {"GetState", "StopExecution", "StopAbandoned"}


@pytest.fixture(scope="session")
def tasks(definition):
    found = {name: s for name, s in definition["States"].items() if s["Type"] == "Task"}
    assert found
    return found


@pytest.fixture(scope="session")
def retrying(tasks):
    found = {name: task for name, task in tasks.items() if "Retry" in task}
    assert tasks.keys() - found.keys() == IN_A_CIRCLE
    return found


def _answers_jobs(task):
    """CodePipeline's; the other tasks reach the target."""
    return "ReportJobResult" in task["Arguments"]["FunctionName"]


def _waits_for_a_job(task):
    return task["Resource"].endswith(".waitForTaskToken")


def _retried(task):
    return {error for retrier in task["Retry"] for error in retrier["ErrorEquals"]}


def test_a_task_tries_again_what_passes_by_itself(retrying):
    for name, task in retrying.items():
        assert _retried(task) >= PASSING, name


def test_a_task_tries_again_what_its_own_side_of_aws_could_not_do(retrying):
    assert any(map(_answers_jobs, retrying.values()))
    for name, task in retrying.items():
        if name != "AssumeRole":  # which goes on without an answer
            unable = "JobUnanswered" if _answers_jobs(task) else "TargetUnavailable"
            assert unable in _retried(task), name


def test_a_task_with_one_attempt_comes_back_to_it(definition, tasks):
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


def test_a_task_that_did_not_come_to_its_end_in_time_is_tried_again_but_for_the_wait_for_a_job(
    retrying,
):
    assert any(map(_waits_for_a_job, retrying.values()))
    for name, task in retrying.items():
        assert ("States.Timeout" in _retried(task)) != _waits_for_a_job(task), name


@pytest.mark.interleaving(26)
def test_the_wait_for_a_job_and_the_lease_before_it_leave_codepipeline_time(template, definition):
    # given how long a job may be on its way to the function, and how long it may then be held
    age = template["Globals"]["Function"]["Timeout"] + 300
    lease = template["Parameters"]["JobLeaseMinutes"]["AllowedValues"][-1] * 60

    # and how long the last look before the lease ends, and the answer after it, may take at most
    def longest(name, attempt):
        attempts = sum(each["MaxAttempts"] for each in definition["States"][name].get("Retry", []))
        return (attempts + 1) * attempt + attempts * 20

    # then it all happens within the 20 minutes that CodePipeline waits for an answer
    assert lease + longest("GetState", 35) + longest("RenewJobLease", 30) < 20 * 60
    # and of a first job, which is answered as soon as the target has been seen
    before = age + longest("AssumeRole", 30) + 3 * 45 + 2 * 35 + longest("GetState", 35)
    assert before + longest("RenewJobLease", 30) < 20 * 60
    # and a lease that is not renewed any more as the deadline is near leaves time for the answer
    at_the_end = lease + NO_RENEWAL + 90
    assert at_the_end + 4 * 45 + 2 + 4 + 8 < 20 * 60


def test_a_task_never_tries_again_what_is_final(retrying):
    for name, task in retrying.items():
        assert _retried(task).isdisjoint({"States.ALL", "States.TaskFailed", "InvalidInput"}), name


def test_a_tasks_retries_are_counted_and_their_waits_are_limited(retrying):
    for name, task in retrying.items():
        for retrier in task["Retry"]:
            assert 2 <= retrier["MaxAttempts"] <= 10, name
            assert retrier["BackoffRate"] == 1 or retrier["MaxDelaySeconds"] <= 60, name


def test_a_task_that_fails_for_good_is_caught_whatever_it_was(tasks):
    for name, task in tasks.items():
        assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"], name


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

from __future__ import annotations

import re

import pytest

from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.model.state import NO_RENEWAL
from tests.template.patience import attempts, longest

# Limits from docs/reliability.md, in seconds.
DECIDED = 90
BEGUN_BEFORE = 4 * 60
ANSWERED = 9 * 60


@pytest.fixture(scope="session")
def states(definition):
    return definition["States"]


@pytest.fixture(scope="session")
def function_timeout(template):
    return template["Globals"]["Function"]["Timeout"]


def _condition(states, name, following):
    (found,) = (each for each in states[name]["Choices"] if each["Next"] == following)
    return found["Condition"]


def _seconds_after(text):
    """Return how long after the deadline a condition stays true, in seconds."""
    pattern = r"\$run\.request\.deadline\) \+ (?:\(\$failedPolls in \[1, 2\] \? )?(\d+)"
    (milliseconds,) = re.findall(pattern, text)
    return int(milliseconds) / 1_000


def _last_poll(states):
    """Return the latest possible start of the last poll, in seconds after the deadline.

    The last poll repeats a failed poll. An abandoned action cannot delay it, because the stop of
    its target begins before `renewBefore`.
    """
    later = states["PollLater"]
    (pause,) = re.findall(r"\$renewal\]\) : (\d+);", later["Assign"]["run"])
    stops = [each for each in states["ChooseNext"]["Choices"] if each["Next"] == "StopExecution"]
    assert "renewBefore" in stops[-1]["Condition"]
    entered = _seconds_after(_condition(states, "IsTemporary", "PollLater"))
    return entered + int(pause) / 1_000 + states["ReadEventCount"]["TimeoutSeconds"]


def test_a_last_poll_and_a_last_stop_that_hang_end_within_the_limit(states):
    polled = _last_poll(states) + states["GetState"]["TimeoutSeconds"]
    assert attempts(states["GetState"]) == attempts(states["StopExecution"]) == (1, 0)

    # All attempts to stop the target are refused, except the last one, which hangs.
    again = _seconds_after(_condition(states, "HasTimeToStop", "WaitToStop"))
    last_stop = max(polled, again + states["WaitToStop"]["Seconds"])

    assert last_stop + states["StopExecution"]["TimeoutSeconds"] <= DECIDED


@pytest.mark.parametrize("name", ["StartExecution", "RetryStage"])
def test_a_call_that_began_before_the_deadline_delays_the_end_by_a_limited_time(states, name):
    after = states["GetState"]["TimeoutSeconds"] + states["StopExecution"]["TimeoutSeconds"]
    assert longest(states[name]) <= BEGUN_BEFORE
    assert after <= DECIDED


def test_a_renewal_ends_before_the_deadline(states):
    # In the worst case, the renewal begins at the last moment and each attempt fails late.
    assert "< $run.request.renewBefore" in _condition(states, "ChooseNext", "RenewJob")
    assert longest(states["RenewJob"]) <= NO_RENEWAL.total_seconds()


def test_the_last_answer_to_the_job_takes_a_limited_time(states):
    assert longest(states["ReportJobResult"]) <= ANSWERED


def test_lambda_stops_a_hanging_function_before_the_state_machine_gives_up(
    states, function_timeout
):
    for name, state in states.items():
        if state.get("Resource", "").endswith(":lambda:invoke"):
            assert state["TimeoutSeconds"] > function_timeout, name


@pytest.mark.parametrize("config", [clients._POLLING, clients._ONE_ATTEMPT])
def test_a_hanging_poll_ends_before_its_function_times_out(config, function_timeout):
    # The session's AssumeRole call is slow, and the next call hangs.
    def longest_call(config):
        # In the retry mode "standard", each backoff takes less than a second.
        backoff = config.retries["total_max_attempts"] - 1
        one = config.connect_timeout + config.read_timeout
        return config.retries["total_max_attempts"] * one + backoff

    assert longest_call(clients._POLLING) + longest_call(config) <= function_timeout


def test_the_page_states_the_same_limits(root):
    page = (root / "docs" / "reliability.md").read_text(encoding="utf-8")
    section = page.partition("### At the deadline")[2].partition("\n## ")[0]
    assert f"within {DECIDED} seconds of the deadline" in section
    assert f"up to {BEGUN_BEFORE // 60} minutes later" in section
    assert f"up to {ANSWERED // 60} minutes after that" in section

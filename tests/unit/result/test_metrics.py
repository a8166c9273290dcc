from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from codepipeline_orchestrator.errors import OURS
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.result.document import Result
from codepipeline_orchestrator.result.metrics import count_end, delay_of, is_our_own

STARTED = datetime(2026, 1, 5, 9, tzinfo=UTC)
NOW = datetime(2026, 1, 5, 10, 0, 30, tzinfo=UTC)


def test_an_error_that_users_can_fix_does_not_count_as_ours():
    own = {error for error in OURS if is_our_own(error)}
    assert own == {
        "FunctionFailed",
        "RunNotFound",
        "ResultNotReported",
    }


@pytest.mark.parametrize(
    "error, own",
    [("PipelineFailed", False), ("PipelineTimedOut", False), ("States.Runtime", True)],
)
def test_an_unknown_error_counts_as_ours_but_an_outcome_of_the_target_does_not(error, own):
    assert is_our_own(error) is own


@pytest.mark.parametrize(
    "outcome, error, counted",
    [
        ("Succeeded", None, ["RunsEnded"]),
        ("Error", "InvalidInput", ["RunsEnded"]),
        ("Error", "FunctionFailed", ["RunsEnded", "RunErrors"]),
    ],
)
def test_every_end_is_counted_and_our_own_errors_are_also_counted_separately(
    capsys, outcome, error, counted
):
    count_end(outcome, error)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = [line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"] for line in lines]
    assert names == counted
    assert lines[0]["Outcome"] == outcome


def test_a_timeout_while_the_target_could_not_be_read_counts_as_our_error(capsys):
    count_end("TimedOut", "PipelineTimedOut", unread=True)
    assert '"RunErrors"' in capsys.readouterr().out
    count_end("TimedOut", "PipelineTimedOut")
    assert '"RunErrors"' not in capsys.readouterr().out


def result(outcome="Succeeded", end="2026-01-05T10:00:00+00:00"):
    return Result("", outcome=Outcome(outcome), end_time=datetime.fromisoformat(end))


def test_the_delay_is_the_time_since_the_end_of_the_target():
    assert delay_of(result(), started=STARTED, now=NOW) == 30


@pytest.mark.parametrize("end", ["2026-01-05T09:00:00+00:00", "2026-01-05T10:00:31+00:00"])
def test_the_delay_is_never_negative_and_at_most_the_age_of_the_run(end):
    assert delay_of(result(end=end), started=STARTED, now=NOW) == max(
        0, (NOW - datetime.fromisoformat(end)).total_seconds()
    )


@pytest.mark.parametrize(
    "ended, started",
    [
        (result(end="2026-01-05T08:59:59+00:00"), STARTED),  # The target ended before the run.
        (result("TimedOut"), STARTED),
        (result("Error"), STARTED),
        (Result("", outcome=Outcome.SUCCEEDED), STARTED),  # The end time is unknown.
        (result(), None),  # A run of an older version did not record its start.
    ],
)
def test_the_delay_is_unknown_unless_the_target_ended_during_the_run(ended, started):
    assert delay_of(ended, started=started, now=NOW) is None

"""The benchmark of many runs counts what they do."""

from __future__ import annotations

import json

import pytest

from benchmarks import scale


@pytest.fixture(scope="module", params=[True, False], ids=["events", "polls"])
def found(request):
    """What two runs of twenty minutes each do."""
    return scale.played(2, 1, scale.EARLIER, events=request.param)


def test_what_the_runs_do_is_counted_per_waited_hour(found):
    # each starts its target once, three times in an hour of waiting
    assert found["wrong_outcomes"] == 0
    assert found["calls_per_hour"]["codepipeline:StartPipelineExecution"] == 3
    assert found["invocations_per_hour"]["AssumeRole"] == 3
    assert (
        found["aws_calls_per_hour"] >= found["calls_per_hour"]["codepipeline:GetPipelineExecution"]
    )
    assert found["state_transitions_per_hour"] > found["invocations_per_hour"]["GetState"]
    assert 0 < found["max_history_events"] < 25_000


def test_the_committed_result_is_of_what_the_runs_do_today(found):
    rows = json.loads(scale.RESULT.read_text("utf-8"))
    committed = next(each for each in rows if each["policy"] == found["policy"])

    # every run does the same, however many there are, but for the sessions that they share
    assert own_rates(committed) == own_rates(found), "run `make bench-scale`"


def own_rates(result):
    calls = {**result["calls_per_hour"], "sts:AssumeRole": None}
    return calls, result["invocations_per_hour"], result["state_transitions_per_hour"]

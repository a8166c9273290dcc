from __future__ import annotations

import json

import pytest

from benchmarks import scale


@pytest.fixture(scope="module", params=[True, False], ids=["events", "polls"])
def found(request):
    return scale.played(2, 1, scale.EARLIER, events=request.param)


def test_calls_and_invocations_are_counted_per_hour_of_waiting(found):
    # A run takes 20 minutes, so an hour of waiting contains three runs. Each starts its target
    # once.
    assert found["wrong_outcomes"] == 0
    assert found["calls_per_hour"]["codepipeline:StartPipelineExecution"] == 3
    assert found["invocations_per_hour"]["AssumeRole"] == 3
    assert (
        found["aws_calls_per_hour"] >= found["calls_per_hour"]["codepipeline:GetPipelineExecution"]
    )
    assert found["state_transitions_per_hour"] > found["invocations_per_hour"]["GetState"]
    assert 0 < found["max_history_events"] < 25_000


def test_the_committed_result_is_up_to_date(found):
    rows = json.loads(scale.RESULT.read_text("utf-8"))
    committed = next(each for each in rows if each["policy"] == found["policy"])

    # Runs affect each other only by sharing role sessions, so the rates do not depend on the number
    # of runs.
    assert own_rates(committed) == own_rates(found), "run `make bench-scale`"


def own_rates(result):
    calls = {**result["calls_per_hour"], "sts:AssumeRole": None}
    return calls, result["invocations_per_hour"], result["state_transitions_per_hour"]

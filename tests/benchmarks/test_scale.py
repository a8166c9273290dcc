"""The benchmark of many runs counts what they do."""

from __future__ import annotations

from benchmarks import scale


def test_what_the_runs_do_is_counted_per_waited_hour():
    # given two runs of twenty minutes each
    counts, seconds = scale.measure(2, 1)

    # when
    found = scale.row(counts, 2, seconds=seconds, megabytes=300)

    # then each starts its target once, three times in an hour of waiting
    assert found["wrong_outcomes"] == 0
    assert found["calls_per_hour"]["codepipeline:StartPipelineExecution"] == 3
    assert found["invocations_per_hour"]["AssumeRole"] == 3
    assert (
        found["aws_calls_per_hour"] >= found["calls_per_hour"]["codepipeline:GetPipelineExecution"]
    )
    assert found["state_transitions_per_hour"] > found["lambda_invocations_per_hour"]
    assert 0 < found["max_history_events"] < 25_000

from __future__ import annotations

from codepipeline_sandbox.faults import CallFault, DeliveryFault, InvocationFault
from playground.scenarios.endings import endings
from playground.scenarios.loading import load

RELEASE = """\
pipelines:
  web: {stages: {A: {B: 1m}}}
  release: {stages: {Go: {Ask: run web}}}
happens:
  - {at: 0s, start: release}
"""


def test_faults_accept_account_names_and_durations():
    faults = """\
faults:
  - {call: throttled, operation: "codepipeline:Get*", account: second, from: 1m, to: 1h}
  - {call: slow, seconds: 1m, spread: 30s, times: 2, function: "*GetState*", callers: everybody}
  - {delivery: reordered, of: event, source: aws.states, detail_type: "*Status Change", behind: 2}
  - {invocation: killed, region: eu-west-1}
"""

    assert load(RELEASE + faults).faults == (
        CallFault(
            "throttled",
            "codepipeline:Get*",
            account="222233334444",
            start=60.0,
            end=3600.0,
        ),
        CallFault(
            "slow", seconds=60.0, spread=30.0, times=2, function="*GetState*", callers="everybody"
        ),
        DeliveryFault(
            "reordered", "event", source="aws.states", detail_type="*Status Change", behind=2
        ),
        InvocationFault("killed", region="eu-west-1"),
    )


def test_faults_strike_while_the_scenario_is_played(played):
    fault = (
        "faults:\n  - {call: throttled, operation: codepipeline:StartPipelineExecution, times: 2}\n"
    )

    with played(RELEASE + fault) as play:
        assert [strike.kind for strike in play.cloud.faults.log] == ["throttled"] * 2
        assert [line.split()[3] for line in endings(play)] == ["Succeeded", "Succeeded"]


def test_faults_do_not_strike_while_the_pipelines_are_created(played):
    fault = "faults:\n  - {call: throttled, callers: everybody, times: 1}\n"

    with played(RELEASE + fault) as play:
        assert [strike.what for strike in play.cloud.faults.log] == [
            "codepipeline:StartPipelineExecution"
        ]


def test_an_event_lost_on_its_way_to_the_bus_has_still_happened(played):
    fault = "faults:\n  - {delivery: dropped, of: event}\n"
    stop = "  - {when: web A/B started, stop: web}\n"

    with played(RELEASE.replace("start: release", "start: web") + stop + fault) as play:
        assert play.cloud.events.log == []
        assert (play.refused, play.missed) == ([], [])
        assert play.entries[-1].what == "stopped"

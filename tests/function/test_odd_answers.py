"""Missing or malformed fields in AWS's responses never change the outcome of an execution.

The responses are recorded in the sandbox and repeated with changes: A field is removed, null, of
another type or has an unknown status. Some tests make several changes at once.
"""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from codepipeline_orchestrator.errors import TargetUnavailable
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.report import Report, RunEnd
from codepipeline_orchestrator.model.request import Request
from codepipeline_orchestrator.model.state import Execution, Memory, RunState
from codepipeline_orchestrator.result.document import build_result, to_cause
from codepipeline_sandbox.kernel import here
from get_state import poll
from playground.scenarios.loading import load
from playground.scenarios.play import cloud_for, play
from retry_stage import retry
from start_execution import attempt
from stop_execution import DEADLINE, stop
from tests.function.odd_answers import Oddity, Recorded, oddities
from tests.function.runs import STATE, TARGET

# The fields of the GetPipelineExecution response that decide the outcome.
STATUS = {("pipelineExecution",), ("pipelineExecution", "status")}
SIDE_BY_SIDE = {"Deploy": {"A": "20s fails no room", "B": "40s fails no time", "C": "1m"}}
SCENES: dict[str, tuple[float, dict[str, Any], list[dict[str, Any]]]] = {
    "running": (30, {"stages": {"Build": {"Compile": "20s"}, "Deploy": {"Rollout": "5m"}}}, []),
    "parallel": (30, {"mode": "PARALLEL", "stages": {"Deploy": {"Rollout": "5m"}}}, []),
    "approval": (30, {"stages": {"Deploy": [{"Approve": "approval"}, {"Rollout": "5m"}]}}, []),
    "disabled": (
        60,
        {"stages": {"Build": {"Compile": "20s"}, "Deploy": {"Rollout": "5m"}}},
        [{"at": "1s", "disable": "deploy Deploy", "reason": "freeze"}],
    ),
    "succeeded": (300, {"stages": {"Build": {"Compile": "20s"}, "Deploy": {"Rollout": "1m"}}}, []),
    "failed": (300, {"stages": SIDE_BY_SIDE}, []),
    "failed again": (
        300,
        {"stages": {"Deploy": {"onFailure": "RETRY", "Rollout": ["20s fails x", "20s fails y"]}}},
        [],
    ),
    "rejected": (
        300,
        {"stages": {"Deploy": [{"Approve": "approval"}, {"Rollout": "5m"}]}},
        [{"at": "1m", "reject": "deploy Deploy/Approve", "summary": "no"}],
    ),
    "stopped": (
        300,
        {"stages": {"Deploy": {"Rollout": "1h"}}},
        [{"at": "1m", "stop": "deploy", "execution": 1, "reason": "wrong", "abandon": True}],
    ),
    "superseded": (
        100,
        {"stages": {"Build": {"Compile": "20s"}, "Deploy": {"Rollout": "5m"}}},
        [{"at": "25s", "start": "deploy"}, {"at": "50s", "start": "deploy"}],
    ),
    "rolled back": (
        300,
        {"stages": {"Deploy": {"onFailure": "ROLLBACK", "Rollout": ["1s", "20s fails x", "30s"]}}},
        [{"at": "30s", "start": "deploy"}],
    ),
    "restarted": (
        100,
        {"stages": {"Build": {"Compile": "20s"}, "Deploy": {"Rollout": ["30s", "5m"]}}},
        [{"at": "25s", "update": "deploy"}, {"at": "30s", "start": "deploy"}],
    ),
}
ENDED = SCENES.keys() - {"running", "parallel", "approval", "disabled"}
# the index of the followed execution (default: 0)
FOLLOWED = {"superseded": 2, "rolled back": 2}


@dataclass(frozen=True)
class Scene:
    codepipeline: Any
    state: RunState
    moment: Any

    def now(self):
        return self.moment

    def asked(self, **request):
        given = {**to_document(self.state.request), **request}
        return replace(self.state, request=from_document(Request, given), execution=None)


@contextmanager
def scene(name):
    seconds, pipeline, happens = SCENES[name]
    document = {
        "about": "x",
        "pipelines": {"deploy": pipeline},
        "happens": [{"at": "0s", "start": "deploy"}, *happens],
    }
    loaded = load(yaml.safe_dump(document, sort_keys=False), "scene")
    with cloud_for(loaded) as cloud:
        played = play(loaded, cloud)
        cloud.world.run(played.began + seconds)
        assert (played.refused, played.missed) == ([], [])
        codepipeline = cloud.session("111122223333", "eu-west-1").client("codepipeline")
        oldest_first = codepipeline.list_pipeline_executions(pipelineName="deploy")[
            "pipelineExecutionSummaries"
        ][::-1]
        began = oldest_first[0]["startTime"]
        request = replace(STATE.request, started_at=began, deadline=began + timedelta(days=1))
        shown = oldest_first[FOLLOWED.get(name, 1) - 1]
        followed = Execution(shown["pipelineExecutionId"], shown["startTime"])
        state = replace(STATE, request=request, execution=followed, target=TARGET)
        yield Scene(codepipeline, state, began + timedelta(seconds=seconds))
        assert here.current() is cloud


def seen(state, status, **more):
    since = state.request.started_at if status == "Failed" else None
    return replace(state, memory=Memory(4, status, failed_since=since, **more))


def polled(scene, recorded, state):
    made = poll(state, connect=lambda _target: recorded, now=scene.now)
    json.dumps(made)
    return made


def result_of(scene, made):
    """The result document of a run that ends with this poll, or {} if the run continues."""
    if not made["ended"]:
        return {}
    report = from_document(Report, made["report"])
    end = RunEnd(STATE.run, report, TARGET, scene.state.request, scene.state.execution)
    result = build_result(end)
    to_cause(result)
    document: dict[str, Any] = json.loads(json.dumps(to_document(result)))
    return document


def recording(scene, work):
    recorded = Recorded(scene.codepipeline)
    return recorded, work(recorded)


def several(recorded):
    every = oddities(dict(recorded.answers))
    return st.lists(st.sampled_from(every), min_size=2, max_size=8)


def named(odd):
    return " and ".join(map(str, odd))


def is_decisive(odd):
    return any(
        each.call.startswith("get_pipeline_execution ") and each.path in STATUS for each in odd
    )


def check_poll(scene, recorded, state, usual, odd):
    client = recorded.oddly(odd)
    made = polled(scene, client, state)
    if is_decisive(odd) and "get_pipeline_execution" in client.made:
        # Without a valid status, the poll fails and is repeated.
        assert made["ended"] is False, named(odd)
        assert made["changes"]["memory"]["status"] in {"unreadable", "Paused"}, named(odd)
        return
    result, expected = result_of(scene, made), usual
    assert result.get("outcome") == expected.get("outcome"), named(odd)
    assert made["ended"] == bool(expected), named(odd)
    for invented in ("startTime", "endTime", "durationSeconds", "stopReason", "supersededBy"):
        known = {None, expected.get(invented), to_document(scene.state.followed.start_time)}
        if invented == "durationSeconds" and "startTime" in result and "endTime" in result:
            assert result[invented] > 0
        else:
            assert result.get(invented) in known, named(odd)
    assert '"odd"' not in json.dumps(made), named(odd)


@pytest.mark.long
@pytest.mark.parametrize("name", SCENES)
def test_no_malformed_response_changes_the_outcome_of_a_poll(name):
    with scene(name) as made:
        # The previous poll read the same status, so a failure is already confirmed.
        state = seen(made.state, "Failed" if name in ENDED else "InProgress")
        recorded, found = recording(made, lambda client: polled(made, client, state))
        usual = result_of(made, found)
        assert bool(usual) is (name in ENDED)
        every = oddities(dict(recorded.answers))
        assert len(every) > 50

        for odd in every:
            check_poll(made, recorded, state, usual, [odd])

        @settings(max_examples=30)
        @given(several(recorded))
        def check(odd):
            check_poll(made, recorded, state, usual, odd)

        check()


@pytest.mark.parametrize("name", ["failed", "rejected", "rolled back", "failed again"])
def test_no_malformed_response_changes_the_outcome_of_a_new_failure(name):
    with scene(name) as made:
        state = seen(made.state, "InProgress")
        recorded, found = recording(made, lambda client: polled(made, client, state))
        may_be_retried = name == "failed again"
        assert found["ended"] is not may_be_retried
        for odd in oddities(dict(recorded.answers)):
            client = recorded.oddly([odd])
            again = polled(made, client, state)
            assert client.made.count("get_pipeline") <= 1
            assert result_of(made, again).get("outcome") in {None, "Failed"}, str(odd)
            if may_be_retried and again["ended"]:
                # The malformed response does not show that the stage is retried automatically.
                assert odd.call.startswith("get_pipeline {"), str(odd)
                assert odd.path[-1] in {"onFailure", "result"}, str(odd)


@pytest.mark.parametrize("name", ["superseded", "rolled back", "stopped", "restarted"])
@pytest.mark.parametrize("policy", ["onSuperseded", "onRestarted"])
def test_a_run_that_follows_another_execution_raises_only_our_own_errors(name, policy):
    with scene(name) as made:
        given_input = replace(made.asked(**{policy: "follow"}), execution=made.state.execution)
        state = seen(given_input, "Failed")
        recorded, usual = recording(made, lambda client: polled(made, client, state))
        for odd in oddities(dict(recorded.answers)):
            try:
                found = polled(made, recorded.oddly([odd]), state)
            except TargetUnavailable:
                continue
            followed = found.get("execution", {}).get("pipelineExecutionId")
            expected = usual.get("execution", {}).get("pipelineExecutionId")
            assert followed in {None, expected}, str(odd)


STARTS = [
    {"mode": "start"},
    {"mode": "start", "hasToken": True},
    {"mode": "start", "ifRunning": "skip"},
    {"mode": "start", "ifRunning": "join"},
    {"mode": "start", "ifRunning": "wait"},
    {"mode": "idle"},
    {"mode": "latest"},
]


def begun(scene, client, state):
    made = attempt(state, connect=lambda _target: client, now=scene.now)
    json.dumps(made)
    return made


def told_of(made):
    execution = made.get("execution") or {}
    report = made.get("report") or {}
    return report.get("outcome"), execution.get("pipelineExecutionId")


def check_start(scene, recorded, state, usual, odd):
    client = recorded.oddly(odd)
    made = begun(scene, client, state)
    waits = not made["ended"] and made.get("execution") is None
    if waits or told_of(made) == told_of(usual):
        return
    # A running execution may be missed, but if so, the result must mention the uncertainty.
    says_so = made["changes"].get("memory", {}).get("runningUnknown", False)
    if told_of(made)[0] == "Skipped" or (state.request.if_running == "join" and not says_so):
        running = {each["pipelineExecutionId"] for each in listed(scene) if is_running(each)}
        assert told_of(made)[1] in {None, *running}, named(odd)
    elif state.request.mode == "latest":
        ids = {each["pipelineExecutionId"] for each in listed(scene)}
        assert told_of(made)[1] in ids, named(odd)
    elif not state.request.has_token:
        assert says_so, named(odd)


def is_running(summary):
    return summary["status"] == "InProgress"


def listed(scene):
    found = scene.codepipeline.list_pipeline_executions(pipelineName="deploy")
    return found["pipelineExecutionSummaries"]


@pytest.mark.long
@pytest.mark.parametrize("request_", STARTS, ids=lambda each: "-".join(map(str, each.values())))
@pytest.mark.parametrize("name", ["running", "succeeded", "superseded"])
def test_no_malformed_response_makes_a_start_report_unknown_data(name, request_):
    with scene(name) as made:
        state = made.asked(**request_)
        recorded, usual = recording(made, lambda client: begun(made, client, state))
        for odd in oddities(dict(recorded.answers)):
            check_start(made, recorded, state, usual, [odd])

        @settings(max_examples=20)
        @given(several(recorded))
        def check(odd):
            check_start(made, recorded, state, usual, odd)

        check()


def test_a_start_whose_response_lacks_the_id_is_searched_for():
    with scene("succeeded") as made:
        state = made.asked(mode="start")
        recorded, usual = recording(made, lambda client: begun(made, client, state))
        assert usual["changes"]["execution"] is not None
        [call] = recorded.answers
        values: list[Any] = [None, 7, {}]
        for value in values:
            odd = [Oddity(call, ("pipelineExecutionId",), value)]
            found = begun(made, recorded.oddly(odd), state)
            assert (found["ended"], found["changes"]["execution"]) == (False, None)
            # The next attempt first searches for an existing execution.
            assert found["changes"]["memory"]["polls"] == 1


@pytest.mark.parametrize("name, retries", [("failed", True), ("rejected", False)])
def test_no_malformed_response_causes_a_retry_of_a_rejected_approval(name, retries):
    with scene(name) as made:
        asked = replace(made.asked(maxStageRetries=1), execution=made.state.execution)
        state = seen(asked, "Failed")
        recorded, _ = recording(made, lambda client: polled(made, client, state))
        tried = 0
        for odd in oddities(dict(recorded.answers)):
            client = recorded.oddly([odd])
            found = polled(made, client, state)
            if found.get("then") == "RetryStage":
                with suppress(TargetUnavailable):
                    report = from_document(Report, found["report"])
                    retry(state, report, codepipeline=client, now=made.now)
            tried += "retry_stage_execution" in client.made
        assert (tried > 0) is retries


def test_no_malformed_response_prevents_a_stop():
    with scene("running") as made:
        state = replace(made.asked(onTimeout="stop"), execution=made.state.execution)
        recorded, usual = recording(
            made, lambda client: stop(state, why=DEADLINE, codepipeline=client)
        )
        assert usual.stopped
        for odd in oddities(dict(recorded.answers)):
            client: Any = recorded.oddly([odd])
            assert stop(state, why=DEADLINE, codepipeline=client).stopped, str(odd)

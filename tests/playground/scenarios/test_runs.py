from __future__ import annotations

import json

import pytest

from playground.scenarios.endings import endings
from playground.scenarios.loading import load

TARGETS = """\
  here: {stages: {A: {B: 1s}}}
  there in second: {stages: {A: {B: 1s}}}
  far in third, us-east-1: {stages: {A: {B: 1s}}}
"""
ROLE = "arn:aws:iam::222233334444:role/codepipeline-orchestrator-target"


def asked(run, before=""):
    scenario = load(f"{before}pipelines:\n{TARGETS}  ask: {{stages: {{Go: {{Ask: {run}}}}}}}\n")
    (run,) = scenario.runs
    return json.loads(run.text)


@pytest.mark.parametrize(
    "run, given",
    [
        ("run here", {"pipelineName": "here"}),
        ("run there", {"pipelineName": "there", "roleArn": ROLE}),
        ("{run: there in second}", {"pipelineName": "there", "roleArn": ROLE}),
        (
            "{run: {pipeline: there, mode: latest, timeoutMinutes: 5}}",
            {"pipelineName": "there", "roleArn": ROLE, "mode": "latest", "timeoutMinutes": 5},
        ),
        (
            "{run: {pipelineName: other, roleArn: second}}",
            {"pipelineName": "other", "roleArn": ROLE},
        ),
        ("{run: {pipelineName: x, roleArn: 'arn:x'}}", {"pipelineName": "x", "roleArn": "arn:x"}),
        ('{run: \'{"pipelineName": "x"}\'}', {"pipelineName": "x"}),
    ],
)
def test_a_run_names_a_pipeline_or_gives_the_input(run, given):
    assert asked(run) == given


def test_a_run_in_another_account_has_the_role_and_region_of_its_target():
    far = asked("run far", "product: {TargetRoleName: mine}\n")

    assert far == {
        "pipelineName": "far",
        "roleArn": "arn:aws:iam::333344445555:role/mine",
        "region": "us-east-1",
    }


def test_runs_can_be_started_by_both_kinds_of_action_and_directly(played):
    text = f"""\
pipelines:
{TARGETS}
  ask:
    stages:
      Go:
        Lambda: run there
        Native: {{run: here, provider: StepFunctions}}
      Then:
        Lambda: run there
happens:
  - {{at: 0s, start: ask}}
  - {{at: 5m, run: there}}
  - {{at: 6m, run: {{pipeline: here, mode: latest}}}}
"""
    with played(text) as play:
        ended = [" ".join(line.split()[:4]) for line in endings(play)]
        runs = [one.what for one in play.entries if one.who.startswith("run ")]
        assert (play.refused, play.missed) == ([], [])

    assert ended == [
        "111122223333 here 1 Succeeded",
        *(f"222233334444 there {number} Succeeded" for number in (1, 2, 3)),
        "111122223333 ask 1 Succeeded",
    ]
    assert runs.count("ended SUCCEEDED") == 5
    assert "began: follows here" in runs


def test_a_run_can_be_aborted_and_redriven(played):
    text = f"""\
pipelines:
{TARGETS}
  slow: {{stages: {{A: {{B: 5m}}}}}}
happens:
  - {{at: 0s, run: slow}}
  - {{at: 1m, run: slow}}
  - {{at: 2m, abort: 2, reason: a mistake}}
  - {{at: 3m, redrive: 2}}
  - {{at: 4m, abort: 3}}
  - {{at: 1h, redrive: 1}}
"""
    with played(text) as play:
        happened = [one.what for one in play.entries]
        states = play.company.stepfunctions()
        runs = states.list_executions(stateMachineArn=play.company.state_machine)["executions"]

    assert [(run["status"], run["redriveCount"]) for run in runs] == [
        ("SUCCEEDED", 1),
        ("SUCCEEDED", 0),
    ]
    assert "someone stops run 2: a mistake (StopExecution)" in happened
    assert "someone redrives run 2 (RedriveExecution)" in happened
    assert "continues after a redrive: starts and follows slow" in happened
    assert play.missed == []
    assert "run 3 does not exist yet" in play.refused[0]
    assert "ExecutionNotRedrivable" in play.refused[1]


def test_jobs_can_be_forged_answered_and_claimed(played):
    text = """\
pipelines:
  release: {stages: {Go: {Ask: run slow}}}
  theirs: {stages: {Go: {Ask: run other}}}
  slow: {stages: {A: {B: 20m}}}
  other: {stages: {A: {B: 20m}}}
happens:
  - {at: 0s, start: release}
  - {at: 10s, start: theirs}
  - {at: 5m, forge: 1, input: {pipelineName: slow}}
  - {at: 6m, answer: 2, claims: 1}
  - {at: 7m, run: slow, claims: 1}
  - {at: 8m, run: {pipelineName: slow, mode: latest}}
  - {at: 9m, forge: 4, input: {}}
"""
    with played(text) as play:
        happened = [one.what for one in play.entries]
        states = play.company.stepfunctions()
        runs = states.list_executions(stateMachineArn=play.company.state_machine)["executions"]
        actions = [play.company.action(name, "Ask")["status"] for name in ("release", "theirs")]

    assert "someone forges an event for run 1's job (Invoke)" in happened
    assert "someone answers run 2's job with a token forged for run 1" in happened
    assert "someone starts a run named after run 1's job" in happened
    assert actions == ["Succeeded", "Failed"]
    assert [run["status"] for run in runs] == ["SUCCEEDED", "FAILED", "SUCCEEDED", "SUCCEEDED"]
    assert play.missed == []
    assert "run 4 has no job" in play.refused[0]

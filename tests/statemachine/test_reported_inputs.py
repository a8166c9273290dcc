from __future__ import annotations

from contextlib import contextmanager

import pytest

from playground.company import SECOND
from playground.scenarios.loading import load
from playground.scenarios.play import cloud_for, play
from tests.statemachine.reading import executions, result, runs_of

COLLIDING = """
pipelines:
  release:
    stages:
      Go:
        Wait:
          namespace: W
          run: {pipeline: deploy, outputVariables: [Build.A_B, Build_A.B, revision.App]}
  deploy in second:
    stages:
      Build:
        - {C: {takes: 1s, namespace: Build, variables: {A_B: first}}}
        - {D: {takes: 1s, namespace: Build_A, variables: {B: second}}}
        - {E: {takes: 1s, namespace: revision, variables: {App: third}}}
happens:
  - {at: 0s, start: release}
"""
COMMIT_MESSAGE = r"""
pipelines:
  release:
    stages:
      Source:
        Checkout:
          takes: 3s
          namespace: Src
          variables: {CommitMessage: "Merge pull request 12\n\nfix \"quotes\""}
      Go:
        Wait:
          run: '{"pipelineName": "deploy",
            "roleArn": "arn:aws:iam::222233334444:role/codepipeline-orchestrator-target",
            "variables": [{"name": "MSG", "value": "#{Src.CommitMessage}"}]}'
  deploy in second: {variables: {MSG: x}, stages: {Deploy: {Rollout: 1m}}}
happens:
  - {at: 0s, start: release}
"""
REFUSED = {
    "output variables that get the same name": (
        COLLIDING,
        [
            "outputVariables.1: Build_A.B and Build.A_B would both be returned as Build_A_B",
            "outputVariables.2: revision.App would be returned as revision_App",
        ],
    ),
    "a commit message in UserParameters": (
        COMMIT_MESSAGE,
        [
            r"a raw line break (\n) inside a string at line 1, column 167",
            r""""MSG", "value": "Merge pull request 12\n\nfix "quotes""}]}'""",
            "The likely cause is a variable (#{...})",
        ],
    ),
}
ASSOCIATED = """
pipelines:
  deploy in second: {stages: {Deploy: {Rollout: 1m}}}
happens:
  - at: 0s
    run:
      pipeline: deploy
      AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID:
        arn:aws:states:eu-west-1:111122223333:execution:parent:abc
"""


@contextmanager
def played(text):
    scenario = load(text)
    with cloud_for(scenario) as cloud:
        playing = play(scenario, cloud)
        cloud.world.run()
        assert playing.company is not None
        yield playing.company


@pytest.mark.parametrize("text, words", REFUSED.values(), ids=REFUSED)
def test_an_action_with_a_reported_input_fails_before_anything_starts(text, words):
    with played(text) as company:
        error = company.action("release", "Wait")["output"]["executionResult"]["errorDetails"]
        assert error["code"] == "ConfigurationError"
        assert [each for each in words if each not in error["message"]] == []
        assert runs_of(company) == []
        assert executions(company, "deploy", SECOND) == []


def test_a_workflow_may_link_its_child_execution_to_itself():
    with played(ASSOCIATED) as company:
        (run,) = runs_of(company)
        described = company.stepfunctions().describe_execution(executionArn=run["executionArn"])
        assert result(described)["outcome"] == "Succeeded"

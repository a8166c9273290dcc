"""Starting a run and following it, as it is typed."""

from __future__ import annotations

import json

import pytest

from sandbox.codepipeline import Act
from sandbox.company import Action


def test_start_follows_the_run_and_ends_as_the_target_did(typed, target):
    # when a person starts a pipeline that takes two minutes
    name, *words = target(Act(120))
    result = typed("start", name, *words)

    # then they read where it stands, and at the end how it ended
    assert result.exit_code == 0
    assert f"Waiting for {name} (account 222233334444, eu-west-1)" in result.stdout
    assert "in stage Deploy, action Rollout" in result.stdout
    assert "Succeeded after 2m" in result.stdout
    assert "Started run" in result.stderr


def test_a_target_that_fails_is_an_exit_status_of_1_with_stage_action_and_message(typed, target):
    result = typed("start", *target(Act(60, "Failed", error_message="no capacity")))

    assert result.exit_code == 1
    assert "failed in stage Deploy, action Rollout" in result.stdout
    assert "no capacity" in result.stdout
    assert "pipeline-run timeline " in result.stderr


def test_each_change_is_told_once(typed, target):
    result = typed("start", *target(Act(100)))

    lines = result.stdout.splitlines()
    sentences = [line.split("Waiting for")[-1] for line in lines if "Waiting for" in line]
    assert len(sentences) == len(set(sentences))


def test_json_is_one_document_with_the_result(typed, target):
    name, *words = target(Act(60))
    result = typed("start", name, *words, "--json")

    document = json.loads(result.stdout)
    assert document["status"] == "SUCCEEDED"
    assert document["result"]["outcome"] == "Succeeded"
    assert document["input"]["pipelineName"] == name


@pytest.mark.parametrize(
    "words, status, outcome",
    [
        (["--no-wait"], 0, "Started"),
        (["--timeout-minutes", "1"], 6, "TimedOut"),
        (["--mode", "latest"], 7, "Error"),
    ],
)
def test_the_exit_status_is_that_of_the_outcome(typed, target, words, status, outcome):
    result = typed("start", *target(Act(90)), *words, "--json")

    assert result.exit_code == status
    assert json.loads(result.stdout)["result"]["outcome"] == outcome


def test_a_detached_run_is_named_and_can_be_watched_by_the_beginning_of_its_name(typed, target):
    # given a run that was left to itself
    detached = typed("start", *target(Act(40)), "--detach")
    name = detached.stdout.strip()
    assert detached.exit_code == 0

    # when somebody comes back to it
    result = typed("watch", name[:8])

    # then they see how it ends
    assert result.exit_code == 0
    assert "Succeeded after" in result.stdout


def test_ctrl_c_leaves_the_run_going_and_says_how_to_come_back(
    typed, type_, target, around, shared_company
):
    # given a person who loses patience
    def interrupt(_seconds):
        raise KeyboardInterrupt

    impatient = type(around)(now=around.now, sleep=interrupt, session=around.session)

    # when they press Ctrl-C
    result = type_("start", *target(Act(20)), obj=impatient)

    # then the run goes on, and they know how to see it again
    run, *_ = shared_company.stepfunctions().list_executions(
        stateMachineArn=shared_company.state_machine
    )["executions"]
    assert result.exit_code == 130
    assert f"pipeline-run watch {run['name']}" in result.stderr
    assert run["status"] == "RUNNING"
    assert typed("watch", run["name"]).exit_code == 0


def test_options_go_on_top_of_the_input(typed, target, shared_company, tmp_path):
    # given an input in a file
    name, _, role = target(Act(60))
    file = tmp_path / "input.json"
    file.write_text(json.dumps({"pipelineName": name, "roleArn": role, "onAbort": "stop"}))

    # when it is started with another option
    result = typed("start", "--input", f"@{file}", "--on-timeout", "stop", "--json")

    # then both hold
    document = json.loads(result.stdout)
    assert document["input"]["onAbort"] == "stop"
    assert document["input"]["onTimeout"] == "stop"


def test_variables_and_revisions_are_pairs(typed, target):
    words = target(Act(60), variables=[{"name": "IMAGE", "defaultValue": "x"}])

    result = typed("start", *words, "--variable", "IMAGE=shop:1.4=beta", "--json")

    (variable,) = json.loads(result.stdout)["result"]["variables"]
    assert variable == {"name": "IMAGE", "resolvedValue": "shop:1.4=beta"}


def test_the_targets_region_is_another_than_the_deployments(typed, shared_company):
    # given a pipeline in another Region than the deployment
    shared_company.add_pipeline("web", {"Go": [Action("Act")]}, region="us-east-1")

    result = typed("start", "web", "--target-region", "us-east-1", "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)["result"]["target"]["region"] == "us-east-1"

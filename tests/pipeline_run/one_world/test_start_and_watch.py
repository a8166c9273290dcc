from __future__ import annotations

import json

import pytest

from codepipeline_sandbox.codepipeline import Act
from playground.company import Action


def end_in(result):
    """The document that was printed when the run ended."""
    return json.loads(result.stdout.splitlines()[-1])


def test_start_follows_the_run_and_reports_its_outcome(typed, target):
    name, *words = target(Act(120))
    result = typed("start", name, *words)

    assert result.exit_code == 0
    assert f"Following {name} (account 222233334444, eu-west-1), execution " in result.stdout
    assert "In stage Deploy, action Rollout" in result.stdout
    assert "Succeeded after 2m" in result.stdout
    assert "Started run" in result.stderr


def test_a_failed_target_leads_to_exit_status_1_and_shows_stage_action_and_message(typed, target):
    result = typed("start", *target(Act(60, "Failed", error_message="no capacity")))

    assert result.exit_code == 1
    assert "failed in stage Deploy, action Rollout" in result.stdout
    assert "no capacity" in result.stdout
    assert "pipeline-run timeline " in result.stderr


def test_json_prints_a_document_for_each_change_and_the_last_one_has_the_result(typed, target):
    name, *words = target(Act(60))
    result = typed("start", name, *words, "--json")

    *earlier, last = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(earlier) >= 2
    assert {each["status"] for each in earlier} == {"RUNNING"}
    assert earlier[-1]["snapshot"]["progress"]["stage"] == "Deploy"
    assert not any("result" in each for each in earlier)
    assert last["status"] == "SUCCEEDED"
    assert last["result"]["outcome"] == "Succeeded"
    assert last["input"]["pipelineName"] == name


def test_several_runs_are_followed_and_the_exit_status_is_the_highest(typed, target):
    acts = (Act(20), Act(60, "Failed"), Act(40))
    names = [typed("start", *target(act), "--detach").stdout.strip() for act in acts]

    result = typed("watch", *names, names[0][:13])

    # Each result is printed when its run ends.
    assert result.exit_code == 1
    ends = [line.split()[0] for line in result.stdout.splitlines() if " after " in line]
    assert ends == ["Succeeded", "Succeeded", "Failed"]
    assert f"pipeline-run timeline {names[1]}" in result.stderr
    for name in names:
        assert f"{name}  In stage Deploy, action Rollout" in result.stdout


def test_all_running_runs_can_be_followed(typed, target):
    assert "No runs are in progress" in typed("watch", "--all").stderr
    names = [typed("start", *target(Act(30)), "--detach").stdout.strip() for _ in range(2)]

    result = typed("watch", "--all", "--json")

    assert result.exit_code == 0
    documents = map(json.loads, result.stdout.splitlines())
    assert {each["name"] for each in documents if "result" in each} == set(names)
    assert "cannot be combined" in typed("watch", "--all", names[0]).stderr


@pytest.mark.parametrize(
    "words, status, outcome",
    [
        (["--no-wait"], 0, "Started"),
        (["--timeout-minutes", "1"], 6, "TimedOut"),
        (["--mode", "latest"], 7, "Error"),
    ],
)
def test_the_exit_status_matches_the_outcome(typed, target, words, status, outcome):
    result = typed("start", *target(Act(90)), *words, "--json")

    assert result.exit_code == status
    assert end_in(result)["result"]["outcome"] == outcome


def test_a_detached_run_can_be_watched_by_the_start_of_its_name(typed, target):
    detached = typed("start", *target(Act(40)), "--detach")
    name = detached.stdout.strip()
    assert detached.exit_code == 0

    result = typed("watch", name[:8])

    assert result.exit_code == 0
    assert "Succeeded after" in result.stdout


def test_after_ctrl_c_the_run_continues_and_can_be_watched_again(
    typed, type_, target, around, shared_company
):
    def interrupt(_seconds):
        raise KeyboardInterrupt

    impatient = type(around)(now=around.now, sleep=interrupt, session=around.session)

    result = type_("start", *target(Act(20)), obj=impatient)

    # The message contains the command to follow the run again.
    run, *_ = shared_company.stepfunctions().list_executions(
        stateMachineArn=shared_company.state_machine
    )["executions"]
    assert result.exit_code == 130
    assert f"pipeline-run watch {run['name']}" in result.stderr
    assert run["status"] == "RUNNING"
    assert typed("watch", run["name"]).exit_code == 0


def test_options_override_the_input(typed, target, shared_company, tmp_path):
    name, _, role = target(Act(60))
    file = tmp_path / "input.json"
    file.write_text(json.dumps({"pipelineName": name, "roleArn": role, "onAbort": "stop"}))

    result = typed("start", "--input", f"@{file}", "--on-timeout", "stop", "--json")

    document = end_in(result)
    assert document["input"]["onAbort"] == "stop"
    assert document["input"]["onTimeout"] == "stop"


def test_variables_are_passed_as_pairs(typed, target):
    words = target(Act(60), variables=[{"name": "IMAGE", "defaultValue": "x"}])

    result = typed("start", *words, "--variable", "IMAGE=shop:1.4=beta", "--json")

    (variable,) = end_in(result)["result"]["variables"]
    assert variable == {"name": "IMAGE", "resolvedValue": "shop:1.4=beta"}


def test_the_target_may_be_in_another_region(typed, shared_company):
    # The pipeline is not in the deployment's Region.
    shared_company.add_pipeline("web", {"Go": [Action("Act")]}, region="us-east-1")

    result = typed("start", "web", "--target-region", "us-east-1", "--json")

    assert result.exit_code == 0
    assert end_in(result)["result"]["target"]["region"] == "us-east-1"

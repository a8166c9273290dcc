from __future__ import annotations

import json
import re

import pytest

from codepipeline_sandbox.codepipeline import Act
from playground.company import REGION, SECOND, Action


@pytest.fixture(scope="module")
def retried(shared_company, around, typed):
    """The name of a run that an action started. Its target failed, was retried and failed again."""
    acts = tuple(Act(each, "Failed", error_message="no capacity") for each in (30, 50))
    go = Action("Go", acts)
    shared_company.add_pipeline("web", {"Build": [Action("Do", (Act(40),))], "Live": [go]})
    asks = {"pipelineName": "web", "maxStageRetries": 1}
    shared_company.add_pipeline("release", {"Ask": [shared_company.waiting_action("Web", asks)]})
    shared_company.start("release")
    around.sleep(600)
    return newest(typed)


@pytest.fixture(scope="module")
def elsewhere(target, around, typed):
    """The name of a run whose target the user may not read."""
    typed("start", *target(Act(60), Act(20)), "--detach")
    around.sleep(300)
    return newest(typed)


def newest(typed):
    return json.loads(typed("list", "--limit", "1", "--json").stdout)[0]["name"]


def rows(typed, *words):
    document = json.loads(typed("timeline", *words, "--json").stdout)
    return {(row["kind"], row["name"]): row["bars"] for row in document["rows"]}


def test_stages_and_actions_have_a_bar_for_each_attempt(typed, retried):
    found = rows(typed, retried)

    assert [bar["status"] for bar in found["stage", "Build"]] == ["Succeeded"]
    first, second = found["action", "Go"]
    assert (first["name"], second["name"]) == ("Go", "Go, attempt 2")
    assert first["details"]["message"] == "no capacity"
    assert "/codepipeline/pipelines/web/executions/" in second["links"]["The execution"]
    assert [bar["name"] for bar in found["stage", "Live"]] == ["Live", "Live, attempt 2"]


def test_polls_waits_renewals_and_retries_of_the_run_are_shown(typed, retried):
    found = rows(typed, retried)

    kinds = {kind for kind, _ in found}
    assert {"poll", "wait", "renewal", "retry"} <= kinds
    assert [bar["name"] for bar in found["retry", "Retries"]] == ["RetryStage"]
    steps = [bar["name"] for bar in found["step", "Steps"]]
    assert steps.index("StartExecution") < steps.index("ReportJobResult")
    assert "RetryStage" not in steps
    waits = found["wait", "Waits"]
    assert all(bar["start"] < bar["end"] for bar in waits)


def test_the_outcome_and_the_failed_action_come_first(typed, retried):
    result = typed("timeline", retried)

    first, place, *_ = result.stdout.splitlines()
    assert first.startswith("Failed: web (account 111122223333, eu-west-1), run ")
    assert place.split() == ["failed", "stage", "Live,", "action", "Go"]
    assert "\n  aws codepipeline retry-stage-execution --region eu-west-1" in result.stdout
    assert "no capacity" in result.stdout


def times(found):
    """The status, start and end of each stage and action, in order."""
    return [
        (kind, name, [(bar["status"], bar["start"], bar["end"]) for bar in bars])
        for (kind, name), bars in found.items()
        if kind in {"stage", "action"}
    ]


def test_a_target_in_another_account_has_its_own_times(typed, shared_company, around):
    stages = {
        "Build": [Action("Compile", (Act(37),)), Action("Lint", (Act(8),))],
        "Live": [Action("Go", (Act(30, "Failed"), Act(45)))],
    }
    shared_company.add_pipeline("shop", stages, account=SECOND)
    role = shared_company.target_roles[SECOND]
    typed("start", "shop", "--role-arn", role, "--max-stage-retries", "1", "--detach")
    around.sleep(300)

    result = typed("timeline").stdout
    without, own = rows(typed), rows(typed, "--target-profile", SECOND)

    assert times(without) == times(own)
    assert [name for _, name, _ in times(own)] == [
        *("Source", "Checkout", "Build", "Compile", "Lint"),
        *("Live", "Go"),
    ]
    assert [bar["status"] for bar in without["stage", "Live"]] == ["Failed", "Succeeded"]
    assert "note" not in result


def test_a_running_target_in_another_account_is_between_the_bounds(typed, shared_company, around):
    stages = {
        "Build": [Action("Compile", (Act(37),)), Action("Lint", (Act(8),))],
        "Test": [Action("Unit", (Act(31),))],
        "Live": [Action("Go", (Act(600),))],
    }
    shared_company.add_pipeline("shop-slow", stages, account=SECOND)
    typed("start", "shop-slow", "--role-arn", shared_company.target_roles[SECOND], "--detach")
    around.sleep(150)

    lines = typed("timeline").stdout
    found, own = rows(typed), rows(typed, "--target-profile", SECOND)

    known = {key: bars for key, bars in found.items() if key[0] in {"stage", "action"}}
    assert len(known) == 7
    for key, ((seen,), (true,)) in {key: (bars, own[key]) for key, bars in known.items()}.items():
        assert seen["start"] <= true["start"] <= seen.get("startedBy", seen["start"]), key
        if true["end"]:
            assert seen["endedAfter"] <= true["end"] <= seen["end"], key
        else:
            assert seen["end"] is None
            assert seen["asOf"] > true["start"]
    assert "<= marks the longest possible duration" in lines
    assert re.search(r"<= \d+s  action    Lint  Succeeded", lines)
    assert re.search(r" \d+s  action    Go  as of 09:", lines)


def test_a_role_that_may_not_list_actions_leaves_the_times_to_the_polls(
    typed, target, shared_cloud, around
):
    words = target(Act(60), Act(20))
    deny = {"Effect": "Deny", "Action": "codepipeline:ListActionExecutions", "Resource": "*"}
    policy = {
        "RoleName": words[-1].rpartition("/")[2],
        "PolicyName": "Denied",
    }
    iam = shared_cloud.session(SECOND, REGION).client("iam")
    iam.put_role_policy(
        **policy, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": deny})
    )
    typed("start", *words, "--detach")
    around.sleep(300)
    iam.delete_role_policy(**policy)

    (rollout,) = rows(typed)["action", "Rollout"]
    assert rollout["status"] == "Succeeded"
    assert rollout["details"]["times"].startswith("from the run's polls: started ")
    assert "--target-profile" in typed("timeline").stdout


def test_a_profile_for_the_account_shows_the_actions_of_the_target(typed, elsewhere):
    found = rows(typed, elsewhere, "--target-profile", SECOND)

    (rollout,) = found["action", "Rollout"]
    assert rollout["details"]["provider"] == "Build CodeBuild"


def test_a_target_that_cannot_be_read_is_shown_from_the_result(typed, elsewhere):
    shown = typed("timeline", elsewhere, "--target-profile", "333344445555")

    assert shown.exit_code == 0
    assert "The target could not be read" in shown.stdout
    assert "action    Rollout  Succeeded" in shown.stdout


def test_the_page_is_written_and_nothing_else_is_printed(typed, retried, tmp_path):
    file = tmp_path / "timeline.html"

    result = typed("timeline", retried, "--html", str(file))

    assert result.stdout == ""
    assert f"Wrote {file}" in result.stderr
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_page_that_cannot_be_written_is_reported(typed, retried, tmp_path):
    result = typed("timeline", retried, "--html", str(tmp_path / "none" / "page.html"))

    assert result.exit_code == 2
    assert "--html: cannot write" in result.stderr
    assert "No such file or directory" in result.stderr


def test_a_run_that_has_not_ended_is_shown_up_to_now(typed, target, around):
    typed("start", *target(Act(900)), "--detach")
    around.sleep(90)

    shown = typed("timeline").stdout

    assert shown.startswith("Running: deploy")
    assert "so far" in shown
    assert "in stage Deploy, action Rollout" in shown


def test_an_event_that_wakes_a_run_is_shown(typed, shared_company, around):
    # The target is in the deployment's account, so its events arrive.
    shared_company.add_pipeline("MyFirstPipeline", {"Build": [Action("Do", (Act(40),))]})
    typed("start", "MyFirstPipeline", "--detach")
    around.sleep(120)
    name = newest(typed)

    (woken,) = rows(typed, name)["event", "Events"]
    lines = typed("timeline", name).stdout.splitlines()

    assert woken["details"]["what"] == "the target has ended"
    assert any(line.endswith("  event     woken by an event") for line in lines)

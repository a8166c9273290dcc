"""How `doctor` checks whether a target's events arrive."""

from __future__ import annotations

import shlex

import pytest

from codepipeline_orchestrator.model.target import Target
from codepipeline_sandbox.cloudformation import deploy
from codepipeline_sandbox.codepipeline import Act
from codepipeline_sandbox.faults import CallFault
from pipeline_run.checkup.event_route import EventRoute
from pipeline_run.deployment import Deployment
from playground.accounts import ROOT, TARGET_ROLE
from playground.company import REGION, SECOND, TOOLS, Action
from tests.pipeline_run.place import findings


@pytest.fixture
def run_once(cloud, company):
    """Return a function that starts the target and waits until it ends."""

    def run(name="deploy", account=SECOND):
        company.start(name, account=account)
        cloud.world.run(until=cloud.world.now + 120)

    return run


def _events(typed, words):
    result = typed("doctor", *words, "--json")
    assert result.exit_code == 0
    return findings(result)["events"]


@pytest.mark.parametrize("deployment", [{"targets": (SECOND,), "EventSenders": SECOND}])
def test_arriving_events_from_another_account_are_found(typed, target, run_once):
    words = target()
    run_once()
    found = _events(typed, words)
    assert found["verdict"] == "ok"
    assert found["commands"] == []


def test_the_commands_that_deliver_events_from_another_account_are_printed(
    typed, company, target, run_once
):
    # The target's events are not sent anywhere.
    words = target()
    run_once()

    found = _events(typed, words)

    # The first command creates the bus, and the second one sends events to it.
    assert found["verdict"] == "missing"
    assert "runs poll" in found["told"]
    assert f"account {SECOND}, {REGION}, must send" in found["told"]
    first, second = found["commands"]
    assert first == f'make deploy PARAMETERS="EventSenders={SECOND}"'
    assert f"--region {REGION}" in second
    name = f"{company.stack.name}-events"
    bus = f"arn:aws:events:{REGION}:{TOOLS}:event-bus/{name}"
    assert second.endswith(f"--parameter-overrides PipelineNames=deploy EventBusArn={bus}")


def test_an_unlisted_account_is_reported_before_its_target_runs(typed, target):
    found = _events(typed, target())

    assert found["verdict"] == "missing"
    assert "do not arrive" in found["told"]
    assert found["commands"][0] == f'make deploy PARAMETERS="EventSenders={SECOND}"'


@pytest.mark.parametrize("deployment", [{"targets": (SECOND,), "EventSenders": SECOND}])
def test_the_verdict_is_untried_for_a_target_in_a_listed_account_that_never_ran(typed, target):
    found = _events(typed, target())

    assert found["verdict"] == "untried"
    assert "has never run" in found["told"]
    assert found["commands"] == []


def test_a_local_pipeline_has_a_rule_before_it_runs(typed, company):
    company.add_pipeline("local", {"Go": [Action("Do", (Act(20),))]})

    found = _events(typed, ["local"])

    assert found["verdict"] == "ok"
    assert "are sent by the deployment's own rule" in found["told"]
    assert "has never run" in found["told"]


def test_events_of_a_local_pipeline_arrive_without_setup(typed, company, run_once):
    stages = {"Go": [Action("Do", (Act(20),))]}
    company.add_pipeline("local", stages)
    run_once("local", TOOLS)

    found = _events(typed, ["local"])

    assert found["verdict"] == "ok"
    assert "have arrived" in found["told"]


def test_a_local_pipeline_that_ran_before_the_rule_must_be_started_again(
    typed, company, cloud, run_once
):
    # The rule is disabled, so no events of this execution arrive.
    company.add_pipeline("local", {"Go": [Action("Do", (Act(20),))]})
    events = cloud.session(TOOLS, REGION).client("events")
    (rule,) = events.list_rules(NamePrefix=f"{company.stack.name}-LocalPipelinesRule")["Rules"]
    events.disable_rule(Name=rule["Name"])
    run_once("local", TOOLS)

    found = _events(typed, ["local"])

    assert found["verdict"] == "missing"
    assert "start it again" in found["told"]
    assert found["commands"] == []


def test_an_execution_older_than_the_retention_period_does_not_count(
    typed, cloud, company, run_once
):
    company.add_pipeline("local", {"Go": [Action("Do", (Act(20),))]})
    run_once("local", TOOLS)
    cloud.world.run(until=cloud.world.now + 36 * 24 * 3600)

    assert "kept for 35 days" in _events(typed, ["local"])["told"]


@pytest.mark.parametrize("deployment", [{"targets": (SECOND,), "EventSenders": SECOND}])
def test_a_denied_read_of_the_table_is_reported(typed, cloud, target, run_once):
    words = target()
    run_once()
    denied = CallFault("denied", operation="dynamodb:GetItem", callers="everybody")
    cloud.faults.add(denied)

    found = _events(typed, words)

    assert found["verdict"] == "untried"
    assert "dynamodb:GetItem" in found["told"]


def test_without_the_stack_no_command_for_unknown_parameters_is_printed(
    typed, company, target, run_once
):
    words = target()
    run_once()

    found = _events(typed, [*words, "--state-machine", company.state_machine])

    assert found["verdict"] == "missing"
    assert "--stack" in found["told"]
    assert found["commands"] == []


ROLE = f"arn:aws:iam::{SECOND}:role/{TARGET_ROLE}"


@pytest.mark.parametrize(
    "deployment", [{"targets": (), "AllowedTargetRoleArns": ROLE, "EventSenders": SECOND}]
)
def test_for_a_listed_account_only_the_sending_rule_is_missing(typed, cloud, company, run_once):
    # The target's account sends no events, because its role was deployed without the bus.
    role = {
        "OrchestratorRoleArn": company.stack.outputs["TargetAccessRoleArn"],
        "PipelineNames": "*",
    }
    deploy(
        cloud,
        ROOT / "target-role.yaml",
        SECOND,
        REGION,
        "role",
        parameters=role,
        capabilities=("CAPABILITY_NAMED_IAM",),
    )
    company.add_pipeline("deploy", {"Go": [Action("Do", (Act(20),))]}, account=SECOND)
    run_once()

    found = _events(typed, ["deploy", "--role-arn", ROLE])
    (command,) = found["commands"]
    _deploy_as_printed(cloud, command, SECOND)
    run_once()

    assert "EventSenders" not in found["told"]
    assert _events(typed, ["deploy", "--role-arn", ROLE])["verdict"] == "ok"


def _deploy_as_printed(cloud, command, account):
    words = shlex.split(command)
    given = dict(zip(words[3:11:2], words[4:11:2], strict=True))
    assert words[:3] == ["aws", "cloudformation", "deploy"]
    assert words[11] == "--parameter-overrides"
    deploy(
        cloud,
        ROOT / given["--template-file"],
        account,
        given["--region"],
        given["--stack-name"],
        parameters=dict(word.split("=", 1) for word in words[12:]),
        capabilities=(given["--capabilities"],),
    )


@pytest.mark.parametrize(
    "region, commands", [("cn-north-1", 2), ("cn-northwest-1", 0)], ids=["same", "another"]
)
def test_no_command_is_printed_if_events_cannot_cross_regions(region, commands):
    here = Deployment(
        f"arn:aws-cn:states:cn-north-1:{TOOLS}:stateMachine:runs",
        "orchestrator",
        parameters={"EventSenders": ""},
    )
    there = Target("web", SECOND, region, "aws-cn", "role", "id", "session")

    route = EventRoute(here, there)

    assert len(route.commands()) == commands
    assert ("does not send events between Regions" in route.missing()) is (commands == 0)

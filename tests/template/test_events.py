from __future__ import annotations

import json

import pytest

from codepipeline_sandbox.cloudformation import deploy
from playground.company import REGION, ROOT, SECOND, THIRD, TOOLS

OTHER_REGION = "us-east-1"
PIPELINE = "CodePipeline Pipeline Execution State Change"
ACTION = "CodePipeline Action Execution State Change"


def _event(pipeline, detail_type=PIPELINE, **detail):
    return {
        "source": "aws.codepipeline",
        "detail-type": detail_type,
        "detail": {"pipeline": pipeline, "execution-id": "e", "state": "SUCCEEDED", **detail},
    }


def _action(category, state):
    return _event("deploy-shop", ACTION, state=state, type={"category": category})


@pytest.fixture
def orchestrator(cloud):
    woken = []
    invoke = cloud.functions.invoke_async

    def keep(function_arn, payload):
        if "WakeFunction" in function_arn:
            woken.append(json.loads(payload))
        else:
            invoke(function_arn, payload)

    def deployed(**parameters):
        cloud.functions.invoke_async = keep
        stack = deploy(
            cloud, ROOT / "template.yaml", TOOLS, REGION, "orchestrator", parameters=parameters
        )
        return stack, woken

    return deployed


@pytest.fixture
def send(cloud):
    def put(*events, account=TOOLS, region=REGION):
        for event in events:
            cloud.events.put(account, region, event)
            cloud.world.run(until=cloud.world.now + 10)

    return put


@pytest.fixture
def sender(cloud):
    def deployed(file, account, region, stack, **parameters):
        if file == "target-role.yaml":
            parameters["OrchestratorRoleArn"] = stack.outputs["TargetAccessRoleArn"]
        parameters = {"EventBusArn": stack.outputs["EventBusArn"], **parameters}
        capabilities = ("CAPABILITY_NAMED_IAM",)
        return deploy(
            cloud,
            ROOT / file,
            account,
            region,
            "events",
            parameters=parameters,
            capabilities=capabilities,
        )

    return deployed


def _pipelines(woken):
    return [each["detail"]["pipeline"] for each in woken]


@pytest.mark.parametrize(
    "parameters, expected",
    [
        ({}, []),
        ({"LocalPipelineNames": "web"}, ["web"]),
        ({"LocalPipelineNames": "*"}, ["web", "website", "team-1-api", "nightly", "other"]),
        ({"LocalPipelineNames": "web*,team-?-api"}, ["web", "website", "team-1-api"]),
        (
            {"SchedulePipelineName": "nightly", "ScheduleExpression": "rate(1 day)"},
            ["nightly"],
        ),
        (
            {
                "LocalPipelineNames": "web,oth*",
                "SchedulePipelineName": "nightly",
                "ScheduleExpression": "rate(1 day)",
            },
            ["web", "nightly", "other"],
        ),
    ],
    ids=["none", "one", "all", "wildcards", "scheduled", "both"],
)
def test_the_events_of_the_named_local_pipelines_reach_wake(
    orchestrator, send, parameters, expected
):
    _, woken = orchestrator(**parameters)
    send(*map(_event, ["web", "website", "team-1-api", "nightly", "other"]))
    assert _pipelines(woken) == expected


def test_only_events_about_executions_and_new_approvals_reach_wake(orchestrator, send):
    _, woken = orchestrator(LocalPipelineNames="deploy-*")
    send(
        _action("Approval", "STARTED"),
        _action("Approval", "SUCCEEDED"),
        _action("Build", "STARTED"),
        _event("deploy-shop", "CodePipeline Stage Execution State Change"),
        {**_event("deploy-shop"), "source": "com.example"},
        _event("deploy-shop", state="FAILED"),
    )
    assert [each["detail"]["state"] for each in woken] == ["STARTED", "FAILED"]


def test_without_senders_there_is_no_bus(orchestrator):
    stack, _ = orchestrator(LocalPipelineNames="*")
    assert "EventBusArn" not in stack.outputs
    buses = stack.session.client("events").list_event_buses()["EventBuses"]
    assert [bus["Name"] for bus in buses] == ["default"]


def test_events_of_the_named_pipelines_in_another_account_reach_wake(orchestrator, sender, send):
    stack, woken = orchestrator(EventSenders=SECOND)
    sender("target-role.yaml", SECOND, REGION, stack, PipelineNames="deploy-?,web")

    send(*map(_event, ["deploy-1", "web", "other"]), account=SECOND)

    # The forwarded events still contain the account of their pipeline.
    assert _pipelines(woken) == ["deploy-1", "web"]
    assert {(each["account"], each["region"]) for each in woken} == {(SECOND, REGION)}


@pytest.mark.parametrize("account", [TOOLS, SECOND])
def test_events_of_the_named_pipelines_in_another_region_reach_wake(
    orchestrator, sender, send, account
):
    stack, woken = orchestrator(EventSenders=f"{TOOLS},{SECOND}")
    sender("target-events.yaml", account, OTHER_REGION, stack, PipelineNames="deploy-*")

    send(_event("deploy-shop"), _event("other"), account=account, region=OTHER_REGION)
    send(_action("Approval", "STARTED"), account=account, region=OTHER_REGION)

    assert _pipelines(woken) == ["deploy-shop", "deploy-shop"]
    assert {(each["account"], each["region"]) for each in woken} == {(account, OTHER_REGION)}


def test_events_of_an_account_that_is_not_listed_do_not_reach_wake(
    cloud, orchestrator, sender, send
):
    stack, woken = orchestrator(EventSenders=SECOND)
    sender("target-role.yaml", THIRD, REGION, stack, PipelineNames="*")

    send(_event("deploy-shop"), account=THIRD)
    cloud.world.run()

    # The sender's own rule counts the refused event.
    assert woken == []
    assert [lost.source_arn.split(":")[4] for lost in cloud.events.undelivered] == [THIRD]

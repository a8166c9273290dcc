"""A minimal cloud with Step Functions, and fakes for the services it uses."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.kernel import here
from codepipeline_sandbox.kernel.patches import Patches
from codepipeline_sandbox.kernel.protocols import AccessDenied
from codepipeline_sandbox.patches import sessions, virtual_time
from codepipeline_sandbox.stepfunctions import StateMachines, install
from codepipeline_sandbox.stepfunctions.canned import CannedFunctions

ACCOUNT, REGION = "111122223333", "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Machine"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"


def invoke(name, payload=None, **more):
    """A task that invokes a function and, by default, ends the execution."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": f"{FUNCTION}:{name}", "Payload": payload or {}},
        **({} if "Next" in more else {"End": True}),
        **more,
    }


class Access:
    def __init__(self):
        self.denied: set[str] = set()

    def require(self, principal, action, resource, context=None):
        del context
        if action in self.denied:
            raise AccessDenied(
                f"User: {principal} is not authorized to perform: {action} on resource: {resource}"
            )

    def require_service_role(self, role_arn, service):
        if service in self.denied:
            raise AccessDenied(f"{service} may not assume {role_arn}")


@dataclass
class Events:
    put_events: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def put(self, account_id, region, event):
        self.put_events.append((account_id, region, dict(event)))


@pytest.fixture
def isolated_stepfunctions():
    cloud = Cloud(seed=7)
    stand_ins = {
        "access": Access(),
        "functions": CannedFunctions(cloud.world, {}),
        "events": Events(),
    }
    for name, service in {**stand_ins, "state_machines": StateMachines()}.items():
        setattr(cloud, name, service)
    with here.up(cloud), Patches() as patches:
        install(patches)
        virtual_time.install(patches, cloud.world, 7)
        with mock_aws():
            yield cloud


@pytest.fixture(scope="session")
def client():
    """One client for all tests, because creating a client takes longer than most tests."""
    with mock_aws():
        return sessions.administrator(ACCOUNT, REGION).client("stepfunctions")


@pytest.fixture
def sfn(isolated_stepfunctions, client):
    del isolated_stepfunctions
    sessions.administrator_key(ACCOUNT)
    return client


@pytest.fixture
def machine(sfn):
    def create(states, name="Machine", **more):
        definition = {
            "QueryLanguage": "JSONata",
            "StartAt": next(iter(states), "None"),
            "States": states,
            **more,
        }
        return sfn.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)[
            "stateMachineArn"
        ]

    return create


@pytest.fixture
def run(isolated_stepfunctions, sfn, machine):
    def run(states, given=None, **more):
        arn = sfn.start_execution(
            stateMachineArn=machine(states, **more), input=json.dumps(given or {})
        )["executionArn"]
        isolated_stepfunctions.world.result_of(isolated_stepfunctions.state_machines.ended(arn))
        return outcome_of(sfn, arn)

    return run


def outcome_of(sfn, arn):
    end = sfn.describe_execution(executionArn=arn)
    pages = sfn.get_paginator("get_execution_history").paginate(
        executionArn=arn, PaginationConfig={"PageSize": 1_000}
    )
    events = [event for page in pages for event in page["events"]]
    return SimpleNamespace(
        arn=arn,
        described=end,
        status=end["status"],
        output=json.loads(end["output"]) if "output" in end else None,
        error=end.get("error"),
        cause=end.get("cause"),
        events=events,
        types=[event["type"] for event in events],
        details=[
            next((value for name, value in event.items() if name.endswith("EventDetails")), None)
            for event in events
        ],
        seconds=(end["stopDate"] - end["startDate"]).total_seconds() if "stopDate" in end else None,
        entered=[
            event["stateEnteredEventDetails"]["name"]
            for event in events
            if "stateEnteredEventDetails" in event
        ],
    )


@pytest.fixture
def task():
    return invoke


@pytest.fixture
def follow(sfn):
    return lambda arn: outcome_of(sfn, arn)

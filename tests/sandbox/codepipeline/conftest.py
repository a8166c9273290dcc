from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from moto import mock_aws

import sandbox.cloud
from sandbox import codepipeline
from sandbox.cloud import Cloud
from sandbox.services import AccessDenied
from sandbox.world import Promise, World
from tests.sandbox.codepipeline.declarations import ACCOUNT, REGION

CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/caller/session"


@dataclass
class FakeAccess:
    denied: set[str] = field(default_factory=set)
    untrusting: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def require(self, principal, action, resource, context=None):
        self.asked.append((principal, action, resource))
        if action in self.denied:
            raise AccessDenied(f"User: {principal} is not authorized to perform: {action}")

    def require_service_role(self, role_arn, service):
        assert service == "codepipeline.amazonaws.com"
        if role_arn in self.untrusting:
            raise AccessDenied(role_arn)

    def caller(self, access_key):
        assert access_key
        return CALLER


@dataclass
class FakeFunctions:
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def invoke_async(self, function_arn, payload):
        self.events.append((function_arn, json.loads(payload)))

    def invoke(self, function_arn, payload):
        raise NotImplementedError

    @property
    def jobs(self) -> list[dict[str, Any]]:
        return [event["CodePipeline.job"] for _, event in self.events]

    @property
    def job_id(self) -> str:
        return str(self.jobs[-1]["id"])


@dataclass
class FakeEvents:
    put_events: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def put(self, account_id, region, event):
        self.put_events.append((account_id, region, json.loads(json.dumps(event))))

    def states(self, kind: str, name: str | None = None) -> list[str]:
        wanted = f"CodePipeline {kind} Execution State Change"
        return [
            event["detail"]["state"]
            for _, _, event in self.put_events
            if event["detail-type"] == wanted
            and (name is None or event["detail"].get(kind.lower()) == name)
        ]


@dataclass
class FakeStateMachines:
    started: list[tuple[str, str, str | None]] = field(default_factory=list)
    promises: dict[str, Promise[Any]] = field(default_factory=dict)

    def start(self, state_machine_arn, input_json, name=None):
        self.started.append((state_machine_arn, input_json, name))
        arn = f"{state_machine_arn.replace('stateMachine', 'execution')}:{name}"
        self.promises[arn] = Promise()
        return arn

    def ended(self, execution_arn):
        return self.promises[execution_arn]


@pytest.fixture
def cloud(monkeypatch) -> Iterator[Cloud]:
    """A cloud put together by hand, with fakes for the services beside CodePipeline."""
    monkeypatch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
    cloud: Any = Cloud.__new__(Cloud)
    cloud.world = World(seed=7)
    cloud.access = FakeAccess()
    cloud.functions = FakeFunctions()
    cloud.events = FakeEvents()
    cloud.state_machines = FakeStateMachines()
    monkeypatch.setattr(sandbox.cloud, "_current", cloud)
    codepipeline.install()
    with mock_aws():
        yield cloud


@pytest.fixture
def world(cloud):
    return cloud.world


@pytest.fixture
def client(cloud):
    return boto3.client("codepipeline", region_name=REGION)

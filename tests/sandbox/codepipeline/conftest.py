from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from codepipeline_sandbox import codepipeline
from codepipeline_sandbox.awslambda.errors import FunctionNotFound
from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.kernel import here
from codepipeline_sandbox.kernel.patches import Patches
from codepipeline_sandbox.kernel.protocols import AccessDenied
from codepipeline_sandbox.kernel.world import Promise, World
from tests.sandbox.codepipeline import declarations
from tests.sandbox.codepipeline.clients import client_in
from tests.sandbox.codepipeline.declarations import ACCOUNT, REGION
from tests.sandbox.codepipeline.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/caller/session"


@dataclass
class FakeAccess:
    denied: set[str] = field(default_factory=set)
    untrusting: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def require(self, principal, action, resource, context=None):  # noqa: ARG002 - required by the Protocol
        self.asked.append((principal, action, resource))
        if action in self.denied:
            raise AccessDenied(f"User: {principal} is not authorized to perform: {action}")

    def require_service_role(self, role_arn, service):
        assert service == "codepipeline.amazonaws.com"
        if role_arn in self.untrusting:
            raise AccessDenied(role_arn)

    def require_session(self, caller, role_arn, session_name, *, region):
        assert session_name
        assert region
        self.require(caller, "sts:AssumeRole", role_arn)

    def caller(self, access_key):
        assert access_key
        return CALLER


@dataclass
class FakeFunctions:
    missing: set[str] = field(default_factory=set)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def invoke_async(self, function_arn, payload):
        if function_arn in self.missing:
            raise FunctionNotFound(f"Function not found: {function_arn}")
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

    def require_to_read(self, state_machine_arn, principal):
        """Do nothing, because the fake state machines have no encryption keys."""

    def ended(self, execution_arn):
        return self.promises[execution_arn]


@contextmanager
def cloud_of(seed):
    """A minimal cloud with fakes for all services except CodePipeline."""
    cloud: Any = Cloud.__new__(Cloud)
    cloud.seed = seed
    cloud.world = World(seed=seed)
    cloud.access = FakeAccess()
    cloud.functions = FakeFunctions()
    cloud.events = FakeEvents()
    cloud.state_machines = FakeStateMachines()
    with here.up(cloud), pytest.MonkeyPatch.context() as patch, Patches() as patches, mock_aws():
        patch.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
        codepipeline.install(patches)
        yield cloud


@pytest.fixture(name="cloud_of")
def _cloud_of():
    return cloud_of


@pytest.fixture
def isolated_codepipeline() -> Iterator[Cloud]:
    with cloud_of(seed=7) as cloud:
        yield cloud


@pytest.fixture
def world(isolated_codepipeline):
    return isolated_codepipeline.world


@pytest.fixture
def client(isolated_codepipeline):
    return client_in(REGION)


@pytest.fixture
def target(client):
    """Creates a pipeline with a source stage and these stages: `target(stage(...), mode=...)`."""

    def make(*stages, **more):
        return Target(client, declarations.pipeline(*stages, **more))

    return make


@pytest.fixture
def play(isolated_codepipeline):
    """Scripts an action of the target: `play("Build", "Compile", Act(...))`."""

    def script(stage, action, *acts, pipeline="target"):
        codepipeline.script(ACCOUNT, REGION, pipeline, stage, action, acts)

    return script


@pytest.fixture
def play_rule(isolated_codepipeline):
    """Scripts a rule of the target: `play_rule("Build", "beforeEntry", Act(...))`."""

    def script(stage, condition, *acts, rule="Check"):
        codepipeline.rule_script(ACCOUNT, REGION, "target", stage, condition, rule, acts)

    return script


@pytest.fixture
def behave(isolated_codepipeline):
    """Changes settings of CodePipeline: `behave(job_silence=60)`."""

    def use(**values):
        settings.use(settings.Settings(**values))

    return use


@contextmanager
def refused(code, *words):
    with pytest.raises(ClientError) as caught:
        yield
    error = caught.value.response["Error"]
    assert error["Code"] == code
    for word in words:
        assert word in error["Message"]


@pytest.fixture(name="refused")
def _refused():
    return refused

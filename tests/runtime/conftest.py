"""Plays two scenarios in which every function runs in its own process."""

from __future__ import annotations

import json
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from codepipeline_sandbox.awslambda import pool
from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.codepipeline import Act
from playground.company import REGION, SECOND, TOOLS, Action, Company
from playground.runtime_emulator.endpoint import Endpoint
from tests.runtime.containers import Delivery, Emulation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FOLLOWED, GIVEN_UP = "release", "release-without-permission"


@dataclass(frozen=True)
class History:
    """What happened in the scenarios, recorded after all processes have ended."""

    deliveries: Sequence[Delivery]
    # An action execution for each invoking pipeline, as ListActionExecutions returns it.
    actions: Mapping[str, Mapping[str, Any]]
    target_execution: str
    logs: Sequence[tuple[str, str]]  # the function and the output of each process
    secrets: frozenset[str]  # all credentials that were used
    pids: frozenset[int]

    def of(self, function: str) -> list[Delivery]:
        return [delivery for delivery in self.deliveries if delivery.function == function]


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    # The processes read the real clock, so the world begins now.
    now = datetime.now(UTC).replace(microsecond=0)
    with ExitStack() as stack:
        cloud = stack.enter_context(Cloud(seed=1, start=now, latency=0))
        endpoint = stack.enter_context(
            closing(Endpoint(DomainDispatcherApplication(create_backend_app)))
        )
        emulation = Emulation(endpoint, tmp_path_factory.mktemp("logs"))
        stack.enter_context(closing(emulation))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(pool, "Container", emulation.container)
        company = Company(cloud, targets=[SECOND])
        _follow(company, emulation)
        _give_up(company)
        executions = company.codepipeline(SECOND).list_pipeline_executions(pipelineName="deploy")
        (target,) = executions["pipelineExecutionSummaries"]
        actions = {name: company.action(name, "Wait") for name in (FOLLOWED, GIVEN_UP)}
    emulators = emulation.emulators
    return History(
        deliveries=emulation.deliveries,
        actions=actions,
        target_execution=target["pipelineExecutionId"],
        logs=[(function, emulator.log) for function, emulator in emulators],
        secrets=_secrets(cloud, emulation.deliveries),
        pids=frozenset().union(*(emulator.pids for _, emulator in emulators)),
    )


def _follow(company: Company, emulation: Emulation) -> None:
    """Start a pipeline that uses the old tool's input to wait for a pipeline in another account."""
    parameters = {
        "targetname": "deploy",
        "assumerolearn": company.target_roles[SECOND],
        "trigger": True,
    }
    company.add_pipeline("deploy", {"Build": [Action("Compile", [Act(60)])]}, account=SECOND)
    company.add_pipeline(FOLLOWED, {"Deploy": [company.waiting_action("Wait", parameters)]})
    company.start(FOLLOWED)
    world = company.cloud.world
    world.run_until(lambda: any(d.function == "report_job_result" for d in emulation.deliveries))
    # Lambda may remove a warm container at any time. The next poll runs in a cold one.
    company.cloud.functions._pool._idle.clear()
    world.run()


def _give_up(company: Company) -> None:
    """Deny codepipeline_job permission to start runs, so Lambda retries and invokes close_job."""
    company.cloud.session(TOOLS, REGION).client("iam").put_role_policy(
        RoleName=company.stack.resource("CodePipelineJobRole"),
        PolicyName="NoRuns",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Deny", "Action": "states:StartExecution", "Resource": "*"}
                ],
            }
        ),
    )
    waiting = company.waiting_action("Wait", {"pipelineName": "deploy"})
    company.add_pipeline(GIVEN_UP, {"Deploy": [waiting]})
    company.start(GIVEN_UP)
    company.cloud.world.run()


def _secrets(cloud: Cloud, deliveries: Sequence[Delivery]) -> frozenset[str]:
    sessions = [session.credentials for session in cloud.access.sessions._by_key.values()]
    of_sessions = {
        text
        for given in sessions
        for text in (given.access_key_id, given.secret_access_key, given.session_token or "")
    }
    of_jobs = {
        text
        for delivery in deliveries
        if "CodePipeline.job" in delivery.event
        for text in delivery.event["CodePipeline.job"]["data"]["artifactCredentials"].values()
    }
    return frozenset((of_sessions | of_jobs) - {""})

"""Runs the action in a pipeline of an embedded AWS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codepipeline_sandbox import Action, CallFault, InvocationFault, add_pipeline, deploy

if TYPE_CHECKING:
    from collections.abc import Callable

    from codepipeline_sandbox import Cloud, Pipeline, World

    SetGate = Callable[[str], None]

TEMPLATE = Path(__file__).parents[1] / "template.yaml"
MINUTE = 60


@pytest.fixture
def release(cloud: Cloud) -> Pipeline:
    """A pipeline with the gate as its action Wait."""
    function = deploy(cloud, TEMPLATE).resource("ReleaseGate")
    settings = {"FunctionName": function, "UserParameters": "/release/gate"}
    gate = Action("Wait", provider="Lambda", configuration=settings, namespace="Gate")
    return add_pipeline(cloud, "release", {"Gate": [gate], "Deploy": [Action("Rollout")]})


@pytest.fixture
def set_gate(cloud: Cloud) -> SetGate:
    ssm = cloud.session().client("ssm")

    def put(value: str) -> None:
        ssm.put_parameter(Name="/release/gate", Value=value, Type="String", Overwrite=True)

    return put


def test_an_open_gate_lets_the_release_through(
    world: World, release: Pipeline, set_gate: SetGate
) -> None:
    set_gate("open")

    release.start()
    world.run()

    assert release.action("Wait")["output"]["outputVariables"] == {"gate": "open"}
    assert release.action("Rollout")["status"] == "Succeeded"


def test_the_release_waits_until_the_gate_opens(
    world: World, release: Pipeline, set_gate: SetGate
) -> None:
    set_gate("closed")
    release.start()
    world.run(until=world.now + 120 * MINUTE)
    assert release.action("Wait")["status"] == "InProgress"

    set_gate("open")
    world.run()

    wait = release.action("Wait")
    assert wait["status"] == "Succeeded"
    waited = wait["lastUpdateTime"] - wait["startTime"]
    assert 120 * MINUTE <= waited.total_seconds() < 121 * MINUTE


def test_a_missing_parameter_fails_the_release(world: World, release: Pipeline) -> None:
    release.start()
    world.run()

    wait = release.action("Wait")
    assert wait["status"] == "Failed"
    details = wait["output"]["executionResult"]["errorDetails"]
    assert details["message"] == "/release/gate: ParameterNotFound"


@pytest.mark.parametrize(
    "fault",
    [
        CallFault("throttled", "ssm:GetParameter", end=10 * MINUTE),
        CallFault("unavailable", "ssm:GetParameter", end=10 * MINUTE),
        CallFault("lost", "codepipeline:PutJobSuccessResult", times=1),
        InvocationFault("killed", "*ReleaseGate*", seconds=0.01, times=1),
    ],
    ids=lambda fault: f"{fault.kind} {getattr(fault, 'operation', '')}",
)
def test_the_release_survives(
    cloud: Cloud, release: Pipeline, set_gate: SetGate, fault: CallFault | InvocationFault
) -> None:
    cloud.faults.add(fault)
    set_gate("open")

    release.start()
    cloud.world.run()

    assert cloud.faults.log
    assert release.action("Rollout")["status"] == "Succeeded"

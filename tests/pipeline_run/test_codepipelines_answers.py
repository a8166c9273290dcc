"""Answers of CodePipeline that have several pages, or that are about other executions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import boto3
import pytest
from botocore.stub import Stubber

from codepipeline_orchestrator.model.snapshot import Snapshot
from pipeline_run.checkup.pipeline_names import list_names
from pipeline_run.snapshots import TimedSnapshot
from pipeline_run.stages import Stages
from tests.pipeline_run.described import START, run_of

ID = "3f0c9a51"
SNAPSHOT = TimedSnapshot(Snapshot("web", "InProgress", ID))
RUN = run_of()


@pytest.fixture
def script():
    client = boto3.client(
        "codepipeline",
        region_name="eu-west-1",
        aws_access_key_id="canary-access-key",
        aws_secret_access_key="canary-secret-key",
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def connection(script):
    return SimpleNamespace(codepipeline=lambda _region: script.client)


def action(stage, second, status="Succeeded"):
    times = {"startTime": START, "lastUpdateTime": START + timedelta(seconds=second)}
    return {"stageName": stage, "actionName": f"Do{second}", "status": status, **times}


def state(**stages):
    """The state of a pipeline. Each stage has the newest execution in it, or none."""
    return {
        "stageStates": [
            {"stageName": name, **({"latestExecution": _newest(*each)} if each else {})}
            for name, each in stages.items()
        ]
    }


def _newest(execution_id, status):
    return {"pipelineExecutionId": execution_id, "status": status}


def test_all_pipelines_are_known_to_doctor(script, connection):
    for name, token in (("web", {"nextToken": "more"}), ("shop", {})):
        script.add_response("list_pipelines", {"pipelines": [{"name": name}], **token})

    assert list_names(connection, "eu-west-1") == ["web", "shop"]


def test_a_stage_has_the_times_of_all_its_actions(script, connection):
    script.add_response("get_pipeline_state", state(Build=(ID, "Succeeded")))
    for second, token in ((9, {"nextToken": "more"}), (70, {})):
        page = {"actionExecutionDetails": [action("Build", second)], **token}
        script.add_response("list_action_executions", page)

    (build,) = Stages(connection, RUN).of(SNAPSHOT)

    assert (build.start, build.end) == (START, START + timedelta(seconds=70))


@pytest.mark.parametrize("build", [("90c192cf", "InProgress"), None], ids=["newer", "PARALLEL"])
def test_the_state_of_another_execution_does_not_hide_a_stage(script, connection, build):
    script.add_response("get_pipeline_state", state(Build=build, Test=None, Live=None))
    actions = [action("Test", 70, "InProgress"), action("Build", 9)]
    script.add_response("list_action_executions", {"actionExecutionDetails": actions})

    found = Stages(connection, RUN).of(SNAPSHOT)

    assert [(each.name, each.status) for each in found] == [
        ("Build", "Succeeded"),
        ("Test", "InProgress"),
        ("Live", None),
    ]
    assert found[1].end is None


def test_a_stage_that_the_pipeline_no_longer_has_is_not_shown(script, connection):
    script.add_response("get_pipeline_state", state(Build=(ID, "Succeeded"), Live=None))
    script.add_response("list_action_executions", {"actionExecutionDetails": [action("Build", 9)]})
    usual = replace(SNAPSHOT, stage_seconds={"Build": 9, "Lint": 5, "Live": 20})

    found = Stages(connection, RUN).of(usual)

    assert [each.name for each in found] == ["Build", "Live"]


def test_without_access_the_pipelines_are_unknown(script, connection):
    script.add_client_error("list_pipelines", "AccessDeniedException")

    assert list_names(connection, "eu-west-1") is None


def test_without_access_to_the_actions_the_stages_have_no_times(script, connection):
    script.add_response("get_pipeline_state", state(Build=(ID, "InProgress")))
    script.add_client_error("list_action_executions", "AccessDeniedException")

    (build,) = Stages(connection, RUN).of(SNAPSHOT)

    assert (build.status, build.start) == ("InProgress", None)

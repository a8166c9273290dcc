"""No credential turns up where it could be read, in any of the runs of a busy day."""

from __future__ import annotations

import json

import pytest
from moto.sts.models import sts_backends

from sandbox.codepipeline import Act
from sandbox.company import SECOND, THIRD, TOOLS
from tests.statemachine.reading import runs_of

ACCOUNTS = (TOOLS, SECOND, THIRD)


@pytest.fixture
def payloads(cloud):
    """Every event that was handed to a function, as it was."""
    kept = []
    invoke_async = cloud.functions.invoke_async

    def keep(function_arn, payload):
        kept.append(payload)
        invoke_async(function_arn, payload)

    cloud.functions.invoke_async = keep
    return kept


def test_no_credential_is_in_any_history_log_message_event_or_token(
    cloud, company, target, world, payloads, monkeypatch
):
    # given functions that would log their events if they were asked to
    monkeypatch.setenv("POWERTOOLS_LOGGER_LOG_EVENT", "true")
    good = target(Act(900), name="good")
    bad = target(Act(60, "Failed"), name="bad", account=THIRD)
    company.add_pipeline(
        "release",
        {
            "Go": [
                company.waiting_action("Good", good),
                company.waiting_action("Bad", bad),
                company.waiting_action("Missing", {**good, "pipelineName": "missing"}),
                company.waiting_action("Mistake", '{"pipelinName": 1}'),
                company.waiting_action("Denied", {**good, "externalId": "wrong"}),
            ]
        },
    )

    # when the release runs, and ends in all these ways
    company.start("release")
    world.run()

    # then none of the credentials that were about can be read anywhere
    credentials = job_credentials(payloads) | role_credentials()
    assert len(credentials) > 20
    written = everything_written(cloud, company, payloads)
    assert len(written) > 100_000
    assert [secret for secret in credentials if secret in written] == []
    # and what is written would show it: the jobs' ids are there
    assert all(one["id"] in written for one in jobs(payloads))


def jobs(payloads):
    return [json.loads(payload)["CodePipeline.job"] for payload in payloads]


def job_credentials(payloads):
    return {
        value for job in jobs(payloads) for value in job["data"]["artifactCredentials"].values()
    }


def role_credentials():
    return {
        secret
        for account in ACCOUNTS
        for backend in sts_backends[account].values()
        for role in backend.assumed_roles
        for secret in (role.access_key_id, role.secret_access_key, role.session_token)
    }


def everything_written(cloud, company, payloads):
    stepfunctions = company.stepfunctions()
    texts = [line.text for line in cloud.functions.log_lines]
    texts += [json.dumps(event) for event in cloud.events.log]
    texts += [job["data"].get("continuationToken", "") for job in jobs(payloads)]
    for run in runs_of(company):
        pages = stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=run["executionArn"], includeExecutionData=True
        )
        texts += [json.dumps(page["events"], default=str) for page in pages]
    for account, pipeline in ((TOOLS, "release"), (SECOND, "good"), (THIRD, "bad")):
        codepipeline = company.codepipeline(account)
        listed = codepipeline.list_action_executions(pipelineName=pipeline)
        texts.append(json.dumps(listed["actionExecutionDetails"], default=str))
        state = codepipeline.get_pipeline_state(name=pipeline)
        texts.append(json.dumps(state["stageStates"], default=str))
    return "\n".join(texts)


def test_every_log_line_of_a_run_carries_its_name(cloud, company, target, world):
    # given a release that fails
    document = target(Act(60, "Failed"))
    company.add_pipeline("release", {"Go": [company.waiting_action("Wait", document)]})
    company.start("release")
    world.run()

    # then each line that our functions have logged names the one run
    (run,) = runs_of(company)
    lines = [
        json.loads(line.text)
        for line in cloud.functions.log_lines
        if line.text.startswith('{"level"')
    ]
    assert len(lines) > 10
    assert {line["run"] for line in lines} == {run["name"]}


def test_runs_and_their_outcomes_are_counted(cloud, company, target, run):
    # given a run that succeeds, one that fails and one with bad input
    run(target(Act(10)))
    run(target(Act(10, "Failed"), name="bad"))
    run({"pipelinName": "deploy"})

    # then the metrics say so
    metrics = [
        json.loads(line.text)
        for line in cloud.functions.log_lines
        if line.text.startswith('{"_aws"')
    ]
    assert sum(metric.get("RunsStarted", [0])[0] for metric in metrics) == 3
    assert sorted(metric["Outcome"] for metric in metrics if "RunsEnded" in metric) == [
        "Error",
        "Failed",
        "Succeeded",
    ]

from __future__ import annotations

import copy
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

import close_job
import codepipeline_job
from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.aws.answers import StatusChange, read_answer
from codepipeline_orchestrator.errors import (
    BetweenStates,
    InvalidInput,
    JobNotGenuine,
    JobsUnavailable,
    RunStatusOutdated,
    TargetUnavailable,
)
from codepipeline_orchestrator.job.close_run import close_run
from codepipeline_orchestrator.job.job import Job
from codepipeline_orchestrator.job.renewal import renew
from codepipeline_orchestrator.job.table import JobsTable
from codepipeline_orchestrator.job.token import Token
from codepipeline_orchestrator.job.undelivered_job import close_undelivered
from codepipeline_orchestrator.model.action_job import ActionJob
from codepipeline_orchestrator.model.documents import to_document
from playground.company import REGION, TOOLS
from playground.scenarios.loading import load
from playground.scenarios.play import cloud_for, play
from tests.function.odd_answers import GONE, Obliging, Oddity, Recorded, oddities
from tests.function.runs import STATE, TARGET

ANSWERS = {"put_job_success_result", "put_job_failure_result"}


def answers(codepipeline):
    return [each for each in codepipeline.made if each in ANSWERS]


class Down:
    def update_item(self, **_):
        raise ClientError({"Error": {"Code": "InternalServerError"}}, "UpdateItem")


class Company:
    def __init__(self, company, run):
        self.run = run
        self.machine = company.state_machine
        self.table = company.stack.resource("JobsTable")
        self.stepfunctions = Obliging(company.stepfunctions())
        self.codepipeline = Obliging(company.codepipeline())
        session = company.cloud.session(TOOLS, REGION)
        self.dynamodb: Any = Recorded(session.client("dynamodb"))
        self.job_id = run.rpartition(":")[2]
        self.item = self.jobs().read(self.job_id)
        data = company.codepipeline().get_job_details(jobId=self.job_id)["jobDetails"]["data"]
        configuration = data["actionConfiguration"]["configuration"]
        name = configuration["FunctionName"]
        self.function = f"arn:aws:lambda:{REGION}:{TOOLS}:function:{name}"
        self.event: Any = {
            "CodePipeline.job": {
                "id": self.job_id,
                "accountId": TOOLS,
                "data": {
                    "actionConfiguration": {"configuration": configuration},
                    "inputArtifacts": [],
                },
            }
        }

    def jobs(self, dynamodb=None):
        return JobsTable(self.table, dynamodb or self.dynamodb.client)

    def abort(self):
        self.stepfunctions.client.stop_execution(executionArn=self.run)

    def take(self, event, stepfunctions=None, codepipeline=None, dynamodb=None):
        codepipeline = codepipeline or self.codepipeline.oddly([])
        functions: Any = Obliging(None)
        runs: Any = stepfunctions or self.stepfunctions.oddly([])
        codepipeline_job.take(
            Job.of(event, self.function),
            state_machine_arn=self.machine,
            close_job_function="close",
            jobs=self.jobs(dynamodb),
            stepfunctions=runs,
            codepipeline=codepipeline,
            connect_lambda=lambda: functions,
        )
        return answers(codepipeline)

    def confirm(self, event):
        """Make GetJobDetails confirm the token. Otherwise, the job stays unanswered."""
        details = self.codepipeline.oddly([]).get_job_details(jobId=self.job_id)["jobDetails"]
        token = event["CodePipeline.job"]["data"]["continuationToken"]
        details["data"]["continuationToken"] = token

    def next_event(self):
        event = copy.deepcopy(self.event)
        token = Token(self.job_id, self.item.secret, 2)
        event["CodePipeline.job"]["data"]["continuationToken"] = token.text
        return event


@contextmanager
def company(second, *happens, rollout="5m"):
    document = {
        "about": "x",
        "pipelines": {
            "release": {"stages": {"Go": {"Wait": "run deploy"}}},
            "deploy in second": {"stages": {"Deploy": {"Rollout": rollout}}},
        },
        "happens": [{"at": "0s", "start": "release"}, *happens],
    }
    loaded = load(yaml.safe_dump(document, sort_keys=False), "jobs")
    with cloud_for(loaded) as cloud:
        played = play(loaded, cloud)
        cloud.world.run(played.began + second)
        assert (played.refused, played.missed) == ([], [])
        assert played.company is not None
        found = played.company.stepfunctions().list_executions(
            stateMachineArn=played.company.state_machine
        )
        yield Company(played.company, found["executions"][0]["executionArn"])


def odd_events(event):
    for odd in oddities({"event": event}):
        yield odd, odd.applied(event)


JOB = ("CodePipeline.job",)
IN_RECORD = ("requestPayload", *JOB, "id")
# An event without one of these fields contradicts GetJobDetails.
DIFFERS = {"UserParameters", "configuration", "actionConfiguration", "data"}


@pytest.mark.parametrize("is_first", [True, False])
def test_a_malformed_event_answers_no_job(
    is_first,
):
    with company(60) as made:
        event = made.event if is_first else made.next_event()
        assert made.take(event) == []
        for odd, given in odd_events(event):
            if odd.path in {JOB, (*JOB, "id")}:
                with pytest.raises(InvalidInput, match="contains no CodePipeline job"):
                    made.take(given)
                continue
            stepfunctions = made.stepfunctions.oddly([])
            assert made.take(given, stepfunctions) == [], str(odd)
            begins = is_first or odd.path[-1] == "continuationToken"
            expected = ["start_execution" if begins else "describe_execution"]
            ignored = odd.path[-1] in DIFFERS
            assert stepfunctions.made == ([] if ignored else expected), str(odd)
        assert made.jobs().read(made.job_id).answer is None


@pytest.mark.parametrize("is_first", [True, False])
def test_malformed_details_of_a_job_have_no_effect(is_first):
    with company(60) as made:
        event = made.event if is_first else made.next_event()
        made.take(event, codepipeline=made.codepipeline)
        for odd in oddities(dict(made.codepipeline.answers)):
            stepfunctions = made.stepfunctions.oddly([])
            assert made.take(event, stepfunctions, made.codepipeline.oddly([odd])) == [], str(odd)
            expected = ["start_execution" if is_first else "describe_execution"]
            assert stepfunctions.made == expected, str(odd)


def test_a_run_that_cannot_be_read_makes_lambda_retry_the_event():
    with company(60) as made:
        event = made.next_event()
        assert made.take(event, made.stepfunctions) == []
        for odd in oddities(dict(made.stepfunctions.answers)):
            stepfunctions = made.stepfunctions.oddly([odd])
            if odd.path in {("status",), ("input",)} and odd.value != "Paused":
                with pytest.raises(RunStatusOutdated):
                    made.take(event, stepfunctions)
            else:
                assert made.take(event, stepfunctions) == [], str(odd)
        assert made.jobs().read(made.job_id).n == 2


@pytest.mark.parametrize("rollout, second", [("5m", 60), ("1m", 400), ("20s fails no room", 400)])
def test_a_malformed_response_does_not_end_a_run(rollout, second):
    # The table is unavailable, so jobs are answered from the run's status.
    with company(second, rollout=rollout) as made:
        event = made.next_event()
        made.confirm(event)
        usual = made.take(event, made.stepfunctions, dynamodb=Down())
        decides = {"output"} if second > 60 and "fails" not in rollout else {"cause", "error"}
        for odd in oddities(dict(made.stepfunctions.answers)):
            if odd.path in {("status",), ("input",)}:
                check_decisive(made, event, odd)
                continue
            answers = made.take(event, made.stepfunctions.oddly([odd]), dynamodb=Down())
            assert len(answers) == 1, str(odd)
            if odd.path[0] not in decides or "output" in decides:
                assert answers == usual, str(odd)


def check_decisive(made, event, odd):
    stepfunctions = made.stepfunctions.oddly([odd])
    if odd.value == "Paused":
        assert made.take(event, stepfunctions, dynamodb=Down()) == ["put_job_success_result"]
        return
    with pytest.raises(RunStatusOutdated):
        made.take(event, stepfunctions, dynamodb=Down())
    codepipeline = made.codepipeline.oddly([])
    close_undelivered(
        Job.of(event, made.function),
        why="RetriesExhausted",
        state_machine_arn=made.machine,
        jobs=made.jobs(),
        stepfunctions=made.stepfunctions.oddly([odd]),
        codepipeline=codepipeline,
    )
    assert answers(codepipeline) == ["put_job_success_result"]


def closed(made, stepfunctions, change):
    codepipeline = made.codepipeline.oddly([])
    functions: Any = Obliging(None)
    close_run(
        read_answer(StatusChange, change),
        stop_function="stop",
        jobs=made.jobs(made.dynamodb),
        stepfunctions=stepfunctions,
        codepipeline=codepipeline,
        connect_lambda=lambda: functions,
    )
    return codepipeline.made, functions.made


@pytest.mark.long
def test_a_stopped_run_is_closed_despite_malformed_responses():
    with company(120, {"at": "60s", "abort": 1, "reason": "why not"}) as made:
        change = {"executionArn": made.run, "status": "ABORTED", "redriveCount": 0}
        usual = closed(made, made.stepfunctions, change)
        assert usual == (["put_job_failure_result"], [])
        for odd in oddities(dict(made.stepfunctions.answers)):
            stepfunctions = made.stepfunctions.oddly([odd])
            if odd.path in {("status",), ("input",)}:
                with pytest.raises(BetweenStates):
                    closed(made, stepfunctions, change)
            else:
                assert closed(made, stepfunctions, change) == usual, str(odd)
        for odd in oddities({"change": change}):
            given = odd.applied(change)
            if odd.path == ("executionArn",):
                with pytest.raises(InvalidInput, match="names no run"):
                    closed(made, made.stepfunctions, given)
            else:
                assert closed(made, made.stepfunctions.oddly([]), given) == usual, str(odd)


NOW = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


class NotOpen(Obliging):
    def put_job_success_result(self, **_):
        raise self.exceptions.InvalidJobStateException({"Error": {}}, "PutJobSuccessResult")


def renewed(made, codepipeline, dynamodb=None, **payload):
    job = ActionJob(made.item.digest, NOW, None, 0)
    event = {
        "run": made.run,
        "job": to_document(job),
        "target": to_document(TARGET),
        "request": {**to_document(STATE.request), "onAbort": "stop"},
        "execution": None,
        **payload,
    }
    return renew(event, jobs=made.jobs(dynamodb), codepipeline=codepipeline, now=NOW)


def test_an_action_counts_as_abandoned_only_if_it_is_known_to_have_ended():
    with company(60) as made:
        client: Any = NotOpen(made.codepipeline.client)
        assert not renewed(made, client).abandoned
        for odd in oddities(dict(client.answers)):
            assert not renewed(made, client.oddly([odd])).abandoned, str(odd)
        actions = next(each for each in client.answers if each.startswith("list_action"))
        ended = Oddity(actions, ("actionExecutionDetails", 0, "status"), "Abandoned")
        assert renewed(made, client.oddly([ended])).abandoned


def test_a_malformed_item_renews_the_job_or_is_read_again():
    with company(60) as made:
        usual = renewed(made, made.codepipeline.oddly([]), made.dynamodb)
        assert usual.job is not None
        for odd in oddities(dict(made.dynamodb.answers)):
            codepipeline = made.codepipeline.oddly([])
            try:
                found = renewed(made, codepipeline, made.dynamodb.oddly([odd]))
            except JobsUnavailable:
                assert codepipeline.made == [], str(odd)
                continue
            if odd.path == ("Item",):
                assert (found.job, found.abandoned, codepipeline.made) == (None, False, [])
            else:
                assert answers(codepipeline) == ["put_job_success_result"], str(odd)
                assert found == usual, str(odd)


CREDENTIALS = {"AccessKeyId": "canary", "SecretAccessKey": "canary", "SessionToken": "canary"}


def test_a_session_without_credentials_is_requested_again_later(monkeypatch):
    whole = {"Credentials": CREDENTIALS, "AssumedRoleUser": {"Arn": "arn"}}
    for odd in [Oddity("x", ("odd",), 1), *oddities({"x": whole})]:
        answer = odd.applied(whole)
        sts = SimpleNamespace(assume_role=lambda answer=answer, **_: answer)
        monkeypatch.setattr(clients, "_sts", lambda sts=sts: sts)
        is_needed = odd.path[0] == "Credentials" and odd.path[-1] != "odd"
        if is_needed:
            with pytest.raises(TargetUnavailable, match="no credentials") as caught:
                clients.prove_role(TARGET)
            assert "canary" not in str(caught.value)
        else:
            clients.prove_role(TARGET)


@pytest.mark.parametrize("is_first", [True, False])
def test_the_job_of_a_failed_event_is_closed_despite_missing_fields(monkeypatch, is_first):
    with company(60) as made:
        made.abort()
        monkeypatch.setenv("STATE_MACHINE_ARN", made.machine)
        monkeypatch.setenv("JOBS_TABLE", made.table)
        monkeypatch.setattr(clients, "dynamodb", lambda: made.dynamodb.client)
        monkeypatch.setattr(clients, "stepfunctions", lambda: made.stepfunctions.client)
        record = {
            "requestContext": {"functionArn": made.function, "condition": "RetriesExhausted"},
            "requestPayload": made.event if is_first else made.next_event(),
            "responsePayload": {"errorMessage": "x"},
        }
        for odd in oddities({"record": record}):
            given = odd.applied(record)
            codepipeline = made.codepipeline.oddly([])
            monkeypatch.setattr(clients, "codepipeline", lambda client=codepipeline: client)
            if odd.path in {IN_RECORD[:1], IN_RECORD[:2], IN_RECORD}:
                with pytest.raises(InvalidInput):
                    close_job._close(given)
            elif odd.path[-1] in DIFFERS:
                with pytest.raises(JobNotGenuine):
                    close_job._close(given)
            else:
                close_job._close(given)
                assert answers(codepipeline) == ["put_job_failure_result"], str(odd)


def test_a_removed_field_is_absent():
    answer = {"a": {"b": 1}}
    assert Oddity("x", ("a", "b"), GONE).applied(answer) == {"a": {}}
    assert answer == {"a": {"b": 1}}

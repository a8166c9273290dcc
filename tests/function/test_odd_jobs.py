"""Whatever is missing or odd in a job, in what AWS says of it or of its run: it is answered."""

from __future__ import annotations

import copy
import json
from contextlib import contextmanager, suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

import close_job
import codepipeline_job
from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.aws.answers import StatusChange, read_answer
from codepipeline_orchestrator.errors import (
    BetweenStates,
    InvalidInput,
    InvokingActionEnded,
    JobLeaseLost,
    RunStatusOutdated,
    TargetUnavailable,
)
from codepipeline_orchestrator.job.dead_run import close_run
from codepipeline_orchestrator.job.job import Job
from codepipeline_orchestrator.job.renewal import renew
from codepipeline_orchestrator.job.undelivered_job import close
from codepipeline_orchestrator.model.documents import to_document
from sandbox.scenarios.loading import load
from sandbox.scenarios.play import cloud_for, play
from tests.function.odd_answers import GONE, Obliging, Oddity, oddities
from tests.function.runs import STATE, TARGET

ACCOUNT = "111122223333"
FUNCTION = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:job-function"
EVENT = {
    "CodePipeline.job": {
        "id": "11111111-abcd-1111-abcd-111111abcdef",
        "accountId": ACCOUNT,
        "data": {
            "actionConfiguration": {
                "configuration": {
                    "FunctionName": "job-function",
                    "UserParameters": '{"pipelineName": "deploy"}',
                }
            },
            "inputArtifacts": [],
        },
    }
}
ANSWERS = {"put_job_success_result", "put_job_failure_result"}


class Company:
    """The deployed product with a run that an action asked for, and what AWS says of both."""

    def __init__(self, company, run):
        self.run = run  # ARN
        self.machine = company.state_machine
        self.stepfunctions = Obliging(company.stepfunctions())
        self.codepipeline = Obliging(company.codepipeline())
        self.job_id = run.rpartition(":")[2]
        self.event: Any = copy.deepcopy(EVENT)
        self.event["CodePipeline.job"]["id"] = self.job_id

    def answer(self, event, stepfunctions=None, codepipeline=None, *, lease=0):
        """The calls by which a job was answered, or handed to a run."""
        stepfunctions = stepfunctions or self.stepfunctions.oddly([])
        codepipeline = codepipeline or self.codepipeline.oddly([])
        codepipeline_job.answer(
            Job.of(event, FUNCTION),
            lease=timedelta(minutes=lease),
            state_machine_arn=self.machine,
            stepfunctions=stepfunctions,
            connect_codepipeline=lambda: codepipeline,
        )
        return [each for each in codepipeline.made if each in ANSWERS]

    def next_event(self):
        """The job that follows on the first."""
        event = copy.deepcopy(self.event)
        event["CodePipeline.job"]["data"]["continuationToken"] = Job.of(self.event).token()
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
        made = copy.deepcopy(event)
        odd.applied(made)
        yield odd, made


# What says to which run a later job belongs, and that it is a later one.
OF_THE_TOKEN = {"UserParameters", "configuration", "actionConfiguration", "data"}


def test_a_job_with_an_id_is_answered_whatever_else_it_lacks():
    with company(60) as made:
        event = made.next_event()
        assert made.answer(event) == ["put_job_success_result"]
        for odd, given in odd_events(event):
            if odd.path in {("CodePipeline.job",), ("CodePipeline.job", "id")}:
                with pytest.raises(InvalidInput, match="holds no job"):
                    made.answer(given)
                continue
            answers = made.answer(given)
            assert len(answers) == 1, str(odd)
            if odd.path[-1] not in {*OF_THE_TOKEN, "continuationToken"}:
                assert answers == ["put_job_success_result"], str(odd)


def test_no_odd_details_of_a_job_keep_its_run_from_being_started():
    with company(60) as made:
        event = copy.deepcopy(made.event)
        made.answer(event, codepipeline=made.codepipeline)
        for odd in oddities(dict(made.codepipeline.answers)):
            stepfunctions = made.stepfunctions.oddly([])
            made.answer(event, stepfunctions, made.codepipeline.oddly([odd]), lease=10)
            assert stepfunctions.made == ["start_execution"], str(odd)


@pytest.mark.parametrize("rollout, second", [("5m", 60), ("1m", 400), ("20s fails no room", 400)])
def test_an_odd_answer_about_a_run_is_no_end_of_it(rollout, second):
    with company(second, rollout=rollout) as made:
        event = made.next_event()
        usual = made.answer(event, made.stepfunctions)
        decides = {"output"} if second > 60 and "fails" not in rollout else {"cause", "error"}
        for odd in oddities(dict(made.stepfunctions.answers)):
            if odd.call.startswith("describe_execution") and odd.path == ("status",):
                check_status(made, event, odd)
                continue
            answers = made.answer(event, made.stepfunctions.oddly([odd]))
            assert len(answers) == 1, str(odd)
            if odd.path[0] not in decides or "output" in decides:
                assert answers == usual, str(odd)


def check_status(made, event, odd):
    """The one decisive member: the job comes back, or the run is taken to go on."""
    if odd.value == "Paused":
        assert made.answer(event, made.stepfunctions.oddly([odd])) == ["put_job_success_result"]
        return
    with pytest.raises(RunStatusOutdated):
        made.answer(event, made.stepfunctions.oddly([odd]))
    codepipeline = made.codepipeline.oddly([])
    close(
        Job.of(event, FUNCTION),
        why="RetriesExhausted",
        state_machine_arn=made.machine,
        stepfunctions=made.stepfunctions.oddly([odd]),
        codepipeline=codepipeline,
    )
    assert codepipeline.made == ["put_job_success_result"]  # nobody gives the run up


def closed(made, stepfunctions, change):
    codepipeline = made.codepipeline.oddly([])
    functions: Any = Obliging(None)
    close_run(
        read_answer(StatusChange, change),
        stop_function="stop",
        stepfunctions=stepfunctions,
        codepipeline=codepipeline,
        connect_lambda=lambda: functions,
    )
    return codepipeline.made, functions.made


def test_a_run_that_was_stopped_is_closed_whatever_is_odd():
    with company(120, {"at": "60s", "abort": 1, "reason": "why not"}) as made:
        change = {"executionArn": made.run, "status": "ABORTED", "redriveCount": 0}
        usual = closed(made, made.stepfunctions, change)
        assert usual == (["put_job_failure_result"], [])
        for odd in oddities(dict(made.stepfunctions.answers)):
            stepfunctions = made.stepfunctions.oddly([odd])
            if odd.path == ("status",):
                with pytest.raises(BetweenStates):
                    closed(made, stepfunctions, change)
            elif odd.path[0] == "events":
                closed(made, stepfunctions, change)  # the history alone knows the job
            else:
                assert closed(made, stepfunctions, change) == usual, str(odd)
        for odd in oddities({"change": change}):
            given = dict(change)
            odd.applied(given)
            if odd.path == ("executionArn",):
                with pytest.raises(InvalidInput, match="names no run"):
                    closed(made, made.stepfunctions, given)
            else:
                assert closed(made, made.stepfunctions.oddly([]), given) == usual, str(odd)


def test_only_an_action_that_is_known_to_have_ended_ends_its_run():
    with company(60) as made:
        event = {
            "run": made.run,
            "heldJob": {"id": made.job_id, "action": "a", "renewAt": "2026-01-05T09:00:00+00:00"},
            "taskToken": "t",
            "target": to_document(TARGET),
            "request": {**to_document(STATE.request), "onAbort": "stop"},
            "execution": None,
        }

        class Answered(Obliging):
            def put_job_success_result(self, **_):
                raise self.exceptions.InvalidJobStateException({"Error": {}}, "PutJobSuccessResult")

        client: Any = Answered(made.codepipeline.client)
        with pytest.raises(JobLeaseLost):
            renew(event, codepipeline=client)
        for odd in oddities(dict(client.answers)):
            with pytest.raises(JobLeaseLost):
                renew(event, codepipeline=client.oddly([odd]))
        actions = next(each for each in client.answers if each.startswith("list_action"))
        ended = Oddity(actions, ("actionExecutionDetails", 0, "status"), "Abandoned")
        with pytest.raises(InvokingActionEnded):
            renew(event, codepipeline=client.oddly([ended]))


CREDENTIALS = {"AccessKeyId": "canary", "SecretAccessKey": "canary", "SessionToken": "canary"}


def test_a_role_without_credentials_is_asked_for_later(monkeypatch):
    whole = {"Credentials": CREDENTIALS, "AssumedRoleUser": {"Arn": "arn"}}
    for odd in [Oddity("x", ("odd",), 1), *oddities({"x": whole})]:
        answer = copy.deepcopy(whole)
        odd.applied(answer)
        sts = SimpleNamespace(assume_role=lambda answer=answer, **_: answer)
        monkeypatch.setattr(clients, "_sts", lambda sts=sts: sts)
        is_needed = odd.path[0] == "Credentials" and odd.path[-1] != "odd"
        if is_needed:
            with pytest.raises(TargetUnavailable, match="without credentials") as caught:
                clients.prove_role(TARGET)
            assert "canary" not in str(caught.value)
        else:
            clients.prove_role(TARGET)


def test_a_record_of_an_event_is_closed_whatever_else_it_lacks(monkeypatch):
    with company(60) as made:
        monkeypatch.setenv("STATE_MACHINE_ARN", made.machine)
        monkeypatch.setattr(clients, "stepfunctions", lambda: made.stepfunctions.oddly([]))
        record = {
            "requestContext": {"functionArn": FUNCTION, "condition": "RetriesExhausted"},
            "requestPayload": made.next_event(),
            "responsePayload": {"errorMessage": "x"},
        }
        for odd in oddities({"record": record}):
            given = json.loads(json.dumps(record))
            odd.applied(given)
            codepipeline = made.codepipeline.oddly([])
            monkeypatch.setattr(clients, "codepipeline", lambda client=codepipeline: client)
            job = ("requestPayload", "CodePipeline.job")
            if odd.path in {job[:1], job, (*job, "id")}:
                with suppress(InvalidInput):
                    close_job._close(given)
                continue
            close_job._close(given)
            assert len([each for each in codepipeline.made if each in ANSWERS]) == 1, str(odd)


def test_nothing_is_no_value():
    """An oddity that drops a member leaves no trace of it."""
    answer = {"a": {"b": 1}}
    Oddity("x", ("a", "b"), GONE).applied(answer)
    assert answer == {"a": {}}

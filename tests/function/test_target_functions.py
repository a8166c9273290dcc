from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from assume_role import may_hear, split_job, target_of
from codepipeline_orchestrator.errors import (
    InvalidInput,
    PipelineExecutionNotFound,
    PipelineNeverRun,
    PipelineNotFound,
    StartRefused,
    TargetAccessDenied,
    TargetUnavailable,
)
from codepipeline_orchestrator.input.parsing import parse_input
from codepipeline_orchestrator.input.to_request import request_of
from codepipeline_orchestrator.model.state import Execution
from codepipeline_orchestrator.model.target import Place
from start_execution import attempt
from tests.function.runs import (
    ID,
    RUN,
    START,
    STATE,
    TARGET,
    acted,
    action,
    asked,
    lists,
    moment,
    polled,
    reads,
    seen,
    shows_progress,
    waits,
)

JOB_ID = "11111111-abcd-1111-abcd-111111abcdef"


# --- assume_role ---


def test_a_run_without_an_action_has_no_job():
    assert split_job({"pipelineName": "p"}) == (None, {"pipelineName": "p"})
    assert split_job([1]) == (None, [1])


def test_the_input_from_a_job_includes_the_job():
    job = {"id": JOB_ID, "secret": "digest"}
    document = {"job": job, "input": {"pipelineName": "p"}}
    assert split_job(document) == (job, {"pipelineName": "p"})


@pytest.mark.parametrize(
    "job",
    [
        *(5, "x", None, [], {}),
        {"id": JOB_ID},
        {"id": "x", "secret": "digest"},
        {"id": {}, "secret": "digest"},
        {"id": JOB_ID, "secret": None},
        {"id": JOB_ID, "secret": {}},
        {"id": JOB_ID, "secret": "digest", "held": True},
    ],
)
def test_an_invalid_job_is_refused(job):
    with pytest.raises(InvalidInput, match="job: reserved for"):
        split_job({"job": job, "input": {"pipelineName": "p"}})


def target(document, **more):
    settings = {"local_role": "arn:aws:iam::111122223333:role/local", "external_id": "ext", **more}
    return target_of(
        parse_input(document), run=RUN, start_time="2026-01-05T09:00:00.000Z", **settings
    )


def test_the_account_comes_from_the_role_and_the_rest_from_the_deployment():
    made = target({"pipelineName": "p", "roleArn": "arn:aws:iam::222233334444:role/t"})
    assert made.arn == "arn:aws:codepipeline:eu-west-1:222233334444:p"
    assert made.external_id == "ext"


def test_the_input_overrides_the_defaults_of_the_deployment():
    made = target(
        {
            "pipelineName": "p",
            "roleArn": "arn:aws:iam::222233334444:role/t",
            "externalId": "other",
            "region": "eu-central-1",
        }
    )
    assert made.arn == "arn:aws:codepipeline:eu-central-1:222233334444:p"
    assert made.external_id == "other"


def test_without_a_role_the_target_is_local():
    made = target({"pipelineName": "p"})
    assert made.account == "111122223333"
    assert made.role_arn == "arn:aws:iam::111122223333:role/local"


@pytest.mark.parametrize(
    "account, region, senders, hears",
    [
        ("111122223333", "eu-west-1", "", True),
        ("111122223333", "us-east-1", "", False),
        ("111122223333", "us-east-1", "222233334444,111122223333", True),
        ("222233334444", "eu-west-1", "", False),
        ("222233334444", "eu-west-1", "333344445555", False),
        ("222233334444", "us-east-1", "333344445555,222233334444", True),
        ("222233334444", "eu-west-1", "o-a1b2c3d4e5", True),
    ],
)
def test_a_run_listens_only_for_targets_that_can_send_events(account, region, senders, hears):
    made = replace(TARGET, account=account, region=region)
    assert may_hear(made, here=Place.of(RUN), senders=senders) is hears


@pytest.mark.parametrize(
    "document, has_job, minutes",
    [
        ({}, True, 1_420),
        ({}, False, 10_080),
        ({"timeoutMinutes": 7}, True, 7),
        ({"timeoutMinutes": 7}, False, 7),
    ],
)
def test_the_deadline_counts_from_the_start_of_the_run(document, has_job, minutes):
    run_input = parse_input({"pipelineName": "p", **document})
    request = request_of(run_input, started_at=START, has_job=has_job, hears=False)
    assert request.deadline == START + timedelta(minutes=minutes)


# --- start_execution ---


def test_a_start_sends_the_input_and_its_token(codepipeline, at):
    state = asked(variables=[{"name": "A", "value": "b"}])
    codepipeline.add_response(
        "start_pipeline_execution",
        {"pipelineExecutionId": ID},
        {
            "name": "deploy",
            "clientRequestToken": "run-1",
            "variables": [{"name": "A", "value": "b"}],
        },
    )
    at(5)

    made = attempt(state, connect=lambda _target: codepipeline.client)

    started = (START + timedelta(seconds=5)).isoformat()
    assert made["changes"]["execution"] == {"pipelineExecutionId": ID, "startTime": started}
    assert made["ended"] is False


@pytest.mark.parametrize(
    "code, status, error, words",
    [
        ("PipelineNotFoundException", 400, PipelineNotFound, "no pipeline deploy in account 2222"),
        ("AccessDeniedException", 400, TargetAccessDenied, "codepipeline:StartPipelineExecution"),
        ("ValidationException", 400, StartRefused, "variables"),
    ],
)
def test_a_refusal_by_codepipeline_is_quoted(codepipeline, at, code, status, error, words):
    codepipeline.add_client_error(
        "start_pipeline_execution", code, "what AWS said", http_status_code=status
    )
    with pytest.raises(error) as caught:
        attempt(STATE, connect=lambda _target: codepipeline.client)
    assert words in str(caught.value)
    assert "what AWS said" in str(caught.value)


LATEST = asked(mode="latest")


def test_latest_follows_the_newest_execution(codepipeline):
    codepipeline.add_response(
        "list_pipeline_executions",
        {"pipelineExecutionSummaries": [{"pipelineExecutionId": ID, "startTime": START}]},
        {"pipelineName": "deploy", "maxResults": 100},
    )
    made = attempt(LATEST, connect=lambda _target: codepipeline.client)
    assert made["changes"]["execution"] == {
        "pipelineExecutionId": ID,
        "startTime": START.isoformat(),
    }


def test_latest_of_a_pipeline_that_never_ran_is_an_error(codepipeline):
    codepipeline.add_response("list_pipeline_executions", {"pipelineExecutionSummaries": []})
    with pytest.raises(PipelineNeverRun, match="no execution"):
        attempt(LATEST, connect=lambda _target: codepipeline.client)


# --- get_state ---


@pytest.mark.parametrize("status", ["InProgress", "Stopping"])
def test_while_the_target_is_in_progress_the_run_waits(codepipeline, at, status):
    reads(codepipeline, status)
    at(300)
    made = polled(seen("InProgress"), codepipeline)
    assert made["ended"] is False
    assert waits(made) == 20
    assert made["changes"]["memory"] == {"polls": 5, "status": status, "pace": {}}
    assert made["snapshot"]["status"] == status
    assert ID in made["snapshot"]["link"]


def test_a_success_is_reported_with_the_times_of_the_execution(codepipeline, at):
    reads(
        codepipeline,
        "Succeeded",
        variables=[{"name": "A", "resolvedValue": "b"}],
        artifactRevisions=[{"name": "Source", "revisionId": "abc"}],
    )
    lists(
        codepipeline,
        {"pipelineExecutionId": "bbbbbbbb-1111-2222-3333-444444444444"},
        {
            "pipelineExecutionId": ID,
            "startTime": START,
            "lastUpdateTime": START + timedelta(seconds=50),
        },
    )
    acted(codepipeline)
    at(60)
    made = polled(STATE, codepipeline)
    assert made["ended"] is True
    report = made["report"]
    assert report["outcome"] == "Succeeded"
    assert report["startTime"] == START.isoformat()
    assert report["endTime"] == (START + timedelta(seconds=50)).isoformat()
    assert report["variables"] == [{"name": "A", "resolvedValue": "b"}]
    assert report["sourceRevisions"] == [{"name": "Source", "revisionId": "abc"}]


def test_a_failure_read_once_is_polled_again_ten_seconds_later(codepipeline, at):
    reads(codepipeline, "Failed")
    at(3_000)
    made = polled(seen("InProgress"), codepipeline)
    assert made["ended"] is False
    assert waits(made) == 10


def test_an_automatic_retry_of_a_failure_is_followed(codepipeline, at):
    reads(codepipeline, "InProgress")
    assert polled(seen("Failed"), codepipeline)["ended"] is False


def test_a_failure_read_twice_is_reported_with_the_action_that_failed(codepipeline, at):
    reads(codepipeline, "Failed", statusSummary="it failed")
    lists(codepipeline)
    codepipeline.add_response(
        "list_action_executions",
        {
            "actionExecutionDetails": [
                {
                    "stageName": "Deploy",
                    "actionName": "Rollout",
                    "status": "Failed",
                    "lastUpdateTime": START,
                    "output": {
                        "executionResult": {
                            "errorDetails": {"code": "JobFailed", "message": "no capacity"}
                        }
                    },
                }
            ]
        },
        {"pipelineName": "deploy", "filter": {"pipelineExecutionId": ID}},
    )
    report = polled(seen("Failed"), codepipeline)["report"]
    assert report["outcome"] == "Failed"
    assert report["failures"] == [
        {"stage": "Deploy", "action": "Rollout", "code": "JobFailed", "message": "no capacity"}
    ]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_unreadable_details_never_change_the_outcome(codepipeline, at, code):
    reads(codepipeline, "Failed")
    codepipeline.add_client_error("list_pipeline_executions", code)
    codepipeline.add_client_error("list_action_executions", code)
    codepipeline.add_client_error("get_pipeline_state", code)
    made = polled(seen("Failed"), codepipeline)
    assert made["report"]["outcome"] == "Failed"


@pytest.mark.parametrize(
    "status, outcome",
    [("Stopped", "Stopped"), ("Cancelled", "Cancelled"), ("Superseded", "Superseded")],
)
def test_other_outcomes_are_reported_unchanged(codepipeline, at, status, outcome):
    reads(codepipeline, status, statusSummary="why")
    lists(codepipeline)
    acted(codepipeline)
    report = polled(STATE, codepipeline)["report"]
    assert report["outcome"] == outcome
    assert report["statusSummary"] == "why"


def test_at_the_deadline_the_run_times_out_and_reports_the_progress_of_the_target(codepipeline, at):
    reads(codepipeline, "InProgress")
    shows_progress(codepipeline, "Deploy", "Rollout")
    lists(codepipeline)
    acted(codepipeline, action("InProgress", startTime=START))
    at(3_600)
    report = polled(seen("InProgress"), codepipeline)["report"]
    assert report["outcome"] == "TimedOut"
    assert report["status"] == "InProgress"
    deadline = moment(3_600).isoformat()
    assert report["progress"] == {"stage": "Deploy", "actions": ["Rollout"], "readAt": deadline}
    (stage,) = report["stages"]
    assert (stage["name"], stage["status"]) == ("Deploy", "InProgress")
    assert "endTime" not in stage


@pytest.mark.parametrize("policy, then", [("leave", None), ("stop", "StopExecution")])
def test_a_failure_first_read_at_the_deadline_is_a_timeout(codepipeline, at, policy, then):
    reads(codepipeline, "Failed")
    lists(codepipeline)
    acted(codepipeline)
    at(3_600)
    made = polled(seen("InProgress", state=asked(onTimeout=policy)), codepipeline)
    assert (made["report"]["outcome"], made["report"]["status"]) == ("TimedOut", "Failed")
    assert made["then"] == then


def test_no_wait_goes_beyond_the_deadline(codepipeline, at):
    reads(codepipeline, "InProgress")
    at(3_590)
    made = polled(seen("InProgress"), codepipeline)
    assert waits(made) == 10


@pytest.mark.parametrize(
    "code, status", [("ThrottlingException", 400), ("ServiceUnavailable", 503)]
)
def test_a_run_waits_until_an_outage_ends(codepipeline, at, code, status):
    codepipeline.add_client_error("get_pipeline_execution", code, http_status_code=status)
    made = polled(seen("InProgress"), codepipeline)
    assert made["ended"] is False
    assert made["changes"]["memory"]["status"] == "unreadable"


def test_a_run_waits_for_a_new_execution_to_appear(codepipeline, at):
    codepipeline.add_client_error("get_pipeline_execution", "PipelineExecutionNotFoundException")
    at(119)
    assert polled(STATE, codepipeline)["ended"] is False


def test_the_wait_for_a_new_execution_begins_at_its_start(codepipeline, at):
    late = replace(STATE, execution=Execution(ID, START + timedelta(seconds=600)))
    codepipeline.add_client_error("get_pipeline_execution", "PipelineExecutionNotFoundException")
    at(700)
    made = polled(late, codepipeline)
    assert made["ended"] is False


def test_a_run_waits_for_a_role_that_temporarily_cannot_be_assumed(at):
    def connect(_target):
        raise TargetUnavailable("STS is down")

    made = polled(seen("InProgress"), None, connect)
    assert made["ended"] is False
    assert made["changes"]["memory"]["status"] == "unreadable"


def test_at_the_deadline_an_unreadable_target_is_a_timeout(at):
    def connect(_target):
        raise TargetUnavailable("STS is down")

    at(3_600)
    report = polled(seen("InProgress"), None, connect)["report"]
    assert report["outcome"] == "TimedOut"
    assert report["cause"] == "STS is down"
    assert report["seenAt"] == (START + timedelta(seconds=3_600)).isoformat()


def test_a_region_without_codepipeline_is_named(codepipeline, at, monkeypatch):
    def unreachable(**_parameters):
        raise EndpointConnectionError(endpoint_url="https://codepipeline.eu-west-9.amazonaws.com/")

    monkeypatch.setattr(codepipeline.client, "start_pipeline_execution", unreachable)
    state = replace(STATE, target=replace(TARGET, region="eu-west-9"))
    with pytest.raises(InvalidInput, match="region: CodePipeline in eu-west-9 could not complete"):
        attempt(state, connect=lambda _target: codepipeline.client)


def test_an_execution_that_does_not_appear_is_an_error(codepipeline, at):
    codepipeline.add_client_error("get_pipeline_execution", "PipelineExecutionNotFoundException")
    at(121)
    with pytest.raises(PipelineExecutionNotFound):
        polled(STATE, codepipeline)


def test_a_denied_poll_names_the_missing_action(codepipeline, at):
    codepipeline.add_client_error("get_pipeline_execution", "AccessDeniedException")
    with pytest.raises(TargetAccessDenied, match="codepipeline:GetPipelineExecution"):
        polled(STATE, codepipeline)

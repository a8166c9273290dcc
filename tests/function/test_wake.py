from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

import wake as function
from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.aws.answers import PipelineEvent, read_answer
from codepipeline_orchestrator.model.listening import Listening
from codepipeline_sandbox.faults import CallFault
from tests.function.odd_answers import oddities
from tests.function.runs import ID, START, TARGET
from tests.unit.job.actions import ACCOUNT, REGION, refused

WAITS = "Waits"
KEY = {"execution": {"S": Listening.to(TARGET, ID).execution}}
EXECUTION = "CodePipeline Pipeline Execution State Change"
ACTION = "CodePipeline Action Execution State Change"
STAGE = "CodePipeline Stage Execution State Change"
ENDS = ["SUCCEEDED", "FAILED", "STOPPED", "SUPERSEDED", "CANCELED"]


def event(state="SUCCEEDED", kind=EXECUTION, category=None):
    detail: dict[str, Any] = {
        "pipeline": "deploy",
        "version": 3,
        "state": state,
        "execution-id": ID,
    }
    if category is not None:
        provider = {"owner": "AWS", "provider": "Manual", "version": "1"}
        detail |= {"stage": "Gate", "action": "Ask", "type": {"category": category, **provider}}
    return {
        "version": "0",
        "id": "01234567-EXAMPLE",
        "detail-type": kind,
        "source": "aws.codepipeline",
        "account": TARGET.account,
        "time": "2026-01-05T09:01:00Z",
        "region": TARGET.region,
        "resources": [TARGET.arn],
        "detail": detail,
    }


class TaskTimedOut(ClientError):
    """The error for a wait that has timed out."""


class TaskDoesNotExist(ClientError):
    """The error for a wait that is already over."""


class InvalidToken(ClientError):
    """The error for a stored value that is not a token."""


@dataclass
class Waiting:
    errors: dict[str, Exception] = field(default_factory=dict)
    answers: list[tuple[str, Any]] = field(default_factory=list)

    exceptions = SimpleNamespace(
        TaskTimedOut=TaskTimedOut, TaskDoesNotExist=TaskDoesNotExist, InvalidToken=InvalidToken
    )

    def send_task_success(self, *, taskToken, output):  # noqa: N803 - AWS's name
        if taskToken in self.errors:
            raise self.errors[taskToken]
        self.answers.append((taskToken, json.loads(output)))


@pytest.fixture
def waits(cloud):
    client = cloud.session(ACCOUNT, REGION).client("dynamodb", config=clients._CONFIG)
    client.create_table(
        TableName=WAITS,
        AttributeDefinitions=[{"AttributeName": "execution", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "execution", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


@pytest.fixture
def heard(waits):
    def read():
        item = waits.get_item(TableName=WAITS, Key=KEY).get("Item")
        return int(item["heard"]["N"]) if item else None

    return read


@pytest.fixture
def register(waits):
    def do(run, token, heard):
        waits.update_item(
            TableName=WAITS,
            Key=KEY,
            UpdateExpression="SET #wait = :token",
            ConditionExpression="heard = :heard",
            ExpressionAttributeNames={"#wait": f"wait:{run}"},
            ExpressionAttributeValues={":token": {"S": token}, ":heard": {"N": str(heard)}},
        )

    return do


@pytest.fixture
def wake(waits, at):
    def do(given, stepfunctions=None):
        runs: Any = stepfunctions or Waiting()
        function.wake(
            read_answer(PipelineEvent, given),
            table=WAITS,
            dynamodb=waits,
            connect_stepfunctions=lambda: runs,
        )
        return runs.answers

    return do


# --- which events ---


@pytest.mark.parametrize("state", ENDS)
def test_an_end_is_counted_and_announced(wake, register, heard, counted, state):
    wake(event("STARTED"))
    register("run-1", "t1", 0)
    assert wake(event(state)) == [("t1", {"heard": 1, "endAnnounced": True})]
    assert heard() == 1
    assert counted() == ["RunsWoken"]


@pytest.mark.interleaving(67)
def test_a_new_approval_wakes_the_run_but_announces_no_end(wake, register, heard):
    wake(event("STARTED"))
    register("run-1", "t1", 0)
    assert wake(event("STARTED", ACTION, "Approval")) == [
        ("t1", {"heard": 1, "endAnnounced": False})
    ]
    assert heard() == 1


@pytest.mark.parametrize(
    "other",
    [
        event("STARTED"),
        event("RESUMED"),
        event("STOPPING"),
        event("SUPERSEDING"),
        event("SUCCEEDED", ACTION, "Approval"),
        event("FAILED", ACTION, "Approval"),
        event("STARTED", ACTION, "Build"),
        event("FAILED", ACTION, "Deploy"),
        event("STARTED", ACTION),
        event("FAILED", STAGE),
        event("SUCCEEDED", "Something New"),
        event(None),
    ],
)
def test_any_other_event_shows_that_events_arrive_but_wakes_no_run(wake, register, heard, other):
    assert wake(other) == []
    assert heard() == 0
    register("run-1", "t1", 0)
    assert wake(other) == []
    assert heard() == 0


def test_an_item_lives_for_35_days_after_its_last_event(wake, waits, at):
    for second in (0, 90):
        at(second)
        wake(event("STARTED"))
        item = waits.get_item(TableName=WAITS, Key=KEY)["Item"]
        assert int(item["expires"]["N"]) == START.timestamp() + second + 35 * 24 * 3600


# --- the order of events ---


@pytest.mark.interleaving(51, 52)
def test_a_run_cannot_register_until_it_has_read_the_newest_counter(wake, register, heard):
    wake(event("STARTED"))
    wake(event("FAILED"))
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        register("run-1", "t1", 0)
    register("run-1", "t1", heard())


@pytest.mark.interleaving(54)
def test_a_duplicate_or_late_event_causes_one_extra_poll(wake, register, heard):
    wake(event("FAILED"))
    wake(event("FAILED"))
    assert heard() == 2
    register("run-1", "t1", 2)
    wake(event("SUCCEEDED"))
    assert wake(event("FAILED")) == [("t1", {"heard": 4, "endAnnounced": True})]
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        register("run-1", "t2", 3)


@pytest.mark.interleaving(54, 57)
def test_a_wake_that_failed_after_its_update_is_repeated(wake, register, heard):
    wake(event("STARTED"))
    register("run-1", "t1", 0)
    with pytest.raises(ZeroDivisionError):
        wake(event(), Waiting({"t1": ZeroDivisionError()}))
    assert wake(event()) == [("t1", {"heard": 2, "endAnnounced": True})]


@pytest.mark.interleaving(58, 60, 61)
@pytest.mark.parametrize("error", [TaskTimedOut, TaskDoesNotExist, InvalidToken])
def test_other_runs_are_woken_even_if_one_wait_is_over(wake, register, counted, error):
    wake(event("STARTED"))
    for number in (1, 2, 3):
        register(f"run-{number}", f"t{number}", 0)
    runs = Waiting({"t2": error({"Error": {"Code": error.__name__}}, "SendTaskSuccess")})
    output = {"heard": 1, "endAnnounced": True}
    assert sorted(wake(event(), runs)) == [("t1", output), ("t3", output)]
    assert counted() == ["RunsWoken"] * 2


@pytest.mark.interleaving(59, 61)
def test_the_newest_token_of_a_run_is_used(wake, register):
    wake(event("STARTED"))
    register("run-1", "t1", 0)
    register("run-1", "t2", 0)
    assert [token for token, _ in wake(event())] == ["t2"]


@pytest.mark.interleaving(57)
@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException", "Unknown"])
def test_a_run_that_cannot_be_woken_makes_lambda_retry_the_event(wake, register, heard, code):
    wake(event("STARTED"))
    for number in (1, 2):
        register(f"run-{number}", f"t{number}", 0)
    runs = Waiting({"t1": refused(code)})
    with pytest.raises(ClientError, match=code):
        wake(event(), runs)
    assert [token for token, _ in runs.answers] == ["t2"]
    assert len(wake(event())) == 2


@pytest.mark.interleaving(63)
@pytest.mark.parametrize("kind, attempts", [("throttled", 3), ("denied", 1), ("unreachable", 3)])
def test_an_unavailable_table_makes_lambda_retry_the_event(cloud, wake, heard, kind, attempts):
    fault = CallFault(kind, "dynamodb:UpdateItem", callers="everybody", times=attempts)
    cloud.faults.add(fault)
    with pytest.raises((ClientError, EndpointConnectionError)):
        wake(event())
    assert wake(event()) == []
    assert heard() == 1


@pytest.mark.interleaving(65)
def test_a_late_event_creates_an_item_that_expires_again(wake, waits, heard):
    wake(event())
    waits.delete_item(TableName=WAITS, Key=KEY)
    wake(event())
    assert heard() == 1
    assert "expires" in waits.get_item(TableName=WAITS, Key=KEY)["Item"]


# --- malformed events ---

PLACE = {("account",), ("region",), ("detail",), ("detail", "pipeline"), ("detail", "execution-id")}


@pytest.mark.interleaving(62)
def test_a_malformed_event_never_wakes_a_run_of_another_execution(waits, wake, register):
    wake(event("STARTED"))
    register("run-1", "t1", 0)
    whole = event("FAILED", ACTION, "Approval")
    for odd in oddities({"event": whole}):
        assert wake(odd.applied(whole)) == [], str(odd)
        items = waits.scan(TableName=WAITS)["Items"]
        assert len(items) == 1, str(odd)


def test_a_malformed_event_still_wakes_the_run_if_it_identifies_the_execution(
    wake, register, heard
):
    wake(event("STARTED"))
    register("run-1", "t1", 0)
    for odd in oddities({"event": event()}):
        before, given = heard(), odd.applied(event())
        decides = odd.path in {*PLACE, ("detail-type",), ("detail", "state")}
        woken = wake(given)
        assert (len(woken), heard() - before) == ((0, 0) if decides else (1, 1)), str(odd)


def test_an_event_of_another_execution_pipeline_region_or_account_wakes_no_run(wake, register):
    wake(event("STARTED"))
    register("run-1", "t1", 0)
    for name in ("account", "region"):
        assert wake({**event(), name: "other"}) == []
    for name in ("pipeline", "execution-id"):
        assert wake({**event(), "detail": {**event()["detail"], name: "other"}}) == []


def test_the_handler_wakes_runs_with_the_clients_of_its_function(
    wake, waits, register, monkeypatch
):
    wake(event("STARTED"))
    register("run-1", "t1", 0)
    runs = Waiting()
    monkeypatch.setenv("WAITS_TABLE", WAITS)
    monkeypatch.setattr(clients, "dynamodb", lambda: waits)
    monkeypatch.setattr(clients, "stepfunctions", lambda: runs)
    names = ("function_name", "memory_limit_in_mb", "invoked_function_arn", "aws_request_id")
    context: Any = SimpleNamespace(**dict.fromkeys(names, "x"))
    assert function.handler(event(), context) is None
    assert [token for token, _ in runs.answers] == ["t1"]

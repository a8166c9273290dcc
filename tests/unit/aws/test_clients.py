from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.aws import clients, throttling
from codepipeline_orchestrator.model.target import Target

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ROLE = "arn:aws:iam::222233334444:role/t"
TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", ROLE, None, "run-1")
OWN = [
    clients.codepipeline,
    clients.stepfunctions,
    clients.dynamodb,
    clients.aws_lambda,
    clients._sts,
]


class Client:
    def __init__(self):
        self.meta = SimpleNamespace(events=self)

    def register(self, event, heard):
        assert event == "after-call"
        self._heard = heard

    def answered(self, operation, code=None):
        parsed = {"Error": {"Code": code}} if code else {}
        model = SimpleNamespace(name=operation)
        self._heard(model=model, parsed=parsed, http_response=None, context={})


class SDK:
    def __init__(self):
        self.made = []
        self.assumed = []

    def create_client(self, service, **options):
        self.made.append((service, options))
        return self if service == "sts" else Client()

    def assume_role(self, **request):
        self.assumed.append(request)
        words = {"AccessKeyId": "key", "SecretAccessKey": "secret", "SessionToken": "session"}
        return {"Credentials": {name: f"canary-{word}" for name, word in words.items()}}


@pytest.fixture
def sdk(monkeypatch):
    made = SDK()
    monkeypatch.setattr(clients, "_session", lambda: made)
    monkeypatch.setattr(clients, "_target_clients", {})
    for each in OWN:
        each.cache_clear()
    yield made
    for each in OWN:
        each.cache_clear()


@pytest.fixture
def at(monkeypatch):
    def set_time(passed):
        monkeypatch.setattr(clock, "_source", (START + passed).timestamp)

    set_time(timedelta())
    return set_time


def test_a_target_is_reached_in_its_region_with_the_credentials_of_its_role(sdk, at):
    clients.target_codepipeline(TARGET)

    assert sdk.assumed == [{"RoleArn": ROLE, "RoleSessionName": "run-1", "DurationSeconds": 3_600}]
    assert sdk.made == [
        ("sts", {"config": clients._POLLING}),
        (
            "codepipeline",
            {
                "region_name": "eu-west-1",
                "aws_access_key_id": "canary-key",
                "aws_secret_access_key": "canary-secret",
                "aws_session_token": "canary-session",
                "config": clients._CONFIG,
            },
        ),
    ]


def test_checking_a_role_creates_no_client(sdk, at):
    clients.prove_role(TARGET)
    assert sdk.assumed == [{"RoleArn": ROLE, "RoleSessionName": "run-1", "DurationSeconds": 3_600}]
    assert [service for service, _ in sdk.made] == ["sts"]


def test_calls_that_must_not_run_twice_use_a_client_without_retries(sdk, at):
    often, once = (clients.target_codepipeline(TARGET, only_once=only) for only in (False, True))
    assert once is not often
    assert clients.target_codepipeline(TARGET, only_once=True) is once
    config = sdk.made[-1][1]["config"]
    assert config.retries["total_max_attempts"] == 1


def test_the_external_id_is_sent_to_sts(sdk, at):
    clients.target_codepipeline(replace(TARGET, external_id="ext-1"))
    assert sdk.assumed[0]["ExternalId"] == "ext-1"


def test_a_target_client_is_kept_until_five_minutes_before_its_session_ends(sdk, at):
    first = clients.target_codepipeline(TARGET)
    at(timedelta(minutes=55, seconds=-1))
    assert clients.target_codepipeline(TARGET) is first
    at(timedelta(minutes=55))
    assert clients.target_codepipeline(TARGET) is not first


@pytest.mark.parametrize("name", ["role_arn", "external_id", "region", "role_session_name"])
def test_targets_with_different_credentials_never_share_a_client(sdk, at, name):
    other = replace(TARGET, **{name: "x"})
    assert clients.target_codepipeline(TARGET) is not clients.target_codepipeline(other)


def test_all_runs_share_one_read_only_session_for_each_role(sdk, at):
    reader = clients.target_reader(TARGET)
    assert (
        clients.target_reader(replace(TARGET, pipeline_name="x", role_session_name="run-2"))
        is reader
    )
    for name in ("role_arn", "external_id", "region"):
        assert clients.target_reader(replace(TARGET, **{name: "x"})) is not reader
    assert clients.target_codepipeline(TARGET) is not reader
    assert sdk.assumed[0]["RoleSessionName"] == "codepipeline-orchestrator-reads"


def test_the_oldest_client_is_dropped_when_there_are_more_than_100(sdk, at):
    targets = [replace(TARGET, role_session_name=f"run-{n}") for n in range(101)]
    for each in targets:
        clients.target_codepipeline(each)

    for each in targets[1:]:
        clients.target_codepipeline(each)
    assert len(sdk.assumed) == 101
    clients.target_codepipeline(targets[0])
    assert len(sdk.assumed) == 102


@pytest.mark.parametrize(
    "operation, code, kept",
    [
        ("GetPipelineState", "ExpiredToken", False),
        ("GetPipelineState", "ExpiredTokenException", False),
        ("GetPipelineState", "InvalidClientTokenId", False),
        ("GetPipelineState", "UnrecognizedClientException", False),
        ("GetPipelineExecution", "AccessDeniedException", False),
        # The role may just lack this permission, so its session is still good.
        ("GetPipelineState", "AccessDeniedException", True),
        ("GetPipelineExecution", "ThrottlingException", True),
        ("GetPipelineExecution", None, True),
    ],
)
def test_a_session_that_aws_rejects_is_not_used_again(sdk, at, operation, code, kept):
    reader: Any = clients.target_reader(TARGET)
    reader.answered(operation, code)
    assert (clients.target_reader(TARGET) is reader) is kept


def test_a_renewed_client_counts_as_the_newest(sdk, at):
    targets = [replace(TARGET, role_session_name=f"run-{n}") for n in range(103)]
    for second, each in enumerate(targets[:100]):
        at(timedelta(seconds=second))
        clients.target_codepipeline(each)

    at(timedelta(minutes=55, seconds=2))
    for each in (targets[2], *targets[100:]):
        clients.target_codepipeline(each)
    assert len(sdk.assumed) == 104

    clients.target_codepipeline(targets[2])
    assert len(sdk.assumed) == 104


@pytest.mark.parametrize(
    "client, service",
    [
        (clients.codepipeline, "codepipeline"),
        (clients.stepfunctions, "stepfunctions"),
        (clients.dynamodb, "dynamodb"),
    ],
)
def test_a_client_for_our_own_account_is_created_once(sdk, client, service):
    made = client()
    assert isinstance(made, Client)
    assert client() is made
    assert sdk.made == [(service, {"config": clients._CONFIG})]


def test_an_invoked_function_can_take_30_seconds_and_is_invoked_once(sdk):
    made: Any = clients.aws_lambda()
    assert isinstance(made, Client)
    assert clients.aws_lambda() is made
    [(service, options)] = sdk.made
    assert service == "lambda"
    assert options["config"].read_timeout > 30
    assert options["config"].retries["total_max_attempts"] == 1


@pytest.mark.parametrize("options, calls", [(clients._CONFIG, 1), (clients._POLLING, 2)])
def test_the_sdk_gives_up_before_the_function_times_out(options, calls):
    attempts = options.retries["total_max_attempts"]
    assert attempts > 1
    assert calls * attempts * (options.connect_timeout + options.read_timeout) <= 30


def test_a_missing_setting_is_named_in_the_error(monkeypatch):
    monkeypatch.setenv("SETTING", "value")
    assert clients.required("SETTING") == "value"
    monkeypatch.delenv("SETTING")
    with pytest.raises(KeyError, match="SETTING"):
        clients.required("SETTING")


def test_throttling_is_counted_for_all_clients(monkeypatch):
    counted: list[Any] = []
    monkeypatch.setattr(throttling, "count_in", counted.append)
    clients._session.cache_clear()
    made = clients._session()
    assert counted == [made]
    clients._session.cache_clear()

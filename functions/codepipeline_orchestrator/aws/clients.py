"""AWS clients, created on first use and kept while the container is warm.

Only this module creates clients and holds a target's credentials, which never leave the
container's memory.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Any

# A boto3 session would also load S3 transfer code and lengthen every cold start by a tenth.
import botocore.session
from botocore.config import Config

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.aws import throttling, unreadable
from codepipeline_orchestrator.aws.answers import Credentials, RoleAnswer, read_answer
from codepipeline_orchestrator.aws.refusals import role_refused
from codepipeline_orchestrator.errors import TargetUnavailable

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_stepfunctions import SFNClient

    from codepipeline_orchestrator.model.target import Target

# Three attempts fit into a function's timeout of 30 seconds. Mode "standard" backs off with jitter.
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=3, read_timeout=7
)
# For calls that must not be made twice and accept no idempotency token.
_ONE_ATTEMPT = _CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
# Two attempts are enough because the run soon polls again. A poll has time for two calls that hang.
_POLLING = _CONFIG.merge(
    Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=2, read_timeout=5)
)
# For invoking a function, which may take up to 30 seconds and must not be invoked twice.
_PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=35)
_SESSION_SECONDS = 3600  # the maximum for role chaining
_RENEW_BEFORE = timedelta(minutes=5)
_MOST_CLIENTS = 100  # maximum number of clients kept in one container
_READING = "codepipeline-orchestrator-reads"
# Error codes for a session that ended early, because it was revoked or its role was recreated.
_ENDED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
}
_REVOKED = ("GetPipelineExecution", "AccessDeniedException")


@cache
def stepfunctions() -> SFNClient:
    """A Step Functions client for the orchestrator's account."""
    client: SFNClient = _session().create_client("stepfunctions", config=_CONFIG)
    return client


@cache
def codepipeline() -> CodePipelineClient:
    """A CodePipeline client for the orchestrator's account, which receives the jobs."""
    client: CodePipelineClient = _session().create_client("codepipeline", config=_CONFIG)
    return client


@cache
def dynamodb() -> DynamoDBClient:
    """A DynamoDB client for the orchestrator's account."""
    client: DynamoDBClient = _session().create_client("dynamodb", config=_CONFIG)
    return client


@cache
def aws_lambda() -> LambdaClient:
    """A Lambda client that waits long enough for a function to respond."""
    client: LambdaClient = _session().create_client("lambda", config=_CONFIG.merge(_PATIENT))
    return client


@dataclass(frozen=True)
class _TargetClient:
    client: CodePipelineClient
    renew_at: datetime


_Key = tuple[str, str | None, str, str, Config]
_target_clients: dict[_Key, _TargetClient] = {}


def target_codepipeline(target: Target, *, only_once: bool = False) -> CodePipelineClient:
    """A CodePipeline client for the target's account, in a role session of this run.

    Sessions last an hour. With `only_once`, the SDK never retries a call, so the caller has to
    check whether the call took effect.

    Raises TargetRoleNotAssumable, or TargetUnavailable if STS cannot be reached.
    """
    config = _ONE_ATTEMPT if only_once else _CONFIG
    return _client(target, target.role_session_name, config)


def target_reader(target: Target) -> CodePipelineClient:
    """A read-only client, in a role session that all runs share because polls are frequent.

    Raises the same errors as target_codepipeline.
    """
    return _client(target, _READING, _POLLING)


def _client(target: Target, session: str, config: Config) -> CodePipelineClient:
    key = (target.role_arn, target.external_id, target.region, session, config)
    kept = _target_clients.get(key)
    if kept is None or clock.now() >= kept.renew_at:
        _target_clients.pop(key, None)
        kept = _connect(target, session, config)
        kept.client.meta.events.register("after-call", partial(_forget_if_refused, key))
        while len(_target_clients) >= _MOST_CLIENTS:
            del _target_clients[next(iter(_target_clients))]
        _target_clients[key] = kept
    return kept.client


def _forget_if_refused(key: _Key, *, model: Any, parsed: Mapping[str, Any], **_: Any) -> None:
    """Discard the client if AWS rejected its session. The next caller assumes the role again."""
    code = parsed.get("Error", {}).get("Code")
    if code in _ENDED or (model.name, code) == _REVOKED:
        _target_clients.pop(key, None)


def prove_role(target: Target) -> None:
    """Check that the target's role can be assumed. The session is discarded.

    Raises TargetRoleNotAssumable, or TargetUnavailable if STS cannot be reached.
    """
    _assume(target, target.role_session_name)


def _assume(target: Target, session: str) -> Credentials:
    external_id: dict[str, Any] = {"ExternalId": target.external_id} if target.external_id else {}
    with role_refused(target):
        answer = _sts().assume_role(
            RoleArn=target.role_arn,
            RoleSessionName=session,
            DurationSeconds=_SESSION_SECONDS,
            **external_id,
        )
    credentials = read_answer(RoleAnswer, answer).credentials
    if not credentials.are_whole:
        raise TargetUnavailable(f"STS returned no credentials for AssumeRole on {target.role_arn}.")
    return credentials


def _connect(target: Target, session: str, config: Config) -> _TargetClient:
    credentials = _assume(target, session)
    client = _session().create_client(
        "codepipeline",
        region_name=target.region,
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        aws_session_token=credentials.session_token,
        config=config,
    )
    return _TargetClient(client, clock.now() + timedelta(seconds=_SESSION_SECONDS) - _RENEW_BEFORE)


@cache
def _sts() -> Any:
    # A function has 30 seconds for all its calls, and assuming a role is only one of them.
    return _session().create_client("sts", config=_POLLING)


@cache
def _session() -> Any:
    session = botocore.session.get_session()
    throttling.count_in(session)
    unreadable.raise_in(session)
    return session


def required(name: str) -> str:
    """An environment variable that the template always sets. Raises KeyError if it is missing."""
    return os.environ[name]

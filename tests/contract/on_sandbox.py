"""Runs the contract tests in the sandbox. Only this module imports the sandbox."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.codepipeline import settings as codepipeline
from codepipeline_sandbox.stepfunctions import settings as stepfunctions
from playground.server import scene
from tests.contract.aws import Aws
from tests.contract.calls import Plant

ACCOUNT = "111122223333"
REGION = "eu-west-1"
# The settings that `make sandbox` changes to behave like AWS.
AS_ON_AWS = scene.SERVED


def defaults(*, served: bool) -> dict[str, Any]:
    of_pipelines = asdict(codepipeline.Settings())
    if served:
        of_pipelines |= AS_ON_AWS
    return {**of_pipelines, **asdict(stepfunctions.Settings())}


class _InProcess:
    blur = 1.5

    def __init__(self, cloud: Cloud, key: Mapping[str, str]) -> None:
        self._cloud = cloud
        self._key = key

    def client(self, service: str, credentials: Mapping[str, str] | None = None) -> Any:
        key = credentials or self._key
        return _client(service, key["AccessKeyId"], key["SecretAccessKey"], key.get("SessionToken"))

    def now(self) -> float:
        return self._cloud.world.now

    def wait(self, seconds: float) -> None:
        self._cloud.world.run(until=self._cloud.world.now + seconds)


@cache
def _client(service: str, key: str, secret: str, token: str | None) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload] # any service
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )


@contextmanager
def in_sandbox(*, served: bool = False) -> Iterator[Aws]:
    """A new sandbox with its default settings, or with those of `make sandbox`.

    The caller is a user because a root user cannot assume roles.
    """
    with Cloud(seed=7) as cloud:
        expected = defaults(served=served)
        _use(expected)
        place = _InProcess(cloud, user(cloud.session(ACCOUNT, REGION)))
        account = Aws(place, ACCOUNT, REGION, "rehearsal", expected)
        account.shared["creation starts"] = expected["create_starts_execution"]
        yield account


@contextmanager
def behaving(aws: Aws, changed: Mapping[str, Any], *plants: Plant) -> Iterator[None]:
    """Temporarily change the sandbox's settings and plant differences."""
    _use({**aws.expected, **changed})
    aws.calls.plants = plants
    try:
        yield
    finally:
        aws.calls.plants = ()
        _use(aws.expected)


def _use(values: Mapping[str, Any]) -> None:
    names = set(asdict(stepfunctions.Settings()))
    codepipeline.use(
        codepipeline.Settings(**{name: values[name] for name in values if name not in names})
    )
    stepfunctions.use(stepfunctions.Settings(**{name: values[name] for name in names}))


def user(session: boto3.Session, policy: Mapping[str, Any] | None = None) -> Mapping[str, str]:
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    allowed = policy or {"Version": "2012-10-17", "Statement": [everything]}
    iam = session.client("iam")
    iam.create_user(UserName="verifier")
    iam.put_user_policy(
        UserName="verifier", PolicyName="verify", PolicyDocument=json.dumps(allowed)
    )
    key: Mapping[str, str] = iam.create_access_key(UserName="verifier")["AccessKey"]  # type: ignore[assignment]
    return key


@contextmanager
def served(folder: Path, speed: float, changed: Mapping[str, Any]) -> Iterator[Callable[[], str]]:
    """Serve a sandbox with changed settings, like `make sandbox`.

    Returns a function that waits for the server and returns its URL.
    """
    scenario = folder / "served.yaml"
    # A scenario must have a pipeline.
    pipelines = {"other": {"stages": {"Build": {"Compile": "1m"}}}}
    document = {"settings": dict(changed), "pipelines": pipelines}
    scenario.write_text(json.dumps(document), encoding="utf-8")
    options = ["--scenario", str(scenario), "--port", "0", "--speed", str(speed)]
    log = folder / "served.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "playground.server", *options], stdout=output, stderr=output
        )
        with process:
            try:
                yield lambda: _url(process, log)
            finally:
                process.terminate()
    assert "Traceback" not in log.read_text("utf-8")


def _url(process: subprocess.Popen[bytes], log: Path) -> str:
    while process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text("utf-8"))
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"the server ended: {log.read_text('utf-8')}")

"""Verifies a served sandbox with only the permissions that a dry run prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3

from tests.contract import permissions
from tests.contract.__main__ import main, rehearsed
from tests.contract.on_sandbox import REGION, served, user
from tests.contract.verification import Choice

ACCOUNT = "444455556666"
SPEED = 200.0
OPTIONS = ["--account", ACCOUNT, "--region", REGION, "--speed", str(SPEED)]


@contextmanager
def prepared(
    folder: Path, choice: Choice, changed: Mapping[str, Any] | None = None
) -> Iterator[boto3.Session]:
    """Serve a sandbox to a caller that has only the permissions that a dry run prints.

    Yields the session of an administrator.
    """
    with served(folder, SPEED, changed or {}) as wait_for_url:
        _, made = rehearsed(choice)  # run this while the server starts
        yield from _as_caller(wait_for_url(), {call.operation for call in made})


def _as_caller(url: str, operations: set[str]) -> Iterator[boto3.Session]:
    with _environment(AWS_ENDPOINT_URL=url):
        administrator = boto3.Session(f"AKIA{ACCOUNT}ROOT", "administrator", region_name=REGION)
        key = user(administrator, _policy(operations))
        with _environment(
            AWS_ACCESS_KEY_ID=key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"]
        ):
            yield administrator


def _policy(operations: set[str]) -> Mapping[str, Any]:
    """The actions of the printed policy, on all resources.

    The sandbox does not know which resources some calls use. For S3, it expects permissions with
    the same names as the operations.
    """
    document = permissions.policy(operations, ACCOUNT, REGION)
    actions = {action for each in document["Statement"] for action in each["Action"]}
    actions |= {operation for operation in operations if operation.startswith("s3:")}
    statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


@contextmanager
def _environment(**changed: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(changed)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def rehearse(*arguments: str) -> int:
    with TemporaryDirectory() as name:
        folder = Path(name)
        with prepared(folder, Choice(minutes=600)):
            return main([*OPTIONS, "--minutes", "600", "--evidence", name, *arguments])


if __name__ == "__main__":
    sys.exit(rehearse(*sys.argv[1:]))

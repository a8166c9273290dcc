"""Fixtures with scripted AWS clients, for situations that the sandbox cannot produce."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tests.unit.job.conftest import dynamodb, jobs, raw

__all__ = ["dynamodb", "jobs", "raw"]


class Script(Stubber):
    """A client with scripted responses that records the calls it receives.

    botocore reports an unexpected call as a BotoCoreError, which the code under test may mistake
    for an AWS failure. The calls are therefore
    compared after the test.
    """

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self.expected: list[str] = []
        self.made: list[str] = []
        client.meta.events.register("provide-client-params.*.*", self._keep)

    def add_response(self, method: str, *args: Any, **kwargs: Any) -> None:
        self._expect(method)
        super().add_response(method, *args, **kwargs)

    def add_client_error(self, method: str, *args: Any, **kwargs: Any) -> None:
        self._expect(method)
        super().add_client_error(method, *args, **kwargs)

    def assert_made(self) -> None:
        assert self.made == self.expected
        self.assert_no_pending_responses()

    def _expect(self, method: str) -> None:
        self.expected.append(self.client.meta.method_to_api_mapping[method])

    def _keep(self, model: Any, **_: Any) -> None:
        self.made.append(model.name)


@contextmanager
def _scripted(service):
    client = boto3.client(
        service,
        region_name="eu-west-1",
        aws_access_key_id="canary-access-key",
        aws_secret_access_key="canary-secret-key",
    )
    with Script(client) as script:
        yield script
        script.assert_made()


@pytest.fixture
def codepipeline():
    with _scripted("codepipeline") as script:
        yield script


@pytest.fixture
def stepfunctions():
    with _scripted("stepfunctions") as script:
        yield script

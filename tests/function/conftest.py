"""Clients with canned answers: for what the sandbox's services cannot be made to say."""

from __future__ import annotations

import boto3
import pytest
from botocore.stub import Stubber


def _stubbed(service):
    client = boto3.client(
        service,
        region_name="eu-west-1",
        aws_access_key_id="canary-access-key",
        aws_secret_access_key="canary-secret-key",
    )
    return Stubber(client)


@pytest.fixture
def codepipeline():
    with _stubbed("codepipeline") as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def stepfunctions():
    with _stubbed("stepfunctions") as stub:
        yield stub
        stub.assert_no_pending_responses()

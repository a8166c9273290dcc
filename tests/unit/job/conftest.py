from __future__ import annotations

import pytest

from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.job.table import JobsTable
from codepipeline_orchestrator.telemetry import logger
from tests.unit.job.actions import ACCOUNT, REGION

TABLE = "Jobs"


@pytest.fixture
def dynamodb(cloud):
    client = cloud.session(ACCOUNT, REGION).client("dynamodb", config=clients._CONFIG)
    client.create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": "run", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "run", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return client


@pytest.fixture
def jobs(dynamodb):
    return JobsTable(TABLE, dynamodb)


@pytest.fixture
def logged_run():
    logger.remove_keys(["run"])
    yield lambda: logger.get_current_keys().get("run")
    logger.remove_keys(["run"])


@pytest.fixture
def raw(dynamodb):
    def read(run):
        item = dynamodb.get_item(TableName=TABLE, Key={"run": {"S": run}}).get("Item")
        return item and {name: next(iter(value.values())) for name, value in item.items()}

    return read

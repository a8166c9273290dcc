import pytest
from botocore.config import Config

from tests.sandbox.awslambda.conftest import function, invoke, texts
from tests.sandbox.eventbridge.conftest import role

__all__ = ["function", "invoke", "role", "texts"]  # makes these fixtures available here

HERE, THERE = "111122223333", "222233334444"
REGION = "eu-west-1"


@pytest.fixture
def task_of(cloud):
    def run(work):
        return cloud.world.result_of(cloud.world.spawn(work).outcome)

    return run


@pytest.fixture
def client(cloud):
    def make(service, *, account=HERE, region=REGION, attempts=1):
        config = Config(retries={"mode": "standard", "total_max_attempts": attempts})
        return cloud.session(account, region).client(service, config=config)

    return make

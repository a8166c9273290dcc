import pytest

from sandbox.cloud import Cloud


@pytest.fixture
def cloud():
    """An empty sandbox."""
    with Cloud(seed=1) as cloud:
        yield cloud

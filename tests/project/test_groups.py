import os

import pytest


@pytest.mark.xdist_group("a group")
def test_the_id_of_a_test_contains_its_group_when_groups_are_distributed(request):
    grouped = "PYTEST_XDIST_WORKER" in os.environ and request.config.getoption("loadgroup")

    assert request.node.nodeid.endswith("@a group") == grouped

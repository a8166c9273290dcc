from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.iam.accounts import TARGET, TOOLS, Account

if TYPE_CHECKING:
    from codepipeline_sandbox.cloud import Cloud
    from codepipeline_sandbox.iam import Access


@pytest.fixture
def the_access(cloud: Cloud) -> Access:
    return cloud.access


@pytest.fixture
def tools(the_access: Access) -> Account:
    return Account(the_access, TOOLS)


@pytest.fixture
def target(the_access: Access) -> Account:
    return Account(the_access, TARGET)

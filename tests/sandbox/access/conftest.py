from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.access.accounts import TARGET, TOOLS, Account

if TYPE_CHECKING:
    from sandbox.access import Access
    from sandbox.cloud import Cloud


@pytest.fixture
def the_access(cloud: Cloud) -> Access:
    return cloud.access


@pytest.fixture
def tools(the_access: Access) -> Account:
    return Account(the_access, TOOLS)


@pytest.fixture
def target(the_access: Access) -> Account:
    return Account(the_access, TARGET)

"""A cloud, and accounts in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.cloud import Cloud
from tests.sandbox.access.accounts import TARGET, TOOLS, Account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.access import Access
    from sandbox.world import World


@pytest.fixture
def up() -> Iterator[Cloud]:
    with Cloud(seed=7) as cloud:
        yield cloud


@pytest.fixture
def world(up: Cloud) -> World:
    return up.world


@pytest.fixture
def the_access(up: Cloud) -> Access:
    return up.access


@pytest.fixture
def tools(the_access: Access) -> Account:
    return Account(the_access, TOOLS)


@pytest.fixture
def target(the_access: Access) -> Account:
    return Account(the_access, TARGET)

"""A cloud with nothing but access."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from sandbox import access, cloud
from sandbox.access import Access
from sandbox.world import World
from tests.sandbox.access.accounts import TARGET, TOOLS, Account

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def world() -> World:
    return World(seed=7)


@pytest.fixture
def the_access(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Access]:
    access.install()
    with mock_aws():
        the_access = Access()
        monkeypatch.setattr(cloud, "_current", SimpleNamespace(world=world, access=the_access))
        yield the_access
        monkeypatch.setattr(cloud, "_current", None)


@pytest.fixture
def tools(the_access: Access) -> Account:
    return Account(the_access, TOOLS)


@pytest.fixture
def target(the_access: Access) -> Account:
    return Account(the_access, TARGET)

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.http.served import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """One server, which all tests in the group "server" share."""
    with serving() as served:
        yield served

"""The place where the contract tests run: a new sandbox for each test, or a real account."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from tests.contract.aws import Aws
from tests.contract.verification import ACCOUNT


@pytest.fixture
def aws(request):
    """The account: a new sandbox, or the account that is being verified."""
    account = request.config.stash.get(ACCOUNT, None)
    if account is not None:
        yield account
        return
    from tests.contract.on_sandbox import in_sandbox  # noqa: PLC0415 - imports the sandbox

    with in_sandbox() as sandbox:
        yield sandbox


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """Fail a test that has observed another value of a setting."""
    result = yield
    account = pyfuncitem.funcargs.get("aws")
    if isinstance(account, Aws):
        account.compare()
    return result

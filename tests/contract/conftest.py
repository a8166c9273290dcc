"""The account that the contract tests run on: a new sandbox for each module, or a real one."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from tests.contract.aws import Aws
from tests.contract.verification import ACCOUNT


@pytest.fixture(scope="module")
def account(request):
    real = request.config.stash.get(ACCOUNT, None)
    if real is not None:
        yield real
        return
    from tests.contract.on_sandbox import in_sandbox  # noqa: PLC0415 - imports the sandbox

    with in_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def aws(account):
    account.observed = {}
    return account


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    result = yield
    account = pyfuncitem.funcargs.get("aws")
    if isinstance(account, Aws) and pyfuncitem.get_closest_marker("aws_verified"):
        account.compare()
    return result

"""Runs the contract tests on an account and collects what they observe."""

from __future__ import annotations

import pytest

from tests.contract.aws import Aws

ACCOUNT = pytest.StashKey[Aws]()

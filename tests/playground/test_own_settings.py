from __future__ import annotations

import os
from itertools import chain
from runpy import run_path
from unittest.mock import Mock

import botocore.session
import pytest
from botocore import configprovider

from playground import own_settings
from playground.accounts import ROOT
from playground.own_settings import ignore_own_settings

KNOWN = configprovider.BOTOCORE_DEFAUT_SESSION_VARIABLES
FILES = {"config_file": "AWS_CONFIG_FILE", "credentials_file": "AWS_SHARED_CREDENTIALS_FILE"}
# Variables that are not in botocore's own list.
OTHERS = {
    *("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_CODEPIPELINE", "AWS_ACCESS_KEY_ID", "AWS_REGION"),
    *("AWS_SESSION_TOKEN", "AWS_EC2_METADATA_DISABLED", "AWS_LAMBDA_FUNCTION_NAME", "BOTO_CONFIG"),
    *("MOTO_ACCOUNT_ID", "TEST_SERVER_MODE"),
    *("POWERTOOLS_DEV", "LOG_LEVEL", "PIPELINE_RUN_STACK", "HTTP_PROXY", "https_proxy", "NO_PROXY"),
}


def listed() -> set[str]:
    every = [*KNOWN.values(), *configprovider.DEFAULT_S3_CONFIG_VARS.values()]
    names = [variable for _, variable, _, _ in every if variable]
    return set(chain.from_iterable([each] if isinstance(each, str) else each for each in names))


def test_no_variable_that_botocore_reads_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(listed()) > 30
    monkeypatch.setattr(os, "environ", dict.fromkeys({*listed(), *OTHERS, "COLOR"}, "garbage"))

    ignore_own_settings()

    assert os.environ == {**dict.fromkeys(FILES.values(), os.devnull), "COLOR": "garbage"}


def test_a_session_in_the_tests_has_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    # tests/conftest.py removes the settings before any test. The AWS CLI sets this one when it is
    # imported.
    monkeypatch.delenv("AWS_DATA_PATH", raising=False)
    session = botocore.session.Session()
    defaults = {name: default for name, (_, _, default, _) in KNOWN.items()}

    assert {name: session.get_config_variable(name) for name in KNOWN} == {
        **defaults,
        **dict.fromkeys(FILES, os.devnull),
    }


@pytest.mark.parametrize("name", ["demo", "scenarios", "server"])
def test_every_program_ignores_the_settings(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    ignore = Mock()
    monkeypatch.setattr(own_settings, "ignore_own_settings", ignore)
    monkeypatch.setattr("sys.argv", ["make", "--help"])

    with pytest.raises(SystemExit):
        run_path(str(ROOT / "playground" / name / "__main__.py"), run_name="__main__")

    ignore.assert_called_once()

"""Keeps the user's own AWS and network settings out of simulations."""

from __future__ import annotations

import os

# Settings of AWS clients, moto, `pipeline-run`, Powertools and proxies.
_PREFIXES = (
    *("AWS_", "BOTO", "LOG_LEVEL", "MOTO_", "PIPELINE_RUN_", "POWERTOOLS_"),
    "TEST_SERVER_MODE",  # a setting of moto, too
)
_SUFFIX = "_PROXY"


def ignore_own_settings() -> None:
    """Remove the user's settings from this process and from the programs that it starts.

    Call this at the start of a program. No simulation needs these settings, which may be wrong or
    name an endpoint that exists only on AWS.
    """
    for name in list(os.environ):
        if name.upper().startswith(_PREFIXES) or name.upper().endswith(_SUFFIX):
            del os.environ[name]
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}

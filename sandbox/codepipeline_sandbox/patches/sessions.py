"""boto3 sessions for the accounts' administrators."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.useragent import UserAgentString
from moto.iam.models import AccessKey, iam_backends

from codepipeline_sandbox.kernel.patches import Patches
from codepipeline_sandbox.patches import aws_calls


def administrator_key(account_id: str) -> str:
    """Return the administrator's access key id, and register it with moto if necessary."""
    access_key_id = f"AKIA{account_id}ROOT"
    keys = iam_backends[account_id]["aws"].access_keys
    if access_key_id not in keys:
        key = AccessKey(user_name=None, prefix="AKIA", account_id=account_id)
        key.access_key_id = access_key_id
        keys[access_key_id] = key
    return access_key_id


class _Session(boto3.Session):
    """A session that reuses its clients, which hold no data of any cloud."""

    def client(self, service_name: Any, *args: Any, **more: Any) -> Any:
        """Create a client, or reuse the service's existing one if no options are given."""
        if args or more:
            return super().client(service_name, *args, **more)
        return self._plain_client(service_name)

    @cache  # noqa: B019 - sessions are few and permanent
    def _plain_client(self, service_name: Any) -> Any:
        return super().client(service_name)


def administrator(account_id: str, region: str) -> boto3.Session:
    """Return a session with all rights in the account."""
    return _session(administrator_key(account_id), region)


@cache
def _session(access_key_id: str, region: str) -> boto3.Session:
    with Patches() as patches:
        aws_calls.install(patches)  # later clouds reuse these clients, which need the handler
        return _Session(
            aws_access_key_id=access_key_id,
            aws_secret_access_key="administrator",  # noqa: S106 - signatures are not checked
            region_name=region,
        )


def install(patches: Patches) -> None:
    """Send requests with the caller's access key id, but without a real signature.

    No service checks signatures, and computing them would take longer than answering the requests.
    """
    patches.attribute(SigV4Auth, "canonical_request", lambda _self, _request: "")
    patches.attribute(SigV4Auth, "signature", lambda _self, _text, _request: "unsigned")
    patches.attribute(UserAgentString, "to_string", lambda _self: "Boto3/sandbox")

"""boto3 sessions for the accounts' administrators, cheap enough to create anywhere."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import boto3
from botocore.auth import SigV4Auth
from botocore.useragent import UserAgentString
from moto.iam.models import AccessKey, iam_backends

from sandbox import switching

if TYPE_CHECKING:
    from collections.abc import Iterator


def administrator_key(account_id: str) -> str:
    """The administrator's access key id, registered with moto.

    The key id is easy to recognize, so it can also be used with the AWS CLI.
    """
    access_key_id = f"AKIA{account_id}ROOT"
    keys = iam_backends[account_id]["aws"].access_keys
    if access_key_id not in keys:
        key = AccessKey(user_name=None, prefix="AKIA", account_id=account_id)
        key.access_key_id = access_key_id
        keys[access_key_id] = key
    return access_key_id


class _Session(boto3.Session):
    """A session that reuses its plain clients, because they contain no data from any cloud."""

    def client(self, service_name: Any, *args: Any, **more: Any) -> Any:
        """Create a client as boto3 would."""
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
    switching.install()  # Later clouds use the session's clients too.
    return _Session(
        aws_access_key_id=access_key_id,
        aws_secret_access_key="administrator",  # noqa: S106 - signatures are not checked
        region_name=region,
    )


@contextmanager
def unsigned_requests() -> Iterator[None]:
    """Make requests identify their caller as usual, but without a real signature.

    Signatures are not checked, and over a long virtual day they would take longer than the answers.
    """
    with (
        patch.object(SigV4Auth, "canonical_request", lambda _self, _request: ""),
        patch.object(SigV4Auth, "signature", lambda _self, _text, _request: "unsigned"),
        patch.object(UserAgentString, "to_string", lambda _self: "Boto3/sandbox"),
    ):
        yield

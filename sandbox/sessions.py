"""boto3 sessions for the accounts' administrators, cheap enough to make one wherever needed."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import boto3
import botocore.loaders
import botocore.session
from botocore.auth import SigV4Auth
from botocore.useragent import UserAgentString
from moto.iam.models import AccessKey, iam_backends

if TYPE_CHECKING:
    from collections.abc import Iterator


def administrator_key(account_id: str) -> str:
    """The access key id of the account's administrator, made known to moto.

    It can be told from any other at sight, so that a person can use it with the AWS CLI too.
    """
    access_key_id = f"AKIA{account_id}ROOT"
    keys = iam_backends[account_id]["aws"].access_keys
    if access_key_id not in keys:
        key = AccessKey(user_name=None, prefix="AKIA", account_id=account_id)
        key.access_key_id = access_key_id
        keys[access_key_id] = key
    return access_key_id


def administrator(account_id: str, region: str) -> boto3.Session:
    """A session with all rights in the account."""
    return boto3.Session(
        aws_access_key_id=administrator_key(account_id),
        aws_secret_access_key="administrator",  # noqa: S106 - nobody checks signatures here
        region_name=region,
    )


@cache
def _create_loader(search_path_string: str | None = None) -> Any:
    return botocore.loaders.create_loader(search_path_string)


@contextmanager
def shared_data_loader() -> Iterator[None]:
    """Let all botocore sessions share one loader, which remembers the API models it has read.

    Reading them again for each session costs most of the time that a new client takes.
    """
    with patch.object(botocore.session, "create_loader", _create_loader):
        yield


@contextmanager
def unsigned_requests() -> Iterator[None]:
    """Let requests name their caller as always, but without a true signature.

    Nobody checks signatures here, and over a long virtual day they cost more than the answers.
    """
    with (
        patch.object(SigV4Auth, "canonical_request", lambda _self, _request: ""),
        patch.object(SigV4Auth, "signature", lambda _self, _text, _request: "unsigned"),
        patch.object(UserAgentString, "to_string", lambda _self: "Boto3/sandbox"),
    ):
        yield

"""State machines with a customer's key: whose permissions encrypt and decrypt what.

A run's data is encrypted with the machine's own role; who reads a run needs kms:Decrypt. Each
request to the key names the machine as its encryption context.
https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.kms.models import kms_backends

from sandbox.here import current
from sandbox.services import AccessDenied
from sandbox.stepfunctions.exceptions import (
    InvalidEncryptionConfiguration,
    KmsAccessDenied,
    KmsInvalidState,
    Unsupported,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

CUSTOMER = "CUSTOMER_MANAGED_KMS_KEY"
_CONTEXT = "kms:EncryptionContext:aws:states:stateMachineArn"
_KEY_ARN_PARTS = 6


def check(configuration: Mapping[str, Any] | None) -> None:
    """Refuse a configuration that AWS refuses, or whose key is not there."""
    if configuration is None:
        return
    kind, key = configuration.get("type"), configuration.get("kmsKeyId")
    if kind not in {CUSTOMER, "AWS_OWNED_KEY"} or (kind == CUSTOMER) != bool(key):
        raise InvalidEncryptionConfiguration(f"{kind} with kmsKeyId {key}")
    if "kmsDataKeyReusePeriodSeconds" in configuration:
        raise Unsupported("kmsDataKeyReusePeriodSeconds: every request asks for the key")
    if key:
        _usable(key)


def require_for_run(machine: Any) -> None:
    """Raise KmsAccessDenied unless the machine's role may encrypt and decrypt its runs."""
    configuration = machine.encryptionConfiguration
    if configuration["type"] == CUSTOMER:
        for action in ("kms:GenerateDataKey", "kms:Decrypt"):
            _require(configuration["kmsKeyId"], machine.arn, machine.roleArn, action)


def require_to_read(configuration: Mapping[str, Any], machine_arn: str, access_key_id: str) -> None:
    """Raise KmsAccessDenied unless the caller may decrypt what belongs to the machine."""
    if configuration["type"] == CUSTOMER:
        caller = current().access.caller(access_key_id)
        _require(configuration["kmsKeyId"], machine_arn, caller, "kms:Decrypt")


def _require(key: str, machine_arn: str, principal: str, action: str) -> None:
    _usable(key)
    try:
        current().access.require(principal, action, key, {_CONTEXT: machine_arn})
    except AccessDenied as denied:
        raise KmsAccessDenied(str(denied)) from denied


def _usable(key_arn: str) -> None:
    parts = key_arn.split(":", _KEY_ARN_PARTS - 1)
    if len(parts) != _KEY_ARN_PARTS or not parts[-1].startswith("key/"):
        raise Unsupported(f"keys that are not named by their ARN, such as {key_arn}")
    found = kms_backends[parts[4]][parts[3]].keys.get(parts[5].removeprefix("key/"))
    if found is None:
        raise KmsAccessDenied(f"The key {key_arn} does not exist or may not be used")
    if found.key_state != "Enabled":
        raise KmsInvalidState(f"{key_arn} is {found.key_state}")

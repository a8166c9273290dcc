"""Checks the permissions that callers and roles need to use a customer managed key.

Step Functions uses the caller's permissions (CALLER) to store or return a definition and to return
a run's data. It uses the machine's role to read and write data during a run. Callers need no
permission for the key to start, stop or redrive a run or to report a task's result. Every request
except DescribeKey has the machine's ARN in its encryption context.

https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html#using-api-with-encryption-required-permissions
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.kms.models import kms_backends

from codepipeline_sandbox.kernel.here import current
from codepipeline_sandbox.kernel.protocols import AccessDenied
from codepipeline_sandbox.stepfunctions.exceptions import (
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
_DESCRIBE = "kms:DescribeKey"
_ENCRYPT = "kms:GenerateDataKey"
_DECRYPT = "kms:Decrypt"
# The permissions that the caller of each operation needs, from the table on the page above.
CALLER = {
    "CreateStateMachine": (_DESCRIBE, _ENCRYPT),
    "UpdateStateMachine": (_DESCRIBE, _ENCRYPT),
    "DescribeStateMachine": (_DECRYPT,),
    "DescribeStateMachineForExecution": (_DECRYPT,),
    "DescribeExecution": (_DECRYPT,),
    "GetExecutionHistory": (_DECRYPT,),
}


def check(configuration: Mapping[str, Any] | None) -> None:
    """Refuse a configuration that AWS would refuse or whose key does not exist."""
    if configuration is None:
        return
    kind, key = configuration.get("type"), configuration.get("kmsKeyId")
    if kind not in {CUSTOMER, "AWS_OWNED_KEY"} or (kind == CUSTOMER) != bool(key):
        raise InvalidEncryptionConfiguration(f"{kind} with kmsKeyId {key}")
    if "kmsDataKeyReusePeriodSeconds" in configuration:
        raise Unsupported("kmsDataKeyReusePeriodSeconds, because every request uses the key")
    if key:
        _usable(key)


def encrypted(configuration: Mapping[str, Any]) -> bool:
    """Whether a customer managed key encrypts the machine's data."""
    return bool(configuration["type"] == CUSTOMER)


def require_for_run(machine: Any) -> None:
    """Raise KmsAccessDenied unless the machine's role may encrypt and decrypt its runs."""
    _require_all(
        machine.encryptionConfiguration, machine.arn, machine.roleArn, (_ENCRYPT, _DECRYPT)
    )


def require_to_add(configuration: Mapping[str, Any], machine_arn: str, role_arn: str) -> None:
    """Raise KmsAccessDenied unless the machine's role may encrypt what a caller adds to a run."""
    _require_all(configuration, machine_arn, role_arn, (_ENCRYPT,))


def require_of_caller(
    operation: str, configuration: Mapping[str, Any] | None, machine_arn: str, access_key_id: str
) -> None:
    """Raise KmsAccessDenied unless the caller has the permissions that the operation requires."""
    if configuration is not None and encrypted(configuration) and operation in CALLER:
        caller = current().access.caller(access_key_id)
        _require_all(configuration, machine_arn, caller, CALLER[operation])


def require_to_read(configuration: Mapping[str, Any], machine_arn: str, principal: str) -> None:
    """Raise AccessDenied unless the principal may read the machine's runs."""
    if encrypted(configuration):
        _ask(configuration["kmsKeyId"], machine_arn, principal, _DECRYPT)


def _require_all(
    configuration: Mapping[str, Any],
    machine_arn: str,
    principal: str,
    actions: tuple[str, ...],
) -> None:
    if not encrypted(configuration):
        return
    _usable(configuration["kmsKeyId"])
    for action in actions:
        try:
            _ask(configuration["kmsKeyId"], machine_arn, principal, action)
        except AccessDenied as denied:
            raise KmsAccessDenied(str(denied)) from denied


def _ask(key: str, machine_arn: str, principal: str, action: str) -> None:
    context = {} if action == _DESCRIBE else {_CONTEXT: machine_arn}
    current().access.require(principal, action, key, context)


def _usable(key_arn: str) -> None:
    parts = key_arn.split(":", _KEY_ARN_PARTS - 1)
    if len(parts) != _KEY_ARN_PARTS or not parts[-1].startswith("key/"):
        raise Unsupported(f"keys not specified by their ARN, such as {key_arn}")
    found = kms_backends[parts[4]][parts[3]].keys.get(parts[5].removeprefix("key/"))
    if found is None:
        raise KmsAccessDenied(f"The key {key_arn} does not exist or cannot be used")
    if found.key_state != "Enabled":
        raise KmsInvalidState(f"{key_arn} is {found.key_state}")

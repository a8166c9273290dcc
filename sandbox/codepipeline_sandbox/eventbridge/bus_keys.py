"""Checks whether EventBridge can use an event bus's customer managed key.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html
"""

from __future__ import annotations

from typing import Any

from codepipeline_sandbox.kernel.here import current
from codepipeline_sandbox.kernel.protocols import AccessDenied

_SERVICE = "events.amazonaws.com"
_NEEDED = ("kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt")


def require(bus: Any) -> None:
    """Raise AccessDenied if the bus has a key whose policy does not allow EventBridge to use it."""
    key = bus.kms_key_identifier
    if key and not key.startswith("arn:"):
        raise AccessDenied(
            f"In the sandbox, a bus's KMS key must be specified by its ARN, not as {key}"
        )
    if denied := _denied(bus):
        raise AccessDenied(
            f"The key {key} does not exist, or its policy denies {', '.join(denied)} to "
            f"EventBridge for {bus.arn}"
        )


def usable(bus: Any) -> bool:
    """Whether EventBridge can still encrypt events that arrive on the bus."""
    return not _denied(bus)


def _denied(bus: Any) -> list[str]:
    key = bus.kms_key_identifier
    return [action for action in _NEEDED if not _may(bus, action, key)] if key else []


def _may(bus: Any, action: str, key: str) -> bool:
    return current().access.allows_service(
        _SERVICE,
        action,
        key,
        source_arn=bus.arn,
        source_account=bus.account_id,
        context={"kms:EncryptionContext:aws:events:event-bus:arn": bus.arn},
    )

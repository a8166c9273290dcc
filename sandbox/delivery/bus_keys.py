"""The customer's key of an event bus, and whether EventBridge may use it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html
"""

from __future__ import annotations

from typing import Any

from sandbox.here import current
from sandbox.services import AccessDenied

_SERVICE = "events.amazonaws.com"
_NEEDED = ("kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt")


def require(bus: Any) -> None:
    """Raise AccessDenied unless the bus has no key, or one whose policy lets EventBridge use it."""
    key = bus.kms_key_identifier
    if key and not key.startswith("arn:"):
        raise AccessDenied(f"The sandbox knows the key of a bus by its ARN only, not as {key}")
    if denied := _denied(bus):
        raise AccessDenied(
            f"The key {key} does not exist, or its policy denies {', '.join(denied)} to "
            f"EventBridge for {bus.arn}"
        )


def usable(bus: Any) -> bool:
    """Whether EventBridge can still encrypt what comes to the bus."""
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

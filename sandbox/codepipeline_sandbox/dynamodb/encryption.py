"""Tables with a customer managed key, and the key permissions that a caller needs.

DynamoDB uses the key on behalf of the caller. To read or write an item, the caller needs
`kms:Decrypt`, because the table's own key is stored encrypted. To create a table, the caller needs
`kms:DescribeKey` and `kms:CreateGrant`. DynamoDB uses its grants for everything else.

Policies can restrict these permissions with `kms:ViaService`. They can also restrict `kms:Decrypt`
by table, because the encryption context names the table.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.kms.models import kms_backends

from codepipeline_sandbox.dynamodb.errors import KeyAccessDenied, Unsupported
from codepipeline_sandbox.kernel.here import current
from codepipeline_sandbox.kernel.protocols import AccessDenied

if TYPE_CHECKING:
    from moto.dynamodb.models import Table

_KEY_ARN_PARTS = 6


def require_to_create(key: str, region: str, caller: str) -> None:
    """Raise KeyAccessDenied unless the caller may create a grant for DynamoDB on the key."""
    _check_usable(key)
    for action in ("kms:DescribeKey", "kms:CreateGrant"):
        _require(caller, action, key, {"kms:ViaService": _service(region)})


def require_to_use(table: Table, access_key_id: str) -> None:
    """Raise KeyAccessDenied unless the caller may decrypt the table's items."""
    key = (table.sse_specification or {}).get("KMSMasterKeyId")
    if key is None:
        return
    _check_usable(key)
    context = {
        "kms:ViaService": _service(table.region_name),
        "kms:EncryptionContext:aws:dynamodb:tableName": table.name,
        "kms:EncryptionContext:aws:dynamodb:subscriberId": table.account_id,
    }
    _require(current().access.caller(access_key_id), "kms:Decrypt", key, context)


def _service(region: str) -> str:
    return f"dynamodb.{region}.amazonaws.com"


def _require(caller: str, action: str, key: str, context: dict[str, str]) -> None:
    try:
        current().access.require(caller, action, key, context)
    except AccessDenied as denied:
        raise KeyAccessDenied(f"KMS key access denied error: {denied}") from denied


def _check_usable(key: str) -> None:
    parts = key.split(":", _KEY_ARN_PARTS - 1)
    if len(parts) != _KEY_ARN_PARTS or not parts[-1].startswith("key/"):
        raise Unsupported(f"keys not specified by their ARN, such as {key}")
    found = kms_backends[parts[4]][parts[3]].keys.get(parts[5].removeprefix("key/"))
    if found is None or found.key_state != "Enabled":
        state = "does not exist" if found is None else f"is {found.key_state}"
        raise KeyAccessDenied(f"KMS key access denied error: {key} {state}")

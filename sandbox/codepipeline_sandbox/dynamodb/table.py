"""AWS::DynamoDB::Table with its time to live, backups and key, which moto ignores."""

from __future__ import annotations

from typing import Any, Self

from moto.cloudformation.exceptions import ValidationError
from moto.core.exceptions import JsonRESTError
from moto.dynamodb.models import dynamodb_backends

from codepipeline_sandbox.dynamodb.encryption import require_to_create
from codepipeline_sandbox.kernel.stack_resource import StackResource

TYPE = "AWS::DynamoDB::Table"
PROPERTIES = frozenset(
    {
        "AttributeDefinitions",
        "BillingMode",
        "DeletionProtectionEnabled",
        "KeySchema",
        "PointInTimeRecoverySpecification",
        "SSESpecification",
        "TableName",
        "Tags",
        "TimeToLiveSpecification",
    }
)
# the supported members of properties that are objects
_MEMBERS = {
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled", "RecoveryPeriodInDays"},
    "SSESpecification": {"KMSMasterKeyId", "SSEEnabled", "SSEType"},
    "TimeToLiveSpecification": {"AttributeName", "Enabled"},
}


class TableResource(StackResource):
    """A table as a resource in a stack."""

    resource_type = TYPE
    backends = dynamodb_backends
    name_property = "TableName"
    attributes = frozenset({"Arn"})

    @classmethod
    def create(cls, backend: Any, name: str, properties: dict[str, Any]) -> Self:
        """Create the table. The account's administrator must be allowed to use the table's key."""
        _check(properties)
        try:
            table = backend.create_table(
                name,
                schema=properties["KeySchema"],
                throughput=None,
                attr=properties["AttributeDefinitions"],
                global_indexes=[],
                indexes=[],
                streams=None,
                billing_mode=properties["BillingMode"],
                sse_specification=_encryption(backend, properties.get("SSESpecification")),
                tags=properties.get("Tags", []),
                deletion_protection_enabled=properties.get("DeletionProtectionEnabled", False),
                warm_throughput=None,
            )
            _set_up(backend, name, properties)
        except JsonRESTError as error:
            raise ValidationError(message=error.message) from error
        return cls(name, Arn=table.table_arn)

    def update(self, backend: Any, properties: dict[str, Any]) -> None:
        """Refuse the update, which the sandbox does not support."""
        del backend, properties
        raise ValidationError(message=f"The sandbox does not support updates of {TYPE}")

    def delete_from(self, backend: Any) -> None:
        """Delete the table and its items."""
        backend.delete_table(self.physical_resource_id)


def _set_up(backend: Any, name: str, properties: dict[str, Any]) -> None:
    """Apply the settings that require an existing table. If that fails, delete the table."""
    try:
        if time_to_live := properties.get("TimeToLiveSpecification"):
            backend.update_time_to_live(name, time_to_live)
        if recovery := properties.get("PointInTimeRecoverySpecification"):
            backend.update_continuous_backups(name, recovery)
    except JsonRESTError:
        backend.tables.pop(name)
        raise


def _check(properties: dict[str, Any]) -> None:
    for name, members in _MEMBERS.items():
        if unknown := sorted(set(properties.get(name, {})) - members):
            raise ValidationError(message=f"The sandbox does not support {unknown} of {name}")
    if properties.get("BillingMode") != "PAY_PER_REQUEST":
        raise ValidationError(message="The sandbox only supports the BillingMode PAY_PER_REQUEST")
    keys = {key["AttributeName"] for key in properties["KeySchema"]}
    if [key["KeyType"] for key in properties["KeySchema"]] != ["HASH"]:
        raise ValidationError(message="The sandbox only supports tables without a sort key")
    if keys != {each["AttributeName"] for each in properties["AttributeDefinitions"]}:
        raise ValidationError(
            message="One or more parameter values were invalid: Number of attributes in KeySchema "
            "does not exactly match number of attributes defined in AttributeDefinitions"
        )


def _encryption(backend: Any, specification: dict[str, Any] | None) -> dict[str, Any] | None:
    """Convert the encryption settings to the API's form.

    Raises an error unless the administrator may create a grant for DynamoDB on the key.
    """
    if not specification or not specification["SSEEnabled"]:
        return None
    key = specification.get("KMSMasterKeyId")
    if key is None:
        raise ValidationError(message="In the sandbox, SSESpecification requires a KMSMasterKeyId")
    administrator = f"arn:aws:iam::{backend.account_id}:root"
    require_to_create(key, backend.region_name, administrator)
    return {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}

"""AWS::Logs::LogGroup. Checks the KMS key, and returns an Arn that ends in `:*` as on AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException, ValidationError
from moto.logs.models import LogGroup, logs_backends

from codepipeline_sandbox.kernel.here import current
from codepipeline_sandbox.kernel.stack_resource import register

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches

TYPE = "AWS::Logs::LogGroup"
PROPERTIES = frozenset({"KmsKeyId", "LogGroupName", "RetentionInDays", "Tags"})
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
_NEEDED_OF_KEY = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
)


class LogGroupResource(LogGroup):  # type: ignore[misc]
    """A log group as a stack resource."""

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **more: Any,
    ) -> Any:
        """Create the group. Raises ValidationError if CloudWatch Logs may not use the key."""
        properties = cloudformation_json["Properties"]
        group = super().create_from_cloudformation_json(
            resource_name, cloudformation_json, account_id, region_name, **more
        )
        try:
            _use_key(group, properties.get("KmsKeyId"))
        except ValidationError:
            cls._delete(group)
            raise
        return group

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: dict[str, Any],
        account_id: str,  # noqa: ARG003 - moto's signature
        region_name: str,  # noqa: ARG003 - moto's signature
    ) -> Any:
        """Update the retention and the key."""
        properties = cloudformation_json["Properties"]
        _use_key(original_resource, properties.get("KmsKeyId"))
        days = properties.get("RetentionInDays")
        original_resource.retention_in_days = None if days is None else int(days)
        return original_resource

    @staticmethod
    def _delete(group: LogGroup) -> None:
        logs_backends[group.account_id][group.region].delete_log_group(group.name)


def _use_key(group: LogGroup, key: str | None) -> None:
    if key:
        _require_key(key, group)
    group.kms_key_id = key


def _require_key(key: str, group: LogGroup) -> None:
    denied = [action for action in _NEEDED_OF_KEY if not _may(group, action, key)]
    if denied:
        raise ValidationError(
            message=f"The specified KMS key does not exist or is not allowed to be used with "
            f"LogGroup '{group.arn}': its policy denies {', '.join(denied)} to CloudWatch Logs"
        )


def _may(group: LogGroup, action: str, key: str) -> bool:
    """Whether CloudWatch Logs may use the key for this action in the group."""
    return current().access.allows_service(
        f"logs.{group.region}.amazonaws.com",
        action,
        key,
        source_arn=group.arn,
        source_account=group.account_id,
        context={"kms:EncryptionContext:aws:logs:arn": group.arn},
    )


def _attribute(group: LogGroup, attribute_name: str) -> str:
    if attribute_name != "Arn":
        raise UnformattedGetAttTemplateException
    return f"{group.arn}:*"


def install(patches: Patches) -> None:
    """Replace moto's log group resource, and the Arn that its log groups return."""
    patches.attribute(LogGroup, "get_cfn_attribute", _attribute)
    register(patches, TYPE, LogGroupResource)

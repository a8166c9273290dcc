"""AWS::Logs::LogGroup, whose Arn ends in `:*` in CloudFormation, and only there."""

from __future__ import annotations

from moto.cloudformation.exceptions import UnformattedGetAttTemplateException
from moto.logs.models import LogGroup


def _attribute(group: LogGroup, attribute_name: str) -> str:
    if attribute_name != "Arn":
        raise UnformattedGetAttTemplateException
    return f"{group.arn}:*"


def install() -> None:
    """Correct moto's log groups, which it makes in more places than CloudFormation."""
    LogGroup.get_cfn_attribute = _attribute

"""Refuses requests to CloudFormation before they are processed.

Only the operations and parameters listed here are supported.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError

from codepipeline_sandbox.api_model import check_request

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEMPLATE = {"Capabilities", "Parameters", "StackName", "Tags", "TemplateBody", "TemplateURL"}
_NAME = re.compile("[a-zA-Z][-a-zA-Z0-9]*")
_PAGES = {"NextToken"}
_CHANGE_SET = {"ChangeSetName", "StackName"}
_OPERATIONS: Mapping[str, set[str]] = {
    "CreateChangeSet": _TEMPLATE
    | _CHANGE_SET
    | {"ChangeSetType", "Description", "OnStackFailure", "UsePreviousTemplate"},
    "CreateStack": _TEMPLATE | {"DisableRollback", "EnableTerminationProtection", "OnFailure"},
    "DeleteChangeSet": _CHANGE_SET,
    "DeleteStack": {"StackName"},
    "DescribeChangeSet": _CHANGE_SET | _PAGES,
    "DescribeStackEvents": {"StackName"} | _PAGES,
    "DescribeStackResource": {"LogicalResourceId", "StackName"},
    "DescribeStackResources": {"LogicalResourceId", "PhysicalResourceId", "StackName"},
    "DescribeStacks": {"StackName"} | _PAGES,
    "ExecuteChangeSet": _CHANGE_SET | {"DisableRollback"},
    "GetTemplate": {"StackName", "TemplateStage"},
    "GetTemplateSummary": {"StackName", "TemplateBody", "TemplateURL"},
    "ListChangeSets": {"StackName"} | _PAGES,
    "ListExports": _PAGES,
    "ListImports": {"ExportName"} | _PAGES,
    "ListStackResources": {"StackName"} | _PAGES,
    "ListStacks": {"StackStatusFilter"} | _PAGES,
    "UpdateStack": _TEMPLATE | {"UsePreviousTemplate"},
    "UpdateTerminationProtection": {"EnableTerminationProtection", "StackName"},
    "ValidateTemplate": {"TemplateBody", "TemplateURL"},
}


def refusal(operation: str, parameters: Mapping[str, Any]) -> str | None:
    """Why a request is refused before it is processed, or None."""
    if what := _unsupported(operation, parameters):
        return f"The sandbox does not support {what}"
    try:
        check_request("cloudformation", operation, parameters)
    except JsonRESTError as error:
        # CloudFormation's messages begin the names of members with a lowercase letter.
        return re.sub(r"at '([A-Z])", lambda match: match[0].lower(), str(error.message))
    name = parameters.get("StackName", "")
    if operation == "CreateStack" and not _NAME.fullmatch(name):
        return (
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy "
            f"constraint: Member must satisfy regular expression pattern: {_NAME.pattern}"
        )
    return None


def _unsupported(operation: str, parameters: Mapping[str, Any]) -> str | None:
    if operation not in _OPERATIONS:
        return operation
    given = {name for name, value in parameters.items() if value}
    if unknown := sorted(given - _OPERATIONS[operation]):
        return f"{', '.join(unknown)} of {operation}"
    if parameters.get("ChangeSetType") == "IMPORT":
        return "the ChangeSetType IMPORT"
    return None

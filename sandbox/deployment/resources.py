"""The resource types that the sandbox deploys, and fixes for moto's CloudFormation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.cloudformation import models, parsing
from moto.cloudformation.exceptions import ValidationError

from sandbox.awslambda.properties import PROPERTIES as FUNCTION_PROPERTIES
from sandbox.codepipeline.resource_properties import PROPERTIES as PIPELINE_PROPERTIES
from sandbox.delivery import buses, rule_resource, schedule_group
from sandbox.delivery.resource import PROPERTIES as SCHEDULE_PROPERTIES
from sandbox.deployment import log_group, role, topic_policy
from sandbox.deployment.errors import DeploymentFailed, NotSupported, ResourceFailed
from sandbox.dynamodb import table
from sandbox.monitoring import alarm, query_definition
from sandbox.stepfunctions.cloudformation import PROPERTIES as STATE_MACHINE_PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_create_resource = parsing.parse_and_create_resource
_clean = parsing.clean_json

# The supported properties of those of our resources that do not support all properties.
_PROPERTIES: Mapping[str, frozenset[str]] = {
    role.TYPE: role.PROPERTIES,
    "AWS::CodePipeline::Pipeline": PIPELINE_PROPERTIES,
    "AWS::Lambda::Function": FUNCTION_PROPERTIES,
    alarm.TYPE: alarm.PROPERTIES,
    buses.BUS: buses.BUS_PROPERTIES,
    buses.POLICY: buses.POLICY_PROPERTIES,
    log_group.TYPE: log_group.PROPERTIES,
    query_definition.TYPE: query_definition.PROPERTIES,
    rule_resource.TYPE: rule_resource.PROPERTIES,
    schedule_group.TYPE: schedule_group.PROPERTIES,
    table.TYPE: table.PROPERTIES,
    topic_policy.TYPE: topic_policy.PROPERTIES,
    "AWS::Scheduler::Schedule": SCHEDULE_PROPERTIES,
    "AWS::StepFunctions::StateMachine": STATE_MACHINE_PROPERTIES,
}


def check(template: Mapping[str, Any], capabilities: Sequence[str]) -> None:
    """Raise an error that names the resource if the sandbox cannot deploy the template."""
    _check_supported(template)
    for logical_id, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        _check_capabilities(logical_id, resource["Type"], properties, capabilities)


def _check_supported(template: Mapping[str, Any]) -> None:
    for logical_id, resource in template["Resources"].items():
        kind = resource["Type"]
        if kind in parsing.NULL_MODELS or kind not in parsing.get_model_map():
            raise NotSupported(f"{logical_id}: the sandbox does not support {kind}")
        properties = resource.get("Properties", {})
        if unknown := sorted(set(properties) - _PROPERTIES.get(kind, frozenset(properties))):
            raise NotSupported(f"{logical_id}: the sandbox does not support {unknown} of {kind}")


def _check_capabilities(
    logical_id: str, kind: str, properties: Mapping[str, Any], capabilities: Sequence[str]
) -> None:
    names = {"AWS::IAM::Role": "RoleName", "AWS::IAM::ManagedPolicy": "ManagedPolicyName"}
    needed = "CAPABILITY_NAMED_IAM" if names.get(kind) in properties else "CAPABILITY_IAM"
    enough = {needed, "CAPABILITY_NAMED_IAM"}
    if kind.startswith("AWS::IAM::") and not enough & set(capabilities):
        raise DeploymentFailed(f"{logical_id} ({kind}): Requires capabilities : [{needed}]")


def install() -> None:
    """Fix moto's CloudFormation where it differs from AWS's. Idempotent."""
    parsing.parse_and_create_resource = _named_errors
    parsing.clean_json = _without_no_values
    models.Stack.parse_template = staticmethod(_parse_template)
    parsing.OutputMap.exports = property(_exports)
    models.Stack.parameter_list = property(_parameters_told)
    role.install()
    log_group.install()
    topic_policy.install()


def _exports(outputs: Any) -> Any:
    """Return a stack's exports, which are computed only once.

    moto would compute them again for each output. It would also resolve the references of an output
    whose condition is false, which is not exported.
    """
    if "_exports" not in vars(outputs):
        resources = outputs._resource_map  # noqa: SLF001 - moto's private attribute
        outputs._exports = [  # noqa: SLF001 - like moto's own attribute
            parsing.Export(
                outputs._stack_id,  # noqa: SLF001
                parsing.clean_json(each["Export"]["Name"], resources),
                parsing.clean_json(each["Value"], resources),
            )
            for each in (outputs._output_json_map or {}).values()  # noqa: SLF001
            if "Export" in each
            and ("Condition" not in each or resources.lazy_condition_map[each["Condition"]])
        ]
    return outputs._exports  # noqa: SLF001


def _parameters_told(stack: Any) -> list[dict[str, Any]]:
    """A stack's parameters as DescribeStacks shows them. Lists keep their commas, as given."""
    resources = stack.resource_map
    return [
        {
            "ParameterKey": key,
            "ParameterValue": "****"
            if key in resources.no_echo_parameter_keys
            else ",".join(map(str, value))
            if isinstance(value, list)
            else value,
        }
        for key, value in resources.resolved_parameters.items()
    ]


_parse_yaml = models.Stack.parse_template


def _parse_template(template: str) -> dict[str, Any]:
    """Read a template, and raise ValidationError if the sandbox cannot deploy it.

    The template can come from any caller. `deploy` sends JSON, which is also YAML,
    but moto is slow at parsing JSON as YAML.
    """
    try:
        document: dict[str, Any] = json.loads(template)
    except ValueError:
        document = dict(_parse_yaml(template))
    try:
        _check_supported(document)
    except NotSupported as error:
        raise ValidationError(message=f"Template error: {error}") from error
    return document


def _named_errors(logical_id: str, resource_json: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
    """Create a resource, and add its name to any error."""
    try:
        return _create_resource(logical_id, resource_json, *args, **kwargs)
    except DeploymentFailed:
        raise
    except Exception as error:
        raise ResourceFailed(logical_id, resource_json["Type"], error) from error


def _without_no_values(resource_json: Any, resources_map: Any) -> Any:
    """Resolve references. AWS::NoValue also removes an element from a list."""
    resolved = _clean(resource_json, resources_map)
    if isinstance(resource_json, list):
        return [value for value in resolved if value is not None]
    return resolved

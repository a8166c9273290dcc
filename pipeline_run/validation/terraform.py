"""Convert the output of `terraform show -json` to a CloudFormation template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

NOT_SUPPORTED = (
    "Terraform's own files are not supported. Check the plan instead: terraform plan -out tfplan, "
    "then terraform show -json tfplan | pipeline-run validate -"
)
_DEEPEST = 50  # modules in modules
_UNKNOWN = {"Fn::GetAtt": ["known after apply"]}
# Arguments of Terraform whose names in CloudFormation are not only spelled differently.
_NAMES = {"target_id": "Id", "input_paths": "InputPathsMap"}


def shown_by_terraform(text: str) -> dict[str, Any] | None:
    """The document if the text is the output of `terraform show -json`."""
    if not text.lstrip().startswith("{") or '"format_version"' not in text:
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    known = isinstance(document, dict) and {"planned_values", "values"} & document.keys()
    return document if known else None


def as_template(document: dict[str, Any]) -> str:
    """A template with the pipelines, schedules and rules of a plan or a state."""
    unknown = {
        each.get("address"): _object(each.get("change")).get("after_unknown")
        for each in _objects(document.get("resource_changes"))
    }
    values = _object(document.get("planned_values") or document.get("values"))
    resources = {}
    for resource in _resources(_object(values.get("root_module")), 0):
        address = resource.get("address")
        given = _known(resource.get("values"), unknown.get(address))
        match resource.get("type"):
            case "aws_codepipeline":
                stages = [_stage(each) for each in _objects(given.get("stage"))]
                properties = {"Name": given.get("name"), "Stages": stages}
                resources[str(address)] = _resource("AWS::CodePipeline::Pipeline", properties)
            case "aws_scheduler_schedule":
                targets = [_renamed(each) for each in _objects(given.get("target"))]
                resources[str(address)] = _resource("AWS::Scheduler::Schedule", {"Target": targets})
            case "aws_cloudwatch_event_target":
                targets = [_renamed(given)]
                resources[str(address)] = _resource("AWS::Events::Rule", {"Targets": targets})
    return json.dumps({"Resources": resources})


def _resources(module: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
    yield from _objects(module.get("resources"))
    if depth < _DEEPEST:
        for child in _objects(module.get("child_modules")):
            yield from _resources(child, depth + 1)


def _resource(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def _stage(stage: dict[str, Any]) -> dict[str, Any]:
    actions = [
        {**_renamed(each), "ActionTypeId": {"Provider": each.get("provider")}}
        for each in _objects(stage.get("action"))
    ]
    return {"Name": stage.get("name"), "Actions": actions}


def _renamed(block: dict[str, Any]) -> dict[str, Any]:
    """A block with CloudFormation's names, without arguments that are not set."""
    return {
        _NAMES.get(name, name.title().replace("_", "")): (
            _renamed(_objects(value)[0]) if name == "input_transformer" else value
        )
        for name, value in block.items()
        if value not in (None, "", [])
    }


def _known(values: Any, unknown: Any) -> Any:
    """The values, with a function for each one that Terraform learns when it applies the plan."""
    if unknown is True:
        return _UNKNOWN
    if isinstance(unknown, dict) and isinstance(values, dict):
        names = dict.fromkeys([*values, *unknown])
        return {name: _known(values.get(name), unknown.get(name)) for name in names}
    if isinstance(unknown, list) and isinstance(values, list):
        rest = [None] * (len(values) - len(unknown))
        return [_known(*pair) for pair in zip(values, [*unknown, *rest], strict=False)]
    return values


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []

"""Draw the calls that template.yaml's policies allow, as a Mermaid flowchart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from samtranslator.yaml_helper import yaml_parse

from docs.permissions_table import ROOT, several, statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Resources = dict[str, Any]
_SHAPES = {
    "AWS::Serverless::Function": "[{}]",
    "AWS::StepFunctions::StateMachine": "{{{{{}}}}}",
    "AWS::Scheduler::Schedule": "([{}])",
    "AWS::DynamoDB::Table": "[({})]",
    "AWS::Events::EventBus": "[/{}/]",
}
_SHARED = "TargetAccessRole"  # shared by several functions
_ROLES = (_SHARED, "LocalTargetRole")  # drawn as nodes themselves
_SHOWN = (
    "states",
    "lambda",
    "codepipeline",
    "sts",
    "dynamodb",
)  # logs, keys and messages are left out
_CODEPIPELINE, _TARGETS, _ROLES_ELSEWHERE = "CodePipeline", "Targets", "TargetRoles"
_ENUMERABLE = 2


def picture() -> str:
    """Draw the functions, state machine, tables and schedule, and what each may call."""
    resources = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))["Resources"]
    lines = ["flowchart LR", f"  {_CODEPIPELINE}([CodePipeline: invoking pipelines])"]
    lines += [
        f"  {_TARGETS}([target pipelines])",
        f"  {_ROLES_ELSEWHERE}[[target roles elsewhere]]",
    ]
    lines += _nodes(resources)
    lines += [f"  {_CODEPIPELINE} -->|jobs| CodePipelineJobFunction"]
    lines += [f"  {_ROLES_ELSEWHERE} --> {_TARGETS}"]
    lines += [*_calls(resources), *_events(resources)]
    return "\n".join(lines) + "\n"


def _nodes(resources: Resources) -> Iterator[str]:
    shared = _users(resources, _SHARED)
    for name, resource in resources.items():
        if resource["Type"] in _SHAPES and name not in shared:
            yield f"  {name}{_SHAPES[resource['Type']].format(_short(name))}"
    yield "  LocalTargetRole[[LocalTargetRole]]"
    yield f"  subgraph {_SHARED}"
    yield from (f"    {name}[{_short(name)}]" for name in shared)
    yield "  end"


def _short(name: str) -> str:
    return name.removesuffix("Function").removesuffix("StateMachine")


def _users(resources: Resources, role: str) -> list[str]:
    arn = {"Fn::GetAtt": [role, "Arn"]}
    return [
        name
        for name, resource in resources.items()
        if resource["Type"] in _SHAPES
        and arn in (_role(resource["Properties"]), resource["Properties"].get("RoleArn"))
    ]


def _role(properties: Mapping[str, Any]) -> Any:
    return properties.get("Role") or properties.get("Target", {}).get("RoleArn")


def _calls(resources: Resources) -> list[str]:
    """Draw a line for each pair of caller and callee, or one for an entire group of functions."""
    names: dict[tuple[str, str], list[str]] = {}
    for caller, called, actions in _permitted(resources):
        names.setdefault((caller, called), []).extend(actions)
    shared = _users(resources, _SHARED)
    for caller in list(dict.fromkeys(caller for caller, _ in names)):
        pairs = [(caller, function) for function in shared]
        if all(pair in names for pair in pairs):
            names[caller, _SHARED] = names[pairs[0]]
            names = {pair: each for pair, each in names.items() if pair not in pairs}
    return [f"  {pair[0]} -->|{_label(actions)}| {pair[1]}" for pair, actions in names.items()]


def _permitted(resources: Resources) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the caller, callee and actions of each statement in the picture."""
    for role, statement in statements(resources):
        actions = several(statement["Action"])
        if actions[0].startswith(_SHOWN):
            for caller in [role] if role in _ROLES else _users(resources, role):
                for resource in several(statement["Resource"]):
                    yield caller, _called(resource), [each.partition(":")[2] for each in actions]


def _label(names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    if len(names) > _ENUMERABLE:
        names = list(dict.fromkeys(re.findall(r"^[A-Z][a-z]+", name)[0] for name in names))
    return ", ".join(names)


def _called(resource: Any) -> str:
    match resource:
        case "*":
            return _CODEPIPELINE
        case {"Ref": "AllowedTargetRoleArns"}:
            return _ROLES_ELSEWHERE
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return name
        case _:
            return _within(str(resource))


def _within(arn: str) -> str:
    """The node for a composed ARN: runs, invoking pipelines or target pipelines."""
    if ":execution:" in arn:
        return "PipelineRunStateMachine"
    return _CODEPIPELINE if arn.endswith("${AWS::AccountId}:*'}") else _TARGETS


def _events(resources: Resources) -> Iterator[str]:
    """Yield the lines for events from targets, runs' status changes and failed invocations."""
    for name, resource in resources.items():
        yield from _of_targets(name, resource)
        for event in resource["Properties"].get("Events", {}).values():
            machine = event["Properties"]["Pattern"]["detail"]["stateMachineArn"][0]["Ref"]
            yield f"  {machine} -.->|status change| {name}"
        config = resource["Properties"].get("EventInvokeConfig", {}).get("DestinationConfig")
        if config:
            failed = _called(config["OnFailure"]["Destination"])
            yield f"  {name} -.->|after the last retry| {failed}"


def _of_targets(name: str, resource: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines for events of target pipelines, to the bus and through each rule."""
    if resource["Type"] == "AWS::Events::EventBus":
        yield f"  {_TARGETS} -.->|events from elsewhere| {name}"
    if resource["Type"] == "AWS::Events::Rule":
        bus = resource["Properties"].get("EventBusName", {"Ref": _TARGETS})["Ref"]
        for target in resource["Properties"]["Targets"]:
            yield f"  {bus} -.->|events| {_called(target['Arn'])}"

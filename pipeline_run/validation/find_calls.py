"""Find what starts runs in CloudFormation templates and in pipelines from the AWS CLI."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import yaml

from pipeline_run.validation.budget import Budget
from pipeline_run.validation.calls import (
    FROM_THE_EVENT,
    IN_A_FILE,
    NO_INPUT,
    NOT_CHECKED,
    NOT_TEXT,
    PROVIDERS,
    Call,
    schedules_input,
    transformed_input,
)
from pipeline_run.validation.inputs import InputKind
from pipeline_run.validation.nodes import function_of, items, nodes_by_key, text_in
from pipeline_run.validation.parameters import Template
from pipeline_run.validation.resolver import (
    Impossible,
    NotText,
    Resolver,
    TemplateText,
    Uncheckable,
    mentions,
    resolvers,
)
from pipeline_run.validation.unknowns import Unknowns

_START_EXECUTION = ":aws-sdk:sfn:startExecution"
Required = Mapping[str, bool]  # conditions under which a part of a template is used


def is_template(root: yaml.Node | None) -> bool:
    """Whether this is a CloudFormation template. Only templates have resources."""
    return bool(nodes_by_key(nodes_by_key(root).get("Resources")))


def pipeline_in(root: yaml.Node | None) -> yaml.Node | None:
    """The pipeline, if this is the output of `aws codepipeline get-pipeline`."""
    pipeline = nodes_by_key(root).get("pipeline", root)
    return pipeline if "stages" in nodes_by_key(pipeline) else None


def pipeline_calls(pipeline: yaml.Node, budget: Budget) -> Iterator[Call]:
    """Every Lambda and Step Functions action of a pipeline. Raises TooMuchWork."""
    name = text_in(nodes_by_key(pipeline).get("name")) or "pipeline"
    return _pipeline(name, pipeline, Template(budget=budget), {})


def template_calls(root: yaml.Node | None, budget: Budget) -> Iterator[Call]:
    """Every Lambda and Step Functions action, schedule and rule target. Raises TooMuchWork."""
    resources = nodes_by_key(root).get("Resources")
    for name, resource, template in _resources(resources, Template.of(root, budget)):
        inner = nodes_by_key(resource)
        condition = text_in(inner.get("Condition"))
        required = {condition: True} if condition else {}
        if (properties := inner.get("Properties")) is None:
            continue
        match text_in(inner.get("Type")):
            case "AWS::CodePipeline::Pipeline":
                yield from _pipeline(name, properties, template, required)
            case "AWS::Scheduler::Schedule" | "AWS::Events::Rule":
                for _, target, conditions in _found("Arn", properties, required):
                    yield _target(name, target, template, conditions)


def _resources(
    node: yaml.Node | None, template: Template
) -> Iterator[tuple[str, yaml.Node, Template]]:
    for name, resource in nodes_by_key(node).items():
        loop = items(resource)
        if name.startswith("Fn::ForEach") and len(loop) == 3:  # noqa: PLR2004 - name, values, body
            yield from _resources(loop[-1], template.in_loop(loop))
        else:
            yield name, resource, template


def _pipeline(
    name: str, pipeline: yaml.Node, template: Template, required: Required
) -> Iterator[Call]:
    own = _keys(pipeline).get("Name")
    own_name = "" if own is None or function_of(own)[0] else text_in(own)
    for stage, action, conditions in _found("ActionTypeId", pipeline, required):
        provider = text_in(_keys(_keys(action)["ActionTypeId"]).get("Provider"))
        if provider in PROVIDERS:
            call = _action(f"{name} {stage}", action, template, conditions)
            yield replace(call, pipeline="" if "Region" in _keys(action) else own_name)


def _found(
    key: str, node: yaml.Node, required: Required, stage: str = ""
) -> Iterator[tuple[str, yaml.Node, Required]]:
    """Each part with a key: its stage, its node and the conditions under which it exists."""
    inner = _keys(node)
    if key in inner:
        yield stage, node, required
        return
    if "Actions" in inner and "Name" in inner:
        stage = text_in(inner["Name"])
    function, argument = function_of(node)
    if function == "If" and items(argument):
        condition, *branches = items(argument)
        for branch, value in zip(branches, (True, False), strict=False):
            yield from _found(key, branch, {**required, text_in(condition): value}, stage)
        return
    for child in [*items(node), *inner.values()]:
        yield from _found(key, child, required, stage)


def _keys(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """A mapping's nodes with the spelling of CloudFormation, which begins names in upper case."""
    return {key[:1].upper() + key[1:]: value for key, value in nodes_by_key(node).items()}


def _action(where: str, action: yaml.Node, template: Template, required: Required) -> Call:
    inner = _keys(action)
    callee, field, kind = PROVIDERS[text_in(_keys(inner["ActionTypeId"]).get("Provider"))]
    configuration = inner.get("Configuration")
    call = Call(
        where=f"{where}/{text_in(inner.get('Name')) or '?'}",
        line=action.start_mark.line + 1,
        callee=mentions(_callees(configuration, callee), template),
        kind=kind,
    )

    def check(resolver: Resolver) -> None:
        values = resolver.keys(configuration)
        if kind is InputKind.STEP_FUNCTIONS_ACTION and _is_in_a_file(values, resolver):
            call.warnings.append(IN_A_FILE)
        elif field in values:
            call.inputs.append(resolver.text(values[field]))
        else:
            call.inputs.append(TemplateText("", Unknowns(), -1, keeps_lines=False))

    _check_each(call, check, template, configuration or action, required)
    return call


def _check_each(
    call: Call,
    check: Callable[[Resolver], None],
    template: Template,
    node: yaml.Node,
    required: Required,
) -> None:
    """Check a call for each choice of the template's parameters and conditions."""
    try:
        for resolver in resolvers(template, node, required):
            _check_one(call, check, resolver)
    except Uncheckable:
        call.warnings.append(NOT_CHECKED)


def _check_one(call: Call, check: Callable[[Resolver], None], resolver: Resolver) -> None:
    try:
        check(resolver)
    except NotText:
        call.errors.append(NOT_TEXT)
    except Uncheckable:
        call.warnings.append(NOT_CHECKED)
    except Impossible:
        pass  # CloudFormation refuses the template


def _callees(configuration: yaml.Node | None, field: str) -> yaml.Node:
    """The callee in each branch of a configuration."""
    return yaml.SequenceNode("", [*_named(configuration, field)])


def _named(node: yaml.Node | None, name: str) -> Iterator[yaml.Node]:
    for key, value in nodes_by_key(node).items():
        if key == name:
            yield value
        else:
            yield from _named(value, name)
    for each in items(node):
        yield from _named(each, name)


def _is_in_a_file(values: Mapping[str, yaml.Node], resolver: Resolver) -> bool:
    return "InputType" in values and resolver.text(values["InputType"]).text == "FilePath"


def _target(name: str, target: yaml.Node, template: Template, required: Required) -> Call:
    inner = nodes_by_key(target)
    call = Call(
        where=f"{name} {text_in(inner.get('Id'))}".rstrip(),
        line=target.start_mark.line + 1,
        callee=mentions(inner["Arn"], template),
        kind=InputKind.RUN,
    )
    started: list[str] = []

    def check(resolver: Resolver) -> None:
        given = resolver.keys(target)
        if "Input" in given:
            text = schedules_input(resolver.text(given["Input"]))
            if _START_EXECUTION in call.callee:
                state_machine, text = _start_execution(text)
                started.append(state_machine)
            call.inputs.append(text)
        elif "InputTemplate" in (transformer := resolver.keys(given.get("InputTransformer"))):
            names = resolver.keys(transformer.get("InputPathsMap"))
            text, mistakes = transformed_input(resolver.text(transformer["InputTemplate"]), names)
            call.inputs.append(text)
            call.errors.extend(mistakes)
        elif text_in(given.get("InputPath")).strip() not in {"", "$"}:
            call.warnings.append(FROM_THE_EVENT)
        else:
            call.errors.append(NO_INPUT)

    _check_each(call, check, template, target, required)
    return replace(call, callee=" ".join([call.callee, *started]))


def _start_execution(request: TemplateText) -> tuple[str, TemplateText]:
    """The state machine and the input in a request to StartExecution."""
    try:
        document: Any = json.loads(request.text)
        arn, text = str(document["StateMachineArn"]), str(document.get("Input", "{}"))
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return "", request  # AWS refuses the request
    return request.unknowns.shown(arn), replace(request, text=text, keeps_lines=False)

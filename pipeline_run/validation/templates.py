"""Find what starts runs in CloudFormation templates and in pipelines from the AWS CLI."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import yaml

from pipeline_run.validation.budget import Budget
from pipeline_run.validation.calls import (
    IN_A_FILE,
    NO_INPUT,
    PROVIDERS,
    Call,
    from_event,
    literal,
    schedules_input,
    transformed_input,
)
from pipeline_run.validation.inputs import InputKind
from pipeline_run.validation.nodes import items, nodes_by_key
from pipeline_run.validation.template_values import (
    NotText,
    Parameters,
    Resolver,
    TemplateText,
    choices,
    mentions,
    text_in,
)

# A text without any of these contains nothing to check.
MARKERS = (
    "AWS::CodePipeline::Pipeline",
    "AWS::Scheduler::Schedule",
    "AWS::Events::Rule",
    "actionTypeId",
)
_START_EXECUTION = ":aws-sdk:sfn:startExecution"


def is_template(root: yaml.Node | None) -> bool:
    """Whether this is a CloudFormation template. Only templates have resources."""
    return bool(nodes_by_key(nodes_by_key(root).get("Resources")))


def is_pipeline(root: yaml.Node | None) -> bool:
    """Whether this is the output of `aws codepipeline get-pipeline`."""
    return "stages" in nodes_by_key(nodes_by_key(root).get("pipeline"))


def calls(root: yaml.Node | None, budget: Budget) -> Iterator[Call]:
    """Every Lambda and Step Functions action, schedule and rule target. Raises TooMuchWork."""
    if is_pipeline(root):
        pipeline = nodes_by_key(root)["pipeline"]
        name = text_in(nodes_by_key(pipeline).get("name"))
        yield from _actions_of(name or "pipeline", pipeline, Parameters(budget=budget), name)
        return
    parameters = Parameters.of(root, budget)
    for name, resource in _resources(nodes_by_key(root).get("Resources")):
        inner = nodes_by_key(resource)
        properties = inner.get("Properties")
        match text_in(inner.get("Type")):
            case "AWS::CodePipeline::Pipeline":
                own = text_in(nodes_by_key(properties).get("Name"))
                yield from _actions_of(name, resource, parameters, own)
            case "AWS::Scheduler::Schedule" if properties is not None:
                yield from _schedule(name, properties, parameters)
            case "AWS::Events::Rule" if properties is not None:
                yield from _rule(name, properties, parameters)


def _resources(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    for name, resource in nodes_by_key(node).items():
        if name.startswith("Fn::ForEach") and items(resource):
            yield from _resources(items(resource)[-1])
        else:
            yield name, resource


def _actions_of(
    name: str, pipeline: yaml.Node, parameters: Parameters, own_name: str
) -> Iterator[Call]:
    for stage, action in _actions(pipeline, ""):
        for call in _action(f"{name} {stage}", action, parameters):
            is_here = "Region" not in _keys(action)
            yield replace(call, pipeline=own_name) if is_here else call


def _actions(node: yaml.Node, stage: str) -> Iterator[tuple[str, yaml.Node]]:
    """Each action with its stage, including actions nested in conditions."""
    inner = _keys(node)
    if "ActionTypeId" in inner:
        yield stage, node
        return
    if "Actions" in inner and "Name" in inner:
        stage = text_in(inner["Name"])
    for child in [*items(node), *inner.values()]:
        yield from _actions(child, stage)


def _keys(node: yaml.Node | None) -> dict[str, yaml.Node]:
    """A mapping's nodes with the spelling of CloudFormation, which begins names in upper case."""
    return {key[:1].upper() + key[1:]: value for key, value in nodes_by_key(node).items()}


def _action(stage: str, action: yaml.Node, parameters: Parameters) -> Iterator[Call]:
    inner = _keys(action)
    provider = text_in(_keys(inner["ActionTypeId"]).get("Provider"))
    if provider not in PROVIDERS:
        return
    callee, field, kind = PROVIDERS[provider]
    inputs: list[TemplateText] = []
    errors: list[str] = []
    warnings: list[str] = []
    configuration = inner.get("Configuration")
    for chosen in choices(action, parameters):
        resolver = Resolver(parameters, chosen)
        values = resolver.keys(configuration)
        if kind is InputKind.STEP_FUNCTIONS_ACTION and _is_in_a_file(values, resolver):
            warnings.append(IN_A_FILE)
            continue
        _add(inputs, errors, field, values.get(field), resolver)
    name = inner.get("Name")
    yield Call(
        where=f"{stage}/{text_in(name) or '?'}",
        line=action.start_mark.line + 1,
        callee=mentions(_callees(configuration, callee), parameters),
        kind=kind,
        inputs=inputs,
        errors=errors,
        warnings=warnings,
    )


def _callees(configuration: yaml.Node | None, field: str) -> yaml.Node | None:
    """The callee in each branch of a configuration."""
    found = [*_named(configuration, field)]
    return yaml.SequenceNode("", found) if found else None


def _named(node: yaml.Node | None, name: str) -> Iterator[yaml.Node]:
    for key, value in nodes_by_key(node).items():
        if key == name:
            yield value
        else:
            yield from _named(value, name)
    for each in items(node):
        yield from _named(each, name)


def _is_in_a_file(values: dict[str, yaml.Node], resolver: Resolver) -> bool:
    node = values.get("InputType")
    try:
        return node is not None and resolver.text(node).text == "FilePath"
    except NotText:
        return False


def _add(
    inputs: list[TemplateText],
    errors: list[str],
    field: str,
    node: yaml.Node | None,
    resolver: Resolver,
) -> None:
    """Add a field's text to the inputs, or the reason why it has none to the errors."""
    if node is None:
        inputs.append(literal("", -1))
        return
    try:
        inputs.append(resolver.text(node))
    except NotText:
        errors.append(
            f"{field}: must be a string that contains JSON, not an object or a list. Put the JSON "
            "in quotes, or use Fn::ToJsonString with the transform AWS::LanguageExtensions."
        )


def _schedule(name: str, properties: yaml.Node, parameters: Parameters) -> Iterator[Call]:
    inputs: list[TemplateText] = []
    errors: list[str] = []
    callee = []
    for chosen in choices(properties, parameters):
        resolver = Resolver(parameters, chosen)
        target = resolver.keys(resolver.keys(properties).get("Target"))
        arn = mentions(target.get("Arn"), parameters)
        callee.append(arn)
        given: list[TemplateText] = []
        if "Input" not in target:
            errors.append(NO_INPUT)
            continue
        _add(given, errors, "Input", target["Input"], resolver)
        for text in map(schedules_input, given):
            if _START_EXECUTION in arn:
                started, text_of_run = _start_execution(text)
                callee.append(started)
                inputs.append(text_of_run)
            else:
                inputs.append(text)
    line = properties.start_mark.line + 1
    yield Call(name, line, " ".join(callee), InputKind.RUN, inputs, errors)


def _start_execution(request: TemplateText) -> tuple[str, TemplateText]:
    """The state machine and the input in a request to StartExecution."""
    try:
        document = json.loads(request.text)
        arn, text = str(document["StateMachineArn"]), str(document.get("Input", "{}"))
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return "", request  # AWS refuses the request
    shown = request.unknowns.shown(arn)
    return shown, TemplateText(text, request.unknowns, request.line, keeps_lines=False)


def _rule(name: str, properties: yaml.Node, parameters: Parameters) -> Iterator[Call]:
    targets: dict[int, tuple[yaml.Node, list[TemplateText], list[str], list[str]]] = {}
    for chosen in choices(properties, parameters):
        resolver = Resolver(parameters, chosen)
        for given in items(resolver.node(resolver.keys(properties).get("Targets"))):
            target = resolver.node(given)
            if target is not None:
                found = targets.setdefault(id(target), (target, [], [], []))
                _target(resolver, *found)
    for target, inputs, errors, warnings in targets.values():
        inner = nodes_by_key(target)
        where = f"{name} {text_in(inner.get('Id'))}".rstrip()
        callee = mentions(inner.get("Arn"), parameters)
        line = target.start_mark.line + 1
        yield Call(where, line, callee, InputKind.RUN, inputs, errors, warnings)


def _target(
    resolver: Resolver,
    target: yaml.Node,
    inputs: list[TemplateText],
    errors: list[str],
    warnings: list[str],
) -> None:
    inner = resolver.keys(target)
    if "Input" in inner:
        _add(inputs, errors, "Input", inner["Input"], resolver)
    elif "InputTransformer" in inner:
        transformer = resolver.keys(inner["InputTransformer"])
        given: list[TemplateText] = []
        _add(given, errors, "InputTemplate", transformer.get("InputTemplate"), resolver)
        names = resolver.keys(transformer.get("InputPathsMap"))
        for each in given:
            text, mistakes = transformed_input(each, names)
            inputs.append(text)
            errors += mistakes
    elif "InputPath" in inner:
        more, also = from_event(text_in(inner["InputPath"]) or "this InputPath")
        errors += more
        warnings += also
    else:
        errors.append(NO_INPUT)

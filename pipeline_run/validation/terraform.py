"""Find what starts runs in the output of `terraform show -json`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

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
from pipeline_run.validation.template_values import TemplateText

MARKERS = ("aws_codepipeline", "aws_scheduler_schedule", "aws_cloudwatch_event_target")
NOT_SUPPORTED = (
    "Terraform's own files are not supported. Check the plan instead: terraform plan -out tfplan, "
    "then terraform show -json tfplan | pipeline-run validate -"
)
_DEEPEST = 50  # modules in modules


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


def calls(document: dict[str, Any]) -> Iterator[Call]:
    """Every Lambda and Step Functions action, schedule and rule target in a plan or a state."""
    unknown = {
        each.get("address"): _object(each.get("change")).get("after_unknown")
        for each in _objects(document.get("resource_changes"))
    }
    values = _object(document.get("planned_values") or document.get("values"))
    for resource in _resources(_object(values.get("root_module")), 0):
        address = str(resource.get("address"))
        given = _object(resource.get("values"))
        not_yet = _object(unknown.get(resource.get("address")))
        match resource.get("type"):
            case "aws_codepipeline":
                yield from _pipeline(address, given, not_yet)
            case "aws_scheduler_schedule":
                for index, target in enumerate(_objects(given.get("target"))):
                    yield _schedule(address, target, _at(not_yet, "target", index))
            case "aws_cloudwatch_event_target":
                yield _rule_target(address, given, not_yet)


def _resources(module: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
    yield from _objects(module.get("resources"))
    if depth < _DEEPEST:
        for child in _objects(module.get("child_modules")):
            yield from _resources(child, depth + 1)


def _pipeline(address: str, pipeline: dict[str, Any], not_yet: dict[str, Any]) -> Iterator[Call]:
    for number, stage in enumerate(_objects(pipeline.get("stage"))):
        for index, action in enumerate(_objects(stage.get("action"))):
            if action.get("provider") not in PROVIDERS:
                continue
            callee, field, kind = PROVIDERS[action["provider"]]
            configuration = _object(action.get("configuration"))
            unknown = _at(_at(not_yet, "stage", number), "action", index).get("configuration")
            in_a_file = configuration.get("InputType") == "FilePath"
            yield Call(
                where=f"{address} {stage.get('name')}/{action.get('name')}",
                line=None,
                callee=str(configuration.get(callee, "")),
                kind=kind,
                inputs=[] if in_a_file else _texts(configuration, unknown, field),
                warnings=[IN_A_FILE] if in_a_file else [],
                pipeline="" if action.get("region") else str(pipeline.get("name") or ""),
            )


def _texts(given: dict[str, Any], unknown: Any, field: str) -> list[TemplateText]:
    """The field's text. Empty if Terraform only learns it when it applies the plan."""
    if given.get(field) is None and (unknown is True or _object(unknown).get(field)):
        return []
    return [literal(str(given.get(field) or ""))]


def _schedule(address: str, target: dict[str, Any], not_yet: dict[str, Any]) -> Call:
    inputs = [schedules_input(each) for each in _texts(target, not_yet, "input")]
    is_missing = target.get("input") is None and bool(inputs)
    return Call(
        where=address,
        line=None,
        callee=str(target.get("arn", "")),
        kind=InputKind.RUN,
        inputs=[] if is_missing else inputs,
        errors=[NO_INPUT] if is_missing else [],
    )


def _rule_target(address: str, target: dict[str, Any], not_yet: dict[str, Any]) -> Call:
    inputs: list[TemplateText] = []
    errors: list[str] = []
    warnings: list[str] = []
    transformers = _objects(target.get("input_transformer"))
    if target.get("input") is not None:
        inputs = [literal(str(target["input"]))]
    elif transformers:
        unknown = _at(not_yet, "input_transformer", 0)
        for given in _texts(transformers[0], unknown, "input_template"):
            text, errors = transformed_input(given, _object(transformers[0].get("input_paths")))
            inputs = [text]
    elif target.get("input_path") is not None:
        errors, warnings = from_event(str(target["input_path"]))
    elif not (not_yet.get("input") or not_yet.get("input_path")):
        errors = [NO_INPUT]
    callee = str(target.get("arn", ""))
    return Call(address, None, callee, InputKind.RUN, inputs, errors, warnings)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _at(value: dict[str, Any], field: str, index: int) -> dict[str, Any]:
    """An item of a list in a document about unknown values, which may be shorter."""
    found = value.get(field)
    return _object(found[index]) if isinstance(found, list) and index < len(found) else {}

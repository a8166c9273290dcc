"""The input of a rule's target: the event, a part of it, a constant, or transformed text.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREDEFINED = {
    "aws.events.rule-arn": "rule_arn",
    "aws.events.rule-name": "rule_name",
    "aws.events.event.ingestion-time": "ingestion_time",
    "aws.events.event": "event_without_detail",
    "aws.events.event.json": "event",
}
_STEP = r"\.([\w\-]+)|\[(\d+)\]"
_PATH = re.compile(rf"\$(?:{_STEP})*")
_PLACEHOLDER = re.compile(r"<([\w.\-]+)>")


def undefined_placeholder(transformer: Mapping[str, Any]) -> str | None:
    """Find the first placeholder that is neither predefined nor mapped to a path."""
    known = {*_PREDEFINED, *transformer.get("InputPathsMap", {})}
    found = _PLACEHOLDER.findall(str(transformer["InputTemplate"]))
    return next((name for name in found if name not in known), None)


def unsupported_path(target: Mapping[str, Any]) -> str | None:
    """Find the first path of a target that contains anything except names and indexes."""
    mapped = target.get("InputTransformer", {}).get("InputPathsMap", {}).values()
    paths = [*mapped, target.get("InputPath", "$")]
    return next((path for path in paths if _PATH.fullmatch(path) is None), None)


def input_of(
    target: Mapping[str, Any], event: Mapping[str, Any], *, rule_arn: str, ingestion_time: str
) -> str:
    """Build the JSON text that the target receives."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(_select(event, target["InputPath"]))
    if "InputTransformer" in target:
        predefined = {
            "rule_arn": rule_arn,
            "rule_name": rule_arn.rpartition("/")[2],
            "ingestion_time": ingestion_time,
            "event_without_detail": _without_detail(event),
            "event": event,
        }
        return _transform(target["InputTransformer"], event, predefined)
    return json.dumps(event)


def _transform(
    transformer: Mapping[str, Any], event: Mapping[str, Any], predefined: Mapping[str, Any]
) -> str:
    values = {name: predefined[key] for name, key in _PREDEFINED.items()}
    for name, path in transformer.get("InputPathsMap", {}).items():
        values[name] = _select(event, path, missing="")
    template = str(transformer["InputTemplate"])

    def replace(match: re.Match[str]) -> str:
        value = values[match[1]]
        if _inside_string(template, match.start()):
            return _inside_text(value)
        return json.dumps(value)

    text = _PLACEHOLDER.sub(replace, template)
    try:
        json.loads(text)
    except ValueError:  # the target receives a plain text template as a JSON string
        return json.dumps(text)
    return text


def _inside_string(template: str, position: int) -> bool:
    quotes = re.findall(r'(?<!\\)"', template[:position])
    return len(quotes) % 2 == 1


def _inside_text(value: Any) -> str:
    """Format a value inside a JSON string. Objects and arrays lose their quotation marks."""
    if isinstance(value, str):
        return json.dumps(value)[1:-1]
    return json.dumps(value, separators=(",", ":")).replace('"', "")


def _without_detail(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Convert the event to the form of `<aws.events.event>`."""
    names = {"detail-type": "detailType"}
    return {names.get(name, name): value for name, value in event.items() if name != "detail"}


def _select(event: Mapping[str, Any], path: str, missing: Any = None) -> Any:
    """Find the value at a JSON path of names and indexes. Returns `missing` if there is none."""
    value: Any = event
    for name, index in re.findall(_STEP, path):
        try:
            value = value[name] if name else value[int(index)]
        except (KeyError, IndexError, TypeError):
            return missing
    return value

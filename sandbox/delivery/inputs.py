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
    "aws.events.event": "event",
    "aws.events.event.json": "event",
}


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
            "event": event,
        }
        return _transform(target["InputTransformer"], event, predefined)
    return json.dumps(event)


def _transform(
    transformer: Mapping[str, Any], event: Mapping[str, Any], predefined: Mapping[str, Any]
) -> str:
    values = {name: predefined[key] for name, key in _PREDEFINED.items()}
    for name, path in transformer.get("InputPathsMap", {}).items():
        values[name] = _select(event, path)
    template = str(transformer["InputTemplate"])

    def replace(match: re.Match[str]) -> str:
        if match[1] not in values:
            return match[0]
        value = values[match[1]]
        if _inside_string(template, match.start()):
            text = value if isinstance(value, str) else json.dumps(value)
            return json.dumps("" if value is None else text)[1:-1]
        return json.dumps(value)

    text = re.sub(r"<([\w.\-]+)>", replace, template)
    try:
        json.loads(text)
    except ValueError:  # the target receives a plain text template as a JSON string
        return json.dumps(text)
    return text


def _inside_string(template: str, position: int) -> bool:
    quotes = re.findall(r'(?<!\\)"', template[:position])
    return len(quotes) % 2 == 1


def _select(event: Mapping[str, Any], path: str) -> Any:
    """Find the value at a JSON path of names and indexes. Returns None if there is no value."""
    value: Any = event
    for name, index in re.findall(r"\.([\w\-]+)|\[(\d+)\]", path.removeprefix("$")):
        try:
            value = value[name] if name else value[int(index)]
        except (KeyError, IndexError, TypeError):
            return None
    return value

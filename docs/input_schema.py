"""The JSON Schema of a run's input, made from the model: it accepts what the parser accepts."""

from __future__ import annotations

from typing import Any

from pydantic.alias_generators import to_camel

from codepipeline_orchestrator.input.fields import FOLLOWING, STARTING, RunInput
from codepipeline_orchestrator.input.parsing import ADDED_BY_AWS, TRUE_OR_FALSE

_DESCRIPTION = (
    "A valid input meets this schema, and an input that meets it is valid, with four exceptions "
    "that JSON Schema cannot express. Two outputVariables must not get the same name (A.b_c and "
    "A_b.c both become A_b_c). Two variables must not have the same name, and two sourceRevisions "
    "not the same action and type. Strings must not contain half of a surrogate pair. The "
    "date in startedAfter must exist. In a CodePipeline "
    "Lambda action timeoutMinutes is at most 1,420."
)
_LATEST = ("on_never_run", "started_after")
_WAITING = {"wait": {"const": True}}


def schema() -> dict[str, Any]:
    """The JSON Schema of a run's input, in both of its spellings."""
    ours = RunInput.model_json_schema(by_alias=True)
    definitions = ours.pop("$defs")
    waiters = _waiter_input(ours["properties"])
    added_by_aws = {name: {"description": says} for name, says in ADDED_BY_AWS.items()}
    for dialect in (ours, waiters):
        dialect["properties"] |= added_by_aws
    definitions["RunInput"] = {**ours, "allOf": _combinations()}
    definitions["WaiterInput"] = waiters
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Input of a run of codepipeline-orchestrator",
        "description": _DESCRIPTION,
        "anyOf": [{"$ref": "#/$defs/RunInput"}, {"$ref": "#/$defs/WaiterInput"}],
        "$defs": definitions,
    }


def _waiter_input(ours: dict[str, Any]) -> dict[str, Any]:
    role = next(kind for kind in ours["roleArn"]["anyOf"] if kind["type"] == "string")
    return {
        "title": "WaiterInput",
        "description": "The input of aws-codepipeline-waiter, unchanged.",
        "type": "object",
        "additionalProperties": False,
        "required": ["targetname"],
        "properties": {
            "targetname": {**ours["pipelineName"], "title": "targetname"},
            "assumerolearn": {
                "title": "assumerolearn",
                "description": "The role to assume. An empty string or null means none.",
                "anyOf": [role, {"enum": ["", None]}],
            },
            "trigger": {
                "title": "trigger",
                "description": "true: start the target and follow it. "
                "false: follow its latest execution.",
                "default": False,
                "anyOf": [{"type": "boolean"}, {"type": "string", "pattern": TRUE_OR_FALSE}],
            },
        },
    }


def _combinations() -> list[dict[str, Any]]:
    """What `RunInput` refuses although each field is right; `$comment` says why."""
    return [
        _rule(
            "A named execution is neither started nor looked for.",
            {"pipelineExecutionId": {"type": "string"}},
            {**_absent("mode", *STARTING, *_LATEST), **_WAITING},
        ),
        _rule(
            "Only mode start starts an execution.",
            {"mode": {"not": {"const": "start"}}},
            {**_absent(*STARTING), **_WAITING},
        ),
        *(
            {
                "$comment": f"{to_camel(name)} is for mode latest.",
                "if": {"required": [to_camel(name)]},
                "then": {"properties": {"mode": {"const": "latest"}}, "required": ["mode"]},
            }
            for name in _LATEST
        ),
        _rule(
            "A run that waits for an execution to begin does not fail because there was none.",
            {"startedAfter": {"type": "string"}},
            _absent("on_never_run"),
        ),
        _rule(
            "Mode idle follows no execution.",
            {"mode": {"const": "idle"}},
            _absent(*FOLLOWING),
        ),
        _rule(
            "With wait false, no execution is followed.",
            {"wait": {"const": False}},
            _absent(*FOLLOWING),
        ),
    ]


def _rule(why: str, when: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    """If the fields are there and have such values, the others must have such values."""
    condition = {"properties": when, "required": list(when)}
    return {"$comment": why, "if": condition, "then": {"properties": then}}


def _absent(*names: str) -> dict[str, Any]:
    return {to_camel(name): False for name in names}

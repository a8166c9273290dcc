"""Build the JSON Schema of a run's input from the model."""

from __future__ import annotations

from typing import Any

from pydantic.alias_generators import to_camel

from codepipeline_orchestrator.input.fields import FOLLOWING, STARTING, RunInput
from codepipeline_orchestrator.input.parsing import ADDED_BY_AWS, TRUE_OR_FALSE

_DESCRIPTION = (
    "Every valid input matches this schema. An input that matches it must also meet some rules "
    "that JSON Schema cannot express. Two outputVariables must not be returned under the same name "
    "(A.b_c and A_b.c both become A_b_c). Two variables must not have the same name, and two "
    "sourceRevisions must not have the same action and type. Strings must not contain half of a "
    "surrogate pair. The date in startedAfter must exist. In a CodePipeline Lambda action, "
    "timeoutMinutes is at most 1,420."
)
_LATEST = ("on_never_run", "started_after")
_WAITING = {"wait": {"const": True}}


def schema() -> dict[str, Any]:
    """The JSON Schema of a run's input. It also accepts the input of aws-codepipeline-waiter."""
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
    """The combinations that `RunInput` rejects although each field is valid, with the reasons."""
    return [
        _rule(
            "With pipelineExecutionId, the run neither starts nor looks for an execution.",
            {"pipelineExecutionId": {"type": "string"}},
            {**_absent("mode", *STARTING, *_LATEST), **_WAITING},
        ),
        _rule(
            "These fields require mode start.",
            {"mode": {"not": {"const": "start"}}},
            {**_absent(*STARTING), **_WAITING},
        ),
        *(
            {
                "$comment": f"{to_camel(name)} is only valid with mode latest.",
                "if": {"required": [to_camel(name)]},
                "then": {"properties": {"mode": {"const": "latest"}}, "required": ["mode"]},
            }
            for name in _LATEST
        ),
        _rule(
            "With startedAfter, the run waits for an execution, so onNeverRun does not apply.",
            {"startedAfter": {"type": "string"}},
            _absent("on_never_run"),
        ),
        _rule(
            "Mode idle does not follow an execution.",
            {"mode": {"const": "idle"}},
            _absent(*FOLLOWING),
        ),
        _rule(
            "With wait false, the run does not follow an execution.",
            {"wait": {"const": False}},
            _absent(*FOLLOWING),
        ),
    ]


def _rule(why: str, when: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    """A rule: if the fields in `when` are given and match, the fields in `then` must match too."""
    condition = {"properties": when, "required": list(when)}
    return {"$comment": why, "if": condition, "then": {"properties": then}}


def _absent(*names: str) -> dict[str, Any]:
    return {to_camel(name): False for name in names}

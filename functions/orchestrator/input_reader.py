"""Reads a run's input in its three dialects; raw input is parsed here and nowhere else.

- ours, described by `run_input`; the executor's `{"pipelineName": "..."}` is already that;
- the waiter's `{"targetname": ..., "assumerolearn": ..., "trigger": ...}`, comments and all.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from orchestrator.errors import InvalidInput
from orchestrator.json_text import read_json, without_comments
from orchestrator.run_input import MOST_MINUTES_WITH_A_JOB, RunInput, SourceRevision, Variable

_WAITER = {"targetname": "pipelineName", "assumerolearn": "roleArn", "trigger": "mode"}
_WORDS = {"true": True, "false": False}
_EVENT_FIELDS = {"detail-type", "detail", "source", "CodePipeline.job"}
_LONGEST_VALUE_SHOWN = 100


def parse_user_parameters(text: str | None) -> RunInput:
    """The input from a CodePipeline action's UserParameters. InvalidInput says what is wrong."""
    if text is None or not text.strip():
        raise InvalidInput(
            "The action has no UserParameters. They must say which pipeline to start or follow: "
            '{"pipelineName": "MyPipeline"}.'
        )
    parsed = parse_input(_document(text))
    if parsed.timeout_minutes is not None and parsed.timeout_minutes > MOST_MINUTES_WITH_A_JOB:
        raise InvalidInput(
            f"timeoutMinutes: {parsed.timeout_minutes} was given; at most "
            f"{MOST_MINUTES_WITH_A_JOB} is possible in a Lambda action, because CodePipeline "
            "itself fails it after 24 hours. For longer waits use CodePipeline's Step Functions "
            "action with this deployment's state machine (7 days)."
        )
    return parsed


def parse_input(document: Any) -> RunInput:
    """The input from a JSON document. InvalidInput names each field that is wrong."""
    if not isinstance(document, Mapping):
        raise InvalidInput(
            f"The input is {_kind(document)}; it must be a JSON object such as "
            '{"pipelineName": "MyPipeline"}.'
        )
    _refuse_events(document)
    if "targetname" in document:
        return _validated(
            _from_waiter(document), names={"pipelineName": "targetname", "roleArn": "assumerolearn"}
        )
    return _validated(dict(document), names={})


def _validated(document: dict[str, Any], *, names: Mapping[str, str]) -> RunInput:
    """The model; `names` are the dialect's own words for the fields, for the messages."""
    try:
        return RunInput.model_validate(document)
    except ValidationError as error:
        raise InvalidInput(_explain(error, names)) from error


def _document(text: str) -> Any:
    try:
        return read_json(text)
    except InvalidInput as strict:
        # Comments are forgiven to the waiter's users only: their README taught them.
        try:
            document = read_json(without_comments(text))
        except InvalidInput:
            raise strict from None
        if isinstance(document, dict) and "targetname" in document:
            return document
        raise InvalidInput(
            f"{strict} Comments are allowed only in input of aws-codepipeline-waiter "
            "(with targetname)."
        ) from None


def _refuse_events(document: Mapping[str, Any]) -> None:
    if _EVENT_FIELDS & document.keys():
        what = document.get("detail-type") or "CodePipeline job"
        raise InvalidInput(
            f"The input is a whole event ({_shown(what)}), not the input of a run. Set the input "
            "of the rule's or schedule's target to a constant such as {\"pipelineName\": "
            '"MyPipeline"}; a CodePipeline action invokes the CodePipelineJob function instead.'
        )


def _from_waiter(document: Mapping[str, Any]) -> dict[str, Any]:
    unknown = [name for name in document if name not in _WAITER]
    if unknown:
        raise InvalidInput(
            "; ".join(
                f"{_shown(name)}: unknown field{_nearest(name, [*_WAITER])}" for name in unknown
            )
            + f". Beside targetname there are {' and '.join(list(_WAITER)[1:])}; all other "
            "features have pipelineName instead of targetname."
        )
    trigger = _truth(document.get("trigger", False))
    role_arn = document.get("assumerolearn") or None
    return {
        "pipelineName": document["targetname"],
        "mode": "start" if trigger else "latest",
        **({"roleArn": role_arn} if role_arn is not None else {}),
    }


def _truth(value: Any) -> bool:
    if isinstance(value, str) and value.strip().lower() in _WORDS:
        return _WORDS[value.strip().lower()]
    if not isinstance(value, bool):
        raise InvalidInput(f"trigger: {_shown(value)} was given; allowed are true and false.")
    return value


def _explain(error: ValidationError, names: Mapping[str, str]) -> str:
    sentences = (_sentence(dict(detail), names).rstrip(".?") for detail in error.errors())
    return "; ".join(sentences) + "."


def _sentence(detail: dict[str, Any], names: Mapping[str, str]) -> str:
    path = ".".join(names.get(str(part), str(part)) for part in detail["loc"])
    given = f"{_shown(detail['input'])} was given"
    match detail["type"]:
        case "extra_forbidden":
            return f"{path}: unknown field{_nearest(str(detail['loc'][-1]), _names(detail['loc']))}"
        case "missing":
            return f"{path}: missing. {_description(detail['loc'])}"
        case "value_error":
            return str(detail["ctx"]["error"])
        case "string_pattern_mismatch":
            return f"{path}: {given}; allowed is what matches {detail['ctx']['pattern']}"
        case _:
            return f"{path}: {given}. {detail['msg']}. {_description(detail['loc'])}"


def _model(loc: tuple[int | str, ...]) -> type[BaseModel]:
    nested: dict[int | str, type[BaseModel]] = {
        "variables": Variable,
        "sourceRevisions": SourceRevision,
    }
    return nested.get(loc[0], RunInput) if len(loc) > 1 else RunInput


def _names(loc: tuple[int | str, ...]) -> list[str]:
    return [str(field.alias) for field in _model(loc).model_fields.values()]


def _description(loc: tuple[int | str, ...]) -> str:
    for field in _model(loc).model_fields.values():
        if field.alias == loc[-1]:
            return str(field.description)
    return ""


def _nearest(name: str, known: list[str]) -> str:
    lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), lower, n=1)
    return f" (did you mean {lower[close[0]]}?)" if close else f"; known are {', '.join(known)}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE_SHOWN else f"{text[:_LONGEST_VALUE_SHOWN]}…"


def _kind(document: Any) -> str:
    names = {str: "a string", list: "a list", bool: "true or false", type(None): "null"}
    return names.get(type(document), "a number")

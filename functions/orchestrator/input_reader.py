"""Reads a run's input in its three dialects; raw input is parsed here and nowhere else.

- ours, described by `run_input`; the executor's `{"pipelineName": "..."}` is already that;
- the waiter's `{"targetname": ..., "assumerolearn": ..., "trigger": ...}`, comments and all.
"""

from __future__ import annotations

import difflib
import json
import reprlib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from orchestrator.errors import InvalidInput
from orchestrator.json_text import read_json, without_comments
from orchestrator.run_input import MOST_MINUTES_WITH_A_JOB, RunInput, SourceRevision, Variable

_WAITER = {"targetname": "pipelineName", "assumerolearn": "roleArn", "trigger": "mode"}
_WORDS = {"true": True, "false": False}
_EVENT_FIELDS = {"detail-type", "detail", "source", "CodePipeline.job"}
_MOST_MISTAKES = 5  # told at a time
_LONGEST_SHOWN = 100
_REPR = reprlib.Repr()
_REPR.maxlevel, _REPR.maxstring, _REPR.maxother = 2, _LONGEST_SHOWN, _LONGEST_SHOWN


def parse_user_parameters(text: str | None, *, follow_latest: bool = False) -> RunInput:
    """The input from a CodePipeline action's UserParameters. InvalidInput says what is wrong.

    `follow_latest` is for an action whose target has been started before us: whatever the waiter's
    input says of `trigger`, nothing is started again.
    """
    if text is None or not text.strip():
        raise InvalidInput(
            "The action has no UserParameters. They must say which pipeline to start or follow: "
            '{"pipelineName": "MyPipeline"}.'
        )
    document = _document(text)
    if follow_latest and isinstance(document, dict) and "targetname" in document:
        document = {**document, "trigger": False}
    parsed = parse_input(document)
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
    _refuse_unusable(document)
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
        except InvalidInput as mistake:
            raise (mistake if '"targetname"' in text else strict) from None
        if isinstance(document, dict) and "targetname" in document:
            return document
        raise InvalidInput(
            f"{strict} Comments are allowed only in input of aws-codepipeline-waiter "
            "(with targetname)."
        ) from None


def _refuse_unusable(document: Mapping[str, Any]) -> None:
    """Refuse what JSON allows but no AWS API takes."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            "The input holds half of a surrogate pair, such as \\ud800, which is no character. "
            "Write the character itself, or both halves."
        ) from error
    except RecursionError as error:
        raise InvalidInput("The input is not usable: it is nested too deeply.") from error


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
    details = error.errors()
    sentences = [_sentence(dict(detail), names).rstrip(".?") for detail in details[:_MOST_MISTAKES]]
    if len(details) > _MOST_MISTAKES:
        sentences.append(f"and {len(details) - _MOST_MISTAKES} more mistakes")
    return "; ".join(sentences) + "."


def _sentence(detail: dict[str, Any], names: Mapping[str, str]) -> str:
    path = ".".join(_printable(names.get(str(part), str(part))) for part in detail["loc"])
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
    if name.lower() in _WAITER:
        known = [*known, *_WAITER]
    lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), lower, n=1)
    return f" (did you mean {lower[close[0]]}?)" if close else f"; known are {', '.join(known)}"


def _shown(value: Any) -> str:
    return _REPR.repr(value)


def _printable(name: str) -> str:
    """A field's name, which anybody may have made up, fit for a message."""
    return (
        name
        if (name.isidentifier() or name.isdigit()) and len(name) < _LONGEST_SHOWN
        else _shown(name)
    )


def _kind(document: Any) -> str:
    names = {str: "a string", list: "a list", bool: "true or false", type(None): "null"}
    return names.get(type(document), "a number")

"""Describes mistakes in an input: the field, its value, what is allowed, and a likely fix."""

from __future__ import annotations

import difflib
import json
import re
import reprlib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.input.fields import (
    MOST_MINUTES,
    MOST_MINUTES_WITH_A_JOB,
    RunInput,
    SourceRevision,
    Variable,
)

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

WAITER_FIELDS = ("targetname", "assumerolearn", "trigger")
MOST_MISTAKES = 5  # maximum number of mistakes in one message
_LONGEST_SHOWN = 100
_WORD = re.compile(r"'([^']+)'")
_REPR = reprlib.Repr()
_REPR.maxlevel, _REPR.maxstring, _REPR.maxother = 2, _LONGEST_SHOWN, _LONGEST_SHOWN
_VARIABLE = '{"name": "STAGE", "value": "prod"}'
_REVISION = '{"actionName": "Source", "revisionType": "COMMIT_ID", "revisionValue": "0f1e2d3c"}'
# The end of "It must be ..." for every field and list item that accepts more than a few words.
ALLOWED = {
    "pipelineName": "a pipeline's name: 1 to 100 letters, digits and the characters .@_-",
    "roleArn": "the ARN of a role, such as arn:aws:iam::111122223333:role/NAME, with at most 2,048 "
    "characters",
    "externalId": "a string of 2 to 1,224 letters, digits and the characters _+=,.@:/-",
    "region": "a Region such as eu-west-1",
    "pipelineExecutionId": "an execution ID such as 01234567-89ab-cdef-0123-456789abcdef",
    "wait": "true or false",
    "variables": f"a list of 1 to 50 variables such as {_VARIABLE}",
    "variables.*": f"an object such as {_VARIABLE}",
    "variables.*.name": "a variable's name: 1 to 128 letters, digits and the characters @_-",
    "variables.*.value": "a string of 1 to 1,000 characters",
    "sourceRevisions": f"a list of 1 to 50 revisions such as {_REVISION}",
    "sourceRevisions.*": f"an object such as {_REVISION}",
    "sourceRevisions.*.actionName": "the name of a source action: 1 to 100 letters, digits and the "
    "characters .@_-",
    "sourceRevisions.*.revisionValue": "a string of 1 to 1,500 characters",
    "clientRequestToken": "a string of 1 to 1,024 characters",
    "startedAfter": "run, or a time with its offset from UTC, such as 2026-01-05T09:00:00Z",
    "timeoutMinutes": f"a whole number from 1 to {MOST_MINUTES:,} "
    f"({MOST_MINUTES_WITH_A_JOB:,} in a Lambda action)",
    "maxStageRetries": "a whole number from 0 to 10",
    "outputVariables": "a list of 1 to 50 names such as MyNamespace.MyVariable",
    "outputVariables.*": "a namespace and a variable's name, such as MyNamespace.MyVariable, with "
    "at most 200 characters: letters, digits and the characters @_-",
}


def explain(error: ValidationError, names: Mapping[str, str]) -> str:
    """The mistakes, field by field. `names` maps fields to their names in the input's dialect."""
    details = _mistakes(error)
    told = [_sentence(each, names).rstrip(".?") for each in details[:MOST_MISTAKES]]
    if len(details) > MOST_MISTAKES:
        told.append(f"and {len(details) - MOST_MISTAKES} more mistakes")
    return "; ".join(told) + "."


def sentences(error: ValidationError, names: Mapping[str, str]) -> Iterator[str]:
    """One sentence per mistake, beginning with the field's path and a colon."""
    return (_sentence(each, names) for each in _mistakes(error))


def _mistakes(error: ValidationError) -> list[dict[str, Any]]:
    """The mistakes. A missing field is left out if its name was only misspelled."""
    details: list[dict[str, Any]] = [dict(each) for each in error.errors()]
    unknown = [each["loc"] for each in details if each["type"] == "extra_forbidden"]

    def is_misspelled(loc: tuple[int | str, ...]) -> bool:
        return any(
            each[:-1] == loc[:-1] and meant(each[-1], _names(_field(each)[0])) == _meaning(loc[-1])
            for each in unknown[:MOST_MISTAKES]
        )

    return [each for each in details if each["type"] != "missing" or not is_misspelled(each["loc"])]


def _sentence(detail: dict[str, Any], names: Mapping[str, str]) -> str:
    path = ".".join(_printable(names.get(str(part), str(part))) for part in detail["loc"])
    match detail["type"]:
        case "extra_forbidden":
            model, name = _field(detail["loc"])
            return f"{path}: unknown field{nearest(name, _names(model))}"
        case "missing":
            return f"{path}: missing. {_description(*_field(detail['loc']))}"
        case "value_error":
            return str(detail["ctx"]["error"])
        case kind:
            given = f"{shown(detail['input'])} was given{_quotes(kind, detail['input'])}"
            words = _WORD.findall(str(detail.get("ctx", {}).get("expected", "")))
            given += meant(detail["input"], words)
            return f"{path}: {given}. It must be {_allowed(detail['loc'], words)}."


def _quotes(kind: str, given: object) -> str:
    """A hint for a value that may be wrong only in its quotes."""
    if kind in {"bool_type", "int_type"} and isinstance(given, str):
        return ", in quotes"
    is_number = isinstance(given, int | float)  # a number, true or false
    return ", without quotes" if kind == "string_type" and is_number else ""


def _allowed(loc: tuple[int | str, ...], words: list[str]) -> str:
    if words:
        return f"{', '.join(words[:-1])} or {words[-1]}"
    return ALLOWED[".".join("*" if isinstance(part, int) else part for part in loc)]


def _field(loc: tuple[int | str, ...]) -> tuple[type[BaseModel], str]:
    nested: dict[str, type[BaseModel]] = {"variables": Variable, "sourceRevisions": SourceRevision}
    return (nested.get(str(loc[0]), RunInput) if loc[1:] else RunInput), str(loc[-1])


def _names(model: type[BaseModel]) -> list[str]:
    return [str(field.alias) for field in model.model_fields.values()]


def _description(model: type[BaseModel], name: str) -> str:
    return next(
        str(field.description) for field in model.model_fields.values() if field.alias == name
    )


def nearest(name: str, known: list[str]) -> str:
    """A hint about an unknown field, with a similar known field if there is one."""
    if name.lower() in WAITER_FIELDS:
        known = [*known, *WAITER_FIELDS]
    return meant(name, known) or f". Known fields are {', '.join(known)}"


def meant(given: Any, known: Iterable[str]) -> str:
    """A hint about an unknown word, with a similar known word. Empty if no word is similar."""
    if not isinstance(given, str):
        return ""
    lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(given.lower()[:_LONGEST_SHOWN], lower, n=1)
    return _meaning(lower[close[0]]) if close else ""


def _meaning(name: object) -> str:
    return f" (did you mean {name}?)"


def shown(value: Any) -> str:
    """An input value as a message shows it: shortened and without control characters."""
    return json.dumps(value) if value is None or isinstance(value, bool) else _REPR.repr(value)


def _printable(name: str) -> str:
    """Make a field's name, which may be any text, safe for a message."""
    return (
        name
        if (name.isidentifier() or name.isdigit()) and len(name) < _LONGEST_SHOWN
        else shown(name)
    )

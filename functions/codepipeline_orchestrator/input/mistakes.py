"""Describes mistakes in an input: the field, its value, what is allowed, and a likely fix."""

from __future__ import annotations

import difflib
import re
import reprlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.input.fields import RunInput, SourceRevision, Variable

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

WAITER_FIELDS = ("targetname", "assumerolearn", "trigger")
MOST_MISTAKES = 5  # maximum number of mistakes in one message
_LONGEST_SHOWN = 100
_WORD = re.compile(r"'([^']+)'")
_REPR = reprlib.Repr()
_REPR.maxlevel, _REPR.maxstring, _REPR.maxother = 2, _LONGEST_SHOWN, _LONGEST_SHOWN


def explain(error: ValidationError, names: Mapping[str, str]) -> str:
    """The mistakes, field by field. `names` maps fields to their names in the input's dialect."""
    told = [each.rstrip(".?") for each in islice(sentences(error, names), MOST_MISTAKES)]
    if error.error_count() > MOST_MISTAKES:
        told.append(f"and {error.error_count() - MOST_MISTAKES} more mistakes")
    return "; ".join(told) + "."


def sentences(error: ValidationError, names: Mapping[str, str]) -> Iterator[str]:
    """One sentence per mistake, beginning with the field's path and a colon."""
    return (_sentence(dict(detail), names) for detail in error.errors())


def _sentence(detail: dict[str, Any], names: Mapping[str, str]) -> str:
    path = ".".join(_printable(names.get(str(part), str(part))) for part in detail["loc"])
    given = f"{shown(detail['input'])} was given"
    match detail["type"]:
        case "extra_forbidden":
            model, name = _field(detail["loc"])
            return f"{path}: unknown field{nearest(name, _names(model))}"
        case "missing":
            return f"{path}: missing. {_description(*_field(detail['loc']))}"
        case "value_error":
            return str(detail["ctx"]["error"])
        case "string_pattern_mismatch":
            return f"{path}: {given}, which does not match {detail['ctx']['pattern']}"
        case "enum" | "literal_error":
            given += meant(detail["input"], _WORD.findall(detail["ctx"]["expected"]))
            return f"{path}: {given}. {detail['msg']}. {_description(*_field(detail['loc']))}"
        case _:
            return f"{path}: {given}. {detail['msg']}. {_description(*_field(detail['loc']))}"


def _field(loc: tuple[int | str, ...]) -> tuple[type[BaseModel], str]:
    """The innermost field of a path, and the model that it belongs to."""
    nested: dict[str, type[BaseModel]] = {"variables": Variable, "sourceRevisions": SourceRevision}
    names = [part for part in loc if isinstance(part, str)]
    return (nested.get(names[0], RunInput) if names[1:] else RunInput), names[-1]


def _names(model: type[BaseModel]) -> list[str]:
    return [str(field.alias) for field in model.model_fields.values()]


def _description(model: type[BaseModel], name: str) -> str:
    return next(
        str(field.description) for field in model.model_fields.values() if field.alias == name
    )


def nearest(name: str, known: list[str]) -> str:
    """The end of a sentence about an unknown field. Suggests a known field if one is similar."""
    if name.lower() in WAITER_FIELDS:
        known = [*known, *WAITER_FIELDS]
    return meant(name, known) or f". Known fields are {', '.join(known)}"


def meant(given: Any, known: Iterable[str]) -> str:
    """The end of a clause about an unknown word. Suggests a similar known word if there is one."""
    if not isinstance(given, str):
        return ""
    lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(given.lower()[:_LONGEST_SHOWN], lower, n=1)
    return f" (did you mean {lower[close[0]]}?)" if close else ""


def shown(value: Any) -> str:
    """A value from the input for a message, shortened and without control characters."""
    return _REPR.repr(value)


def _printable(name: str) -> str:
    """A field's name, which may be arbitrary text, made safe for a message."""
    return (
        name
        if (name.isidentifier() or name.isdigit()) and len(name) < _LONGEST_SHOWN
        else shown(name)
    )

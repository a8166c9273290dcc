"""Check an input with the same parser that runs use, and find the line of each mistake."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

import yaml
from pydantic import ValidationError

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.json_with_comments import read_json, without_comments
from codepipeline_orchestrator.input.mistakes import sentences
from codepipeline_orchestrator.input.parsing import (
    WAITERS_NAMES,
    parse_input,
    parse_user_parameters,
)
from pipeline_run.validation.nodes import compose

# The placeholder for values that only AWS knows. It has only digits, so it is valid as a string and
# as a number.
UNKNOWN = "999999999999"
_LONGEST_USER_PARAMETERS = 1_000  # characters; a limit of CodePipeline
_AT_LINE = re.compile(r"at line (\d+), column")
_VARIABLE = re.compile(r"#\{[^{}\s]+\}")  # a CodePipeline variable, resolved when the action runs


class InputKind(StrEnum):
    """Who parses the input."""

    ACTION = "action"  # CodePipeline's UserParameters
    RUN = "run"  # the state machine


def check_input(text: str, kind: InputKind) -> list[tuple[int, str]]:
    """The mistakes with their lines, counted from 0. UNKNOWN values are never mistakes."""
    text = _VARIABLE.sub(UNKNOWN, text)
    if text.strip() == UNKNOWN:
        return []
    root = _nodes(text)
    found = [(_line(message, root, text), message) for message in _messages(text, kind)]
    known = [
        (line, message) for line, message in found if not _is_unknown(line, message, root, text)
    ]
    return [*_too_long(text, kind), *known]


def _messages(text: str, kind: InputKind) -> list[str]:
    try:
        if kind is InputKind.ACTION:
            parse_user_parameters(text, has_variables=False)  # already replaced by UNKNOWN
        else:
            parse_input(read_json(text))
    except InvalidInput as error:
        if isinstance(error.__cause__, ValidationError):
            names = WAITERS_NAMES if '"targetname"' in text else {}
            return [f"{each.rstrip('.?')}." for each in sentences(error.__cause__, names)]
        return [str(error).replace(UNKNOWN, "…")]
    return []


def _too_long(text: str, kind: InputKind) -> list[tuple[int, str]]:
    length = len(text.replace(UNKNOWN, ""))
    if kind is InputKind.RUN or length <= _LONGEST_USER_PARAMETERS:
        return []
    message = (
        f"{length:,} characters, but CodePipeline allows {_LONGEST_USER_PARAMETERS:,} in "
        "UserParameters. Remove white space and default values, or use CodePipeline's Step "
        "Functions action."
    )
    return [(0, message)]


def _nodes(text: str) -> yaml.Node | None:
    """Parse the document into nodes as YAML, because JSON without comments is also YAML."""
    try:
        return compose(without_comments(text))
    except yaml.YAMLError:
        return None  # the parser reports the error


def _path(message: str) -> list[str]:
    """The path of the field that a message starts with, as in "variables.0.name: ..."."""
    return message.partition(":")[0].partition(",")[0].split(".")


def _field(root: yaml.Node | None, path: list[str]) -> tuple[yaml.Node, yaml.Node] | None:
    """The name and value nodes of a field, or None if the document does not have it."""
    name = value = root
    for part in path:
        if isinstance(value, yaml.MappingNode):
            pairs = [(key, each) for key, each in value.value if key.value == part.strip("'")]
        elif isinstance(value, yaml.SequenceNode) and part.isdigit():
            pairs = [(each, each) for each in value.value[int(part) : int(part) + 1]]
        else:
            pairs = []
        if not pairs:
            return None
        name, value = pairs[0]
    return (name, value) if name is not None and value is not None else None


def _line(message: str, root: yaml.Node | None, text: str) -> int:
    told = _AT_LINE.search(message)
    if told:
        return int(told[1]) - 1
    field = _field(root, _path(message))
    if field:
        return int(field[0].start_mark.line)
    return text[: len(text) - len(text.lstrip())].count("\n")


def _is_unknown(line: int, message: str, root: yaml.Node | None, text: str) -> bool:
    """Whether the mistake may disappear once AWS fills in values."""
    if UNKNOWN not in text:
        return False
    if _AT_LINE.search(message):
        return UNKNOWN in text.split("\n")[line]
    field = _field(root, _path(message))
    return field is not None and UNKNOWN in _text_of(field[1])


def _text_of(node: yaml.Node) -> Any:
    return node.value if isinstance(node, yaml.ScalarNode) else ""

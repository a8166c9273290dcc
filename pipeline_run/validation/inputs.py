"""Check an input with the same parser that runs use, and find the line of each mistake.

If an input has unknown values, the parser reads it with several values for them. The input has a
mistake only if the parser accepts none of these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

import yaml
from pydantic import ValidationError

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.json_with_comments import read_json, without_comments
from codepipeline_orchestrator.input.mistakes import sentences, shown
from codepipeline_orchestrator.input.parsing import (
    WAITERS_NAMES,
    parse_input,
    parse_user_parameters,
)
from codepipeline_orchestrator.text import cut
from pipeline_run.validation.budget import Budget
from pipeline_run.validation.candidates import Filling, Leaf, fillings, leaves
from pipeline_run.validation.nodes import Unreadable, compose
from pipeline_run.validation.problems import Severity
from pipeline_run.validation.unknowns import MARK, QUOTE, Unknowns, filled

_LONGEST_IN_AN_ACTION = 1_000  # characters; a limit of CodePipeline
_MOST_MESSAGES = 100  # for one input
_PER_REPORT = 1_500  # the cost of finding the lines of mistakes, in characters
_LONGEST_SHOWN = 100  # characters
_LONGEST = 262_144  # characters; a limit of Step Functions
_TOO_MANY = "Too many values are unknown, so the input could not be checked completely."
_AT_LINE = re.compile(r"at line (\d+), column")
_VARIABLE = re.compile(r"#\{[^{}\s]+\}")  # a CodePipeline variable, resolved when the action runs
_FIXED_FORM = re.compile(r"(commit_?id|execution_?id|version_?id|digest|etag)\}$", re.IGNORECASE)
_STRING = r'"(?:[^"\\]|\\.)*"?'
_COMMENT = r"(?:#|//)[^\r\n]*"
_UNKNOWN = f"{QUOTE}[^{QUOTE}]*{QUOTE}"  # an unknown value outside of strings, once it is marked
_VALUE = rf"(:\s*{_UNKNOWN})"  # an unknown value that is the value of a field
_BARE = r"[\w.+\ud800-\udffe-]+"  # outside of strings
_MORE_FIELDS = (
    "",
    *('"pipelineName":"x",' + mode for mode in ("", '"mode":"latest",', '"mode":"idle",')),
)


class InputKind(StrEnum):
    """Who parses the input."""

    ACTION = "action"  # a Lambda action's UserParameters
    STEP_FUNCTIONS_ACTION = "step-functions-action"
    RUN = "run"  # the state machine


@dataclass(frozen=True)
class Mistake:
    """A mistake in an input, with the line of the text. Lines are counted from 0."""

    line: int
    message: str
    severity: Severity = Severity.ERROR


def check_input(
    text: str, kind: InputKind, unknowns: Unknowns | None = None, budget: Budget | None = None
) -> list[Mistake]:
    """The mistakes in an input. The text has a mark for each of the unknown values.

    Raises TooMuchWork.
    """
    unknowns = unknowns or Unknowns()
    limit = _LONGEST if kind is InputKind.RUN else _LONGEST_IN_AN_ACTION
    length = len(MARK.sub("", text))
    long = [Mistake(0, _too_long(length, kind))] if length > limit else []
    if length > _LONGEST:
        return long
    warnings = []
    if kind is not InputKind.RUN:
        warnings = list(_risky_variables(text))
        text = unknowns.replace(_VARIABLE, text)
    if MARK.search(text) and not MARK.sub("", text).strip():
        label = cut(unknowns.shown(text.strip()), _LONGEST_SHOWN)
        message = f"The value of {label} is unknown, so the input could not be checked."
        return [*long, *warnings, Mistake(0, message, severity=Severity.WARNING)]
    return [*long, *_Check(text, kind, unknowns, budget or Budget()).mistakes(), *warnings]


def names_itself(text: str, pipeline: str) -> bool:
    """Whether the input of a pipeline's Lambda action names the pipeline as its own target."""
    try:
        parsed = parse_user_parameters(_VARIABLE.sub("x", filled(text, lambda _: "x")))
    except InvalidInput:
        return False
    is_here = parsed.role_arn is None and parsed.region is None
    return is_here and parsed.pipeline_name == pipeline


def _too_long(length: int, kind: InputKind) -> str:
    if kind is InputKind.RUN:
        return f"{length:,} characters, but Step Functions allows {_LONGEST:,}."
    if kind is InputKind.STEP_FUNCTIONS_ACTION:
        return (
            f"{length:,} characters, but CodePipeline allows {_LONGEST_IN_AN_ACTION:,} in Input. "
            "Remove white space and default values, or put the input in a file (FilePath)."
        )
    return (
        f"{length:,} characters, but CodePipeline allows {_LONGEST_IN_AN_ACTION:,} in "
        "UserParameters. Remove white space and default values, or use CodePipeline's Step "
        "Functions action with the input in a file (InputType FilePath)."
    )


def _risky_variables(text: str) -> Iterator[Mistake]:
    found = [each for each in _VARIABLE.finditer(text) if not _FIXED_FORM.search(each[0])]
    names = list(dict.fromkeys(each[0] for each in found))
    if names:
        yield Mistake(
            text.count("\n", 0, found[0].start()),
            f"{cut(', '.join(names), 200)} {'is' if len(names) == 1 else 'are'} inserted without "
            "escaping. A quote, backslash or line break in the value would break the JSON or add "
            "fields to the input. Use variables with a fixed format, such as a commit ID.",
            severity=Severity.WARNING,
        )


@dataclass
class _Attempt:
    """The parser's mistakes for one choice of the unknown values."""

    text: str
    messages: list[str]
    leaves: list[Leaf]
    filling: Filling
    is_sure: bool = True  # whether no other values could be accepted


@dataclass
class _Check:
    text: str
    kind: InputKind
    unknowns: Unknowns
    budget: Budget

    def mistakes(self) -> list[Mistake]:
        is_waiters = '"targetname"' in self.text
        tokens = re.compile(f"{_STRING}|{_COMMENT if is_waiters else '(?!)'}|({_BARE})", re.DOTALL)
        marked = tokens.sub(_marked, self.text)
        document, failed_at = _read(_quoted(marked))
        if failed_at is None:
            return self.reported(self.best(self.text, document))
        unknown = next(
            (each for each in re.finditer(f"{_VALUE}|{_UNKNOWN}", marked) if not each[1]), None
        )
        if unknown and unknown.start() <= failed_at:
            return self.with_unknown_fields(marked, unknown)
        text = re.sub(_UNKNOWN, lambda each: filled(each[0].strip(QUOTE), lambda _: "1"), marked)
        return self.reported(self.attempt(filled(text, lambda _: "…"), [], {}))

    def with_unknown_fields(self, marked: str, unknown: re.Match[str]) -> list[Mistake]:
        """Check an input in which an unknown value outside of quotes may contain whole fields."""
        label = cut(self.unknowns.shown(unknown[0].strip(QUOTE)), _LONGEST_SHOWN)
        unchecked = Mistake(
            marked.count("\n", 0, unknown.start()),
            f"{label} is inserted outside of quotes, where it can be any text. The input around "
            "it could not be checked completely. Write its fields here, or put quotes around it.",
            severity=Severity.WARNING,
        )
        for place in (_UNKNOWN, rf",\s*{_UNKNOWN}", rf"{_UNKNOWN}\s*,"):
            text = re.sub(f"{_VALUE}|{place}", _blank, marked)
            _, failed_at = _read(_quoted(text))
            if failed_at is None:
                bare = text.replace(QUOTE, "")
                attempts = [
                    self.best(_with(more, bare), _read(_quoted(_with(more, text)))[0])
                    for more in _MORE_FIELDS
                ]
                best = min(attempts, key=lambda each: len(each.messages))
                best.messages = [m for m in best.messages if not re.match(r"\w+: missing", m)]
                return [*self.reported(best), unchecked]
        return [unchecked]

    def best(self, text: str, document: Any) -> _Attempt:
        """The attempt with the fewest mistakes. It has none if the parser accepts a filling."""
        found = list(leaves(document))
        shown_leaves = [self.unknowns.shown(leaf.text) for leaf in found]
        tried, are_all = fillings(found, shown_leaves, self.budget)
        attempts = []
        for filling in tried:
            attempt = self.attempt(text, found, filling)
            if not attempt.messages:
                return attempt
            attempts.append(attempt)
        best = min(attempts, key=lambda each: len(each.messages))
        if not are_all:
            best.is_sure = False
            others = [set(each.messages) for each in attempts]
            best.messages = [each for each in best.messages if all(each in one for one in others)]
        return best

    def attempt(self, text: str, found: list[Leaf], filling: Filling) -> _Attempt:
        text = filled(text, lambda mark: filling.get(mark, ""))
        self.budget.spend(len(text))
        return _Attempt(text, _messages(text, self.kind), found, filling)

    def reported(self, attempt: _Attempt) -> list[Mistake]:
        if attempt.is_sure and not attempt.messages:
            return []
        self.budget.spend(_PER_REPORT + len(attempt.text))
        root = _nodes(attempt.text)
        found = [
            Mistake(_line(each, root, attempt.text), self.as_written(each, attempt))
            for each in attempt.messages
        ]
        return (
            found if attempt.is_sure else [*found, Mistake(0, _TOO_MANY, severity=Severity.WARNING)]
        )

    def as_written(self, message: str, attempt: _Attempt) -> str:
        """The message with the text from the file in place of the values that were tried."""
        for leaf in attempt.leaves:
            tried = filled(leaf.bare_text, lambda mark: attempt.filling.get(mark, ""))
            written = cut(self.unknowns.shown(leaf.bare_text), _LONGEST_SHOWN)
            for given in (shown(tried), tried):
                message = message.replace(f": {given} was given", f": '{written}' was given")
            if re.search(r"x\d+y", tried):
                message = message.replace(tried, written)
        return message


def _marked(token: re.Match[str]) -> str:
    is_unknown = token[1] is not None and MARK.search(token[1]) is not None
    return f"{QUOTE}{token[1]}{QUOTE}" if is_unknown else token[0]


def _blank(match: re.Match[str]) -> str:
    """The value of a field unchanged, or only the line breaks of another match."""
    return match[1] or "\n" * match[0].count("\n")


def _with(more: str, text: str) -> str:
    is_empty = re.fullmatch(r"\s*\{\s*\}\s*", text)
    return text.replace("{", "{" + (more.rstrip(",") if is_empty else more), 1)


def _quoted(marked: str) -> str:
    """JSON in which each unknown value outside of quotes is a string that begins with QUOTE."""
    return re.sub(f"{QUOTE}([^{QUOTE}]*){QUOTE}", f'"{QUOTE}\\1{QUOTE}"', marked)


def _read(text: str) -> tuple[Any, int | None]:
    """The document, and where its JSON has a mistake, in characters without QUOTE marks."""
    try:
        return read_json(text), None
    except InvalidInput as strict:
        error = strict
    if '"targetname"' in text:
        try:
            return read_json(without_comments(text)), None
        except InvalidInput as mistake:
            error = mistake
    cause = error.__cause__
    if not isinstance(cause, json.JSONDecodeError):
        return None, -1
    before = text[: cause.pos + 1]
    return None, len(before.replace(f'"{QUOTE}', QUOTE).replace(f'{QUOTE}"', QUOTE))


def _messages(text: str, kind: InputKind) -> list[str]:
    try:
        if kind is InputKind.ACTION:
            parse_user_parameters(text, has_variables=False)  # they have been replaced
        else:
            parse_input(read_json(text))
    except InvalidInput as error:
        if isinstance(error.__cause__, ValidationError):
            names = WAITERS_NAMES if '"targetname"' in text else {}
            return [
                f"{each.rstrip('.?')}."
                for each in islice(sentences(error.__cause__, names), _MOST_MESSAGES)
            ]
        return [str(error)]
    return []


def _nodes(text: str) -> yaml.Node | None:
    """Parse the document into nodes as YAML, because JSON without comments is also YAML."""
    try:
        return compose(without_comments(text))
    except Unreadable:
        return None  # the parser reports the error


def _path(message: str) -> list[str]:
    """The path of the field that a message starts with, as in "variables.0.name: ..."."""
    return message.partition(":")[0].partition(",")[0].split(".")


def _field(root: yaml.Node | None, path: list[str]) -> yaml.Node | None:
    """The name of a field or the item of a list, or None if the document does not have it."""
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
    return name


def _line(message: str, root: yaml.Node | None, text: str) -> int:
    told = _AT_LINE.search(message)
    if told:
        return int(told[1]) - 1
    field = _field(root, _path(message))
    if field:
        return int(field.start_mark.line)
    return text[: len(text) - len(text.lstrip())].count("\n")

"""Parses a run's input in each of its dialects. No other module parses raw input.

- The orchestrator's own dialect, described by `RunInput`. It includes the input of
  aws-codepipeline-executor, `{"pipelineName": "..."}`.
- The dialect of aws-codepipeline-waiter, including comments:
  `{"targetname": ..., "assumerolearn": ..., "trigger": ...}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.fields import MOST_MINUTES_WITH_A_JOB, RunInput
from codepipeline_orchestrator.input.json_mistakes import EXAMPLE
from codepipeline_orchestrator.input.json_with_comments import (
    TOO_MANY_DIGITS,
    read_json,
    without_comments,
)
from codepipeline_orchestrator.input.mistakes import (
    MOST_MISTAKES,
    WAITER_FIELDS,
    explain,
    nearest,
    shown,
)

# Fields that AWS adds to an input, and their descriptions. A run ignores these fields.
ADDED_BY_AWS = {
    # https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
    "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": (
        "The parent execution, which Step Functions links to this one. The run ignores this field."
    ),
}
# The orchestrator's fields and their names in aws-codepipeline-waiter's dialect.
WAITERS_NAMES = {"pipelineName": "targetname", "roleArn": "assumerolearn"}
TRUE_OR_FALSE = "^ *([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]) *$"
_DEEPEST = 20  # maximum nesting; a valid input has 3 levels
_EVENT_FIELDS = {"detail-type", "detail", "source", "CodePipeline.job"}


def parse_user_parameters(
    text: str | None, *, follow_latest: bool = False, has_variables: bool = True
) -> RunInput:
    """The input from a CodePipeline action's UserParameters. Raises InvalidInput for mistakes.

    `follow_latest` ignores the input's `trigger`, for an action whose target
    aws-codepipeline-waiter has already started. `has_variables` means that CodePipeline may have
    inserted variable values into the text.
    """
    if text is None or not text.strip():
        raise InvalidInput(
            "The action has no UserParameters. They must name the pipeline to start or follow: "
            '{"pipelineName": "MyPipeline"}.'
        )
    document = _document(text, has_variables=has_variables)
    if follow_latest and isinstance(document, dict) and "targetname" in document:
        document = {**document, "trigger": False}
    parsed = parse_input(document)
    if parsed.timeout_minutes is not None and parsed.timeout_minutes > MOST_MINUTES_WITH_A_JOB:
        raise InvalidInput(
            f"timeoutMinutes: {parsed.timeout_minutes} was given, but the maximum for a Lambda "
            f"action is {MOST_MINUTES_WITH_A_JOB}, because CodePipeline itself fails the action "
            "after 24 hours. For longer waits, use CodePipeline's Step Functions action with this "
            "deployment's state machine (up to 7 days)."
        )
    return parsed


def parse_input(document: Any) -> RunInput:
    """The input from a JSON document. Raises InvalidInput, which names each invalid field."""
    document = {
        name: value for name, value in require_object(document).items() if name not in ADDED_BY_AWS
    }
    _refuse_unusable(document)
    _refuse_events(document)
    if "targetname" in document:
        return _validated(_from_waiter(document), names=WAITERS_NAMES)
    return _validated(document, names={})


def require_object(document: Any) -> dict[str, Any]:
    """Return the document if it is a JSON object. Otherwise, raise InvalidInput."""
    if isinstance(document, str) and document.lstrip()[:1] in {"{", "[", '"'}:
        raise InvalidInput(
            "The input is a JSON string that contains JSON, so it was encoded twice. Pass the "
            f"object itself, not its text: {EXAMPLE}."
        )
    if not isinstance(document, dict):
        raise InvalidInput(
            f"The input is {_kind(document)}. It must be a JSON object such as {EXAMPLE}."
        )
    return document


def _validated(document: dict[str, Any], *, names: Mapping[str, str]) -> RunInput:
    """Validate the document. Messages use the dialect's `names` for the fields."""
    try:
        return RunInput.model_validate(document)
    except ValidationError as error:
        raise InvalidInput(explain(error, names)) from error


def _document(text: str, *, has_variables: bool) -> Any:
    try:
        return read_json(text, has_variables=has_variables)
    except InvalidInput as strict:
        # Only the waiter's dialect allows comments, because the waiter's README shows them.
        try:
            document = read_json(without_comments(text), has_variables=has_variables)
        except InvalidInput as mistake:
            raise (mistake if '"targetname"' in text else strict) from None
        if isinstance(document, dict) and "targetname" in document:
            return document
        raise InvalidInput(
            f"{strict} Comments are allowed only in aws-codepipeline-waiter input "
            "(with targetname)."
        ) from None


def _refuse_unusable(document: Mapping[str, Any]) -> None:
    """Reject documents that JSON allows but no AWS API accepts."""
    level: list[Any] = [document]
    for _ in range(_DEEPEST):
        level = [child for value in level for child in _children(value)]
    if level:
        raise InvalidInput("The input is nested too deeply.")
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            "The input contains half of a surrogate pair, such as \\ud800, which is not a "
            "character. Use the character itself, or both halves."
        ) from error
    except ValueError as error:
        raise InvalidInput(TOO_MANY_DIGITS) from error


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


def _refuse_events(document: Mapping[str, Any]) -> None:
    if _EVENT_FIELDS & document.keys():
        what = document.get("detail-type") or "CodePipeline job"
        raise InvalidInput(
            f"The input is an event ({shown(what)}), not the input of a run. In a rule or "
            'schedule, set the input of the target to a constant such as {"pipelineName": '
            '"MyPipeline"}. A CodePipeline action must invoke the CodePipelineJob function instead.'
        )


def _from_waiter(document: Mapping[str, Any]) -> dict[str, Any]:
    unknown = [name for name in document if name not in WAITER_FIELDS]
    if unknown:
        told = [
            f"{shown(name)}: unknown field{nearest(name, [*WAITER_FIELDS])}"
            for name in unknown[:MOST_MISTAKES]
        ]
        raise InvalidInput(
            "; ".join(told)
            + f". With targetname, the only other fields are {' and '.join(WAITER_FIELDS[1:])}. "
            "For all other features, use pipelineName instead of targetname."
        )
    trigger = _truth(document.get("trigger", False))
    return {
        "pipelineName": document["targetname"],
        "mode": "start" if trigger else "latest",
        # The waiter followed the pipeline rather than one execution, so the run follows newer ones.
        "onSuperseded": "follow",
        "onRestarted": "follow",
        "roleArn": None if document.get("assumerolearn") == "" else document.get("assumerolearn"),
    }


def _truth(value: Any) -> bool:
    if isinstance(value, str) and re.fullmatch(TRUE_OR_FALSE, value):
        return value.strip().lower() == "true"
    if not isinstance(value, bool):
        raise InvalidInput(f"trigger: {shown(value)} was given. It must be true or false.")
    return value


def _kind(document: Any) -> str:
    names = {str: "a string", list: "a list", bool: "true or false", type(None): "null"}
    return names.get(type(document), "a number")

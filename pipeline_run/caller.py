"""Who or what started a run, as far as the run shows it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from codepipeline_orchestrator.model.run_arn import state_machine_arn_of

_NAMED_BY_START = re.compile(r"[0-9a-f]{12}-by-(.+)")
_SCHEDULE = re.compile(r"arn:[^:]+:scheduler:[^:]+:[0-9]+:schedule/(?:[^/\s]+/)?([^/\s]+)")
_UNFIT = re.compile(r"[^0-9A-Za-z_-]+")
_LONGEST = 60  # characters of a person's name in a run's name, which can hold 80


class CallerKind(StrEnum):
    """What kind of caller started a run."""

    PIPELINE = "pipeline"
    SCHEDULE = "schedule"
    WORKFLOW = "workflow"
    PERSON = "person"


@dataclass(frozen=True)
class Caller:
    """The pipeline, schedule, workflow or person that started a run."""

    kind: CallerKind
    name: str | None  # None if the user may not read it

    def __str__(self) -> str:
        """The kind and the name."""
        return f"{self.kind.value} {self.name}" if self.name else f"a {self.kind.value}"


def caller_of(name: str, document: Mapping[str, Any]) -> Caller | None:
    """The caller of a run that no action started, from its name and input. None if unknown."""
    if match := _NAMED_BY_START.fullmatch(name):
        return Caller(CallerKind.PERSON, match[1])
    parent = document.get("AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID")
    if isinstance(parent, str) and ":execution:" in parent:
        return Caller(CallerKind.WORKFLOW, state_machine_arn_of(parent).rpartition(":")[2])
    token = document.get("clientRequestToken")
    if isinstance(token, str) and (schedule := _SCHEDULE.match(token)):
        return Caller(CallerKind.SCHEDULE, schedule[1])
    return None


def person_in(identity_arn: str) -> str:
    """The part of an identity's ARN that names a person, as it appears in a run's name.

    This is the user's name or the role session's name, up to the first @.
    """
    name = identity_arn.rpartition(":")[2].rpartition("/")[2].partition("@")[0]
    return _UNFIT.sub("-", name).strip("-")[:_LONGEST] or "unknown"


def run_name(token: str, person: str) -> str:
    """The name of a run that a person starts. The token makes it unique."""
    return f"{token}-by-{person}"

"""Exit statuses. docs/cli.md lists them for those who script."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from codepipeline_orchestrator.model.outcome import Outcome


class Exit(IntEnum):
    """What the command's end says."""

    GOOD = 0
    BAD = 1
    WRONG_USE = 2
    NO_ANSWER = 3
    STOPPED = 4
    SUPERSEDED = 5
    TIMED_OUT = 6
    RUN_ERROR = 7
    INTERRUPTED = 130


_BY_OUTCOME = {
    Outcome.FAILED: Exit.BAD,
    Outcome.STOPPED: Exit.STOPPED,
    Outcome.CANCELLED: Exit.STOPPED,
    Outcome.SUPERSEDED: Exit.SUPERSEDED,
    Outcome.TIMED_OUT: Exit.TIMED_OUT,
}


def exit_of(result: Mapping[str, Any]) -> Exit:
    """The exit status for a result document: good whenever the run succeeded."""
    if "error" not in result:
        return Exit.GOOD
    return _BY_OUTCOME.get(result.get("outcome", Outcome.ERROR), Exit.RUN_ERROR)

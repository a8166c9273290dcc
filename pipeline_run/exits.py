"""Exit statuses. docs/cli.md documents them for scripts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from codepipeline_orchestrator.model.outcome import Outcome


class Exit(IntEnum):
    """The exit status of a command."""

    GOOD = 0
    BAD = 1
    WRONG_USE = 2
    NO_ANSWER = 3
    STOPPED = 4
    SUPERSEDED = 5
    TIMED_OUT = 6
    RUN_ERROR = 7
    INTERRUPTED = 130
    NOBODY_READS = 141


# Appended to the help of commands that follow a run. \b keeps click from rewrapping the text.
HELP = """\b
Exit status:
  0    the target succeeded, or was started, skipped or idle as requested
  1    the target failed
  2    the command line or the input is invalid
  3    a call to AWS failed, or the deployment or run does not exist
  4    the target was stopped or canceled
  5    the target was superseded
  6    the run's deadline passed
  7    the run failed or was stopped
  130  interrupted with Ctrl-C
"""


_BY_OUTCOME = {
    Outcome.FAILED: Exit.BAD,
    Outcome.STOPPED: Exit.STOPPED,
    Outcome.CANCELLED: Exit.STOPPED,
    Outcome.SUPERSEDED: Exit.SUPERSEDED,
    Outcome.TIMED_OUT: Exit.TIMED_OUT,
}


def exit_of(result: Mapping[str, Any]) -> Exit:
    """The exit status for a result document. It is 0 if and only if the run succeeded."""
    if "error" not in result:
        return Exit.GOOD
    return _BY_OUTCOME.get(result.get("outcome", Outcome.ERROR), Exit.RUN_ERROR)

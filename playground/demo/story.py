"""Narrates the demonstration. The events themselves are in scenarios/demonstration.yaml."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from playground.company import SECOND, TOOLS
from playground.demo.scene import RELEASE, SCHEDULE, SCHEDULED, TARGET, TIME_ZONE

if TYPE_CHECKING:
    from playground.demo.performance import Performance

WAITS = "WaitForTarget"
STARTS = "StartTarget"


@dataclass(frozen=True)
class Shown:
    """The state of an invoke action at one time, as ListActionExecutions shows it."""

    time: float
    action: dict[str, Any]


@dataclass
class Ending:
    """The demonstration's results, for the report and the checks."""

    already_running: str = ""  # the execution in the second account
    shown: dict[str, Shown] = field(default_factory=dict)
    scheduled_at: float = 0.0  # epoch seconds
    scheduled_run: str = ""
    direct_run: str = ""


def play(performance: Performance) -> Ending:
    """Play the demonstration. Raises Unfinished if a step does not happen."""
    ending = Ending()
    _wait_for_the_running_one(performance, ending)
    _start_one_that_fails(performance, ending)
    _fix_and_retry(performance, ending)
    _wait_for_the_schedule(performance, ending)
    _start_a_run_directly(performance, ending)
    return ending


def _wait_for_the_running_one(performance: Performance, ending: Ending) -> None:
    board = performance.board
    performance.say(f"In the second account, {TARGET} is running.")
    performance.run_for(89)
    (ending.already_running,) = board.pipeline(SECOND, TARGET).executions
    performance.say(f"The {RELEASE} pipeline starts. Its first action waits for that execution.")
    action = board.pipeline(TOOLS, RELEASE).stages["Wait"].actions[WAITS]
    performance.run_until(
        lambda: action.status == "STARTED", "the start of the release's first action"
    )
    performance.run_for(60)
    performance.say("The action's summary shows the target's progress: it is in stage Build.")
    _show(performance, ending, WAITS, "while it waits")


def _start_one_that_fails(performance: Performance, ending: Ending) -> None:
    release = performance.board.pipeline(TOOLS, RELEASE)
    action = release.stages["Trigger"].actions[STARTS]
    performance.run_until(
        lambda: action.status == "STARTED", "the start of the release's second action"
    )
    _show(performance, ending, WAITS, "after it ended")
    performance.say(f"The second action starts {TARGET} in the third account. It will fail.")
    performance.run_until(lambda: release.status == "FAILED", "the failure of the release")
    _show(performance, ending, STARTS, "after the failure")


def _fix_and_retry(performance: Performance, ending: Ending) -> None:
    release = performance.board.pipeline(TOOLS, RELEASE)
    performance.say(
        "The release shows which stage and action failed, and why. Someone fixes the cause."
    )
    performance.say_after("someone retries", "The retried action starts the target again.")
    performance.run_until(lambda: release.status == "RESUMED", "the retry")
    performance.run_until(lambda: release.status == "SUCCEEDED", "the success of the release")
    _show(performance, ending, STARTS, "after the retry")


def _wait_for_the_schedule(performance: Performance, ending: Ending) -> None:
    runs = performance.board.runs
    earlier = len(runs)
    performance.say(f"{SCHEDULED} has a schedule: {SCHEDULE} in {TIME_ZONE}, or 10:00 UTC.")
    today = performance.company.cloud.world.datetime()
    ending.scheduled_at = today.replace(hour=10, minute=0, second=0, microsecond=0).timestamp()
    performance.run_until(lambda: len(runs) > earlier, "the start of the scheduled run")
    ending.scheduled_run = list(runs)[earlier]
    _until_ended(performance, ending.scheduled_run)


def _start_a_run_directly(performance: Performance, ending: Ending) -> None:
    runs = performance.board.runs
    earlier = len(runs)
    performance.run_for(119)
    performance.say("Someone starts a run directly in Step Functions (StartExecution).")
    performance.run_until(lambda: len(runs) > earlier, "the start of the direct run")
    ending.direct_run = list(runs)[earlier]
    _until_ended(performance, ending.direct_run)


def _until_ended(performance: Performance, run: str) -> None:
    runs = performance.board.runs
    performance.run_until(
        lambda: run in runs and runs[run].ended is not None, f"the end of run {run}"
    )


def _show(performance: Performance, ending: Ending, action: str, when: str) -> None:
    shown = performance.company.action(RELEASE, action)
    ending.shown[f"{action} {when}"] = Shown(performance.now, shown)

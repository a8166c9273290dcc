"""Views of runs over time, for the commands that follow them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from codepipeline_orchestrator.messages.progress import progress_phrase
from codepipeline_orchestrator.model.progress import RunningAction
from pipeline_run import runs
from pipeline_run.aws_clock import AwsClock
from pipeline_run.connection import Connection
from pipeline_run.environment import Environment
from pipeline_run.output import age, time_since
from pipeline_run.runs import Run
from pipeline_run.snapshots import TimedSnapshot, newest_snapshot
from pipeline_run.stages import Stage, Stages, with_result

_SOON, _LATER = 2, 10  # seconds between two requests to AWS
_YOUNG = 120  # age in seconds below which a run is read more often


@dataclass(frozen=True)
class View:
    """A run and its target at one moment."""

    run: Run
    snapshot: TimedSnapshot
    now: datetime
    stages: Sequence[Stage] = ()

    @property
    def elapsed(self) -> float:
        """The run's duration so far, in seconds."""
        return max(0.0, ((self.run.stopped or self.now) - self.run.started).total_seconds())

    def told(self, *, with_ages: bool) -> str:
        """What the run is waiting for, with local times and, on request, how long ago they were."""

        def when(time: datetime) -> str:
            ago = f" ({age((self.now - time).total_seconds())} ago)" if with_ages else ""
            return f"{time_since(time, self.now)}{ago}"

        snapshot = self.snapshot.snapshot
        if snapshot is None or snapshot.pipeline_execution_id is None:
            return self.snapshot.sentence()
        status = "in progress" if snapshot.status == "InProgress" else snapshot.status
        phrase = progress_phrase(snapshot.progress, when) or f"execution is {status}"
        latest = self._only_action if with_ages else None
        since = f", since {when(latest.since)}" if latest else ""
        return f"{phrase[0].upper()}{phrase[1:]}{since}"

    @property
    def _only_action(self) -> RunningAction | None:
        progress = self.snapshot.progress
        if progress is None or progress.latest is None or progress.approval is not None:
            return None
        return progress.latest if progress.actions == (progress.latest.action,) else None


def views_of_runs(
    connection: Connection, arns: Sequence[str], around: Environment, *, with_stages: bool
) -> Iterator[Sequence[View]]:
    """Yield a view of each run every second. The last ones show how the runs ended."""
    clock = AwsClock(around)
    followed = [_Followed(connection, arn, clock, with_stages=with_stages) for arn in arns]
    while True:
        views = [each.read() for each in followed]
        yield views
        ages = [view.elapsed for view in views if view.run.goes_on]
        if not ages:
            return
        # At most one run per second is read, because AWS limits the requests.
        for _ in range(max(len(ages), _SOON if min(ages) < _YOUNG else _LATER)):
            around.sleep(1)
            yield [replace(view, now=clock.now()) for view in views]


class _Followed:
    """Reads a run until it has ended."""

    def __init__(
        self, connection: Connection, arn: str, clock: AwsClock, *, with_stages: bool
    ) -> None:
        self._connection = connection
        self._arn = arn
        self._clock = clock
        self._with_stages = with_stages
        self._stages: Stages | None = None
        self._last: View | None = None

    def read(self) -> View:
        """A new view of the run, or the last one if the run has ended."""
        if self._last is None or self._last.run.goes_on:
            self._last = self._read()
        return self._last

    def _read(self) -> View:
        run = runs.read(self._connection, self._arn)
        self._clock.set_by(run.described)
        snapshot = newest_snapshot(self._connection, self._arn)
        stages: Sequence[Stage] = ()
        if self._with_stages:
            self._stages = self._stages or Stages(self._connection, run)
            stages = self._stages.of(snapshot)
            stages = stages if run.goes_on else with_result(stages, run.result)
        return View(run, snapshot, self._clock.now(), stages)

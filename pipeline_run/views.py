"""Views of a run over time, for the commands that follow it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline_run import runs
from pipeline_run.connection import Connection
from pipeline_run.environment import Environment
from pipeline_run.runs import Run
from pipeline_run.snapshots import TimedSnapshot, newest_snapshot
from pipeline_run.stages import Stage, Stages

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
        return ((self.run.stopped or self.now) - self.run.started).total_seconds()


def views_of_run(
    connection: Connection, arn: str, around: Environment, *, with_stages: bool
) -> Iterator[View]:
    """Yield a view of the run every second. The last view shows how it ended."""
    run = runs.read(connection, arn)
    stages = Stages(connection, run)
    while True:
        snapshot = newest_snapshot(connection, arn)
        shown = stages.of(snapshot.snapshot) if with_stages else ()
        view = View(run, snapshot, around.now(), shown)
        yield view
        if not run.goes_on:
            return
        for _ in range(_SOON if view.elapsed < _YOUNG else _LATER):
            around.sleep(1)
            yield replace(view, now=around.now())
        run = runs.read(connection, arn)

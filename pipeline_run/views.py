"""Follows a run to its end, for whoever looks on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline_run import runs, snapshots
from pipeline_run.connection import Connection
from pipeline_run.runs import Run
from pipeline_run.snapshots import TimedSnapshot
from pipeline_run.stages import Stage, Stages
from pipeline_run.surroundings import Surroundings

_SOON, _LATER = 2, 10  # seconds between two looks at AWS
_YOUNG = 120  # seconds; until then people expect something to happen


@dataclass(frozen=True)
class Look:
    """What there is to see at a moment."""

    run: Run
    snapshot: TimedSnapshot
    now: datetime
    stages: Sequence[Stage] = ()

    @property
    def elapsed(self) -> float:
        """How long the run has been going, in seconds."""
        return ((self.run.stopped or self.now) - self.run.started).total_seconds()


def looks(
    connection: Connection, arn: str, around: Surroundings, *, with_stages: bool
) -> Iterator[Look]:
    """One look after the other, with the time going on in between; the last is at the end."""
    run = runs.read(connection, arn)
    stages = Stages(connection, run)
    while True:
        snapshot = snapshots.newest(connection, arn)
        seen = stages.of(snapshot.snapshot) if with_stages else ()
        look = Look(run, snapshot, around.now(), seen)
        yield look
        if not run.goes_on:
            return
        for _ in range(_SOON if look.elapsed < _YOUNG else _LATER):
            around.sleep(1)
            yield replace(look, now=around.now())
        run = runs.read(connection, arn)

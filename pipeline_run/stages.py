"""The stages of a run's target, read from CodePipeline or taken from the run's polls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator.model.snapshot import Snapshot
from codepipeline_orchestrator.model.target import Place
from pipeline_run.connection import Connection
from pipeline_run.input_document import role_arn
from pipeline_run.runs import Run
from pipeline_run.snapshots import snapshots

_MARKS = {"Succeeded": "✓", "Failed": "✗", "InProgress": "●", "Stopping": "●", "Stopped": "■"}
_NOT_YET = "○"


@dataclass(frozen=True)
class Stage:
    """A stage and its status. The status is None until the followed execution reaches it."""

    name: str
    status: str | None

    def __str__(self) -> str:
        """A mark and the name: `✓ Build`."""
        return f"{_MARKS.get(self.status or '', _NOT_YET)} {self.name}"


class Stages:
    """Reads the target's stages from CodePipeline, or else takes them from the run's polls."""

    def __init__(self, connection: Connection, run: Run) -> None:
        here, role = Place.of(run.arn), role_arn(run.input)
        self._is_readable = role is None or Place.of(role).account == here.account
        self._connection = connection
        self._run = run
        self._region = run.input.get("region") or here.region
        self._polled: PolledStages | None = None

    def of(self, snapshot: Snapshot | None) -> list[Stage]:
        """The stages of the execution in the snapshot, or none if no execution is known."""
        if snapshot is None or snapshot.pipeline_execution_id is None:
            return []
        if not self._is_readable:
            return self._as_polled(snapshot)
        try:
            state = self._connection.codepipeline(self._region).get_pipeline_state(
                name=self._run.pipeline
            )
        except (BotoCoreError, ClientError):
            self._is_readable = False  # fall back to the run's polls
            return self._as_polled(snapshot)
        return [_stage(each, snapshot.pipeline_execution_id) for each in state["stageStates"]]

    def _as_polled(self, snapshot: Snapshot) -> list[Stage]:
        if self._polled is None:
            self._polled = PolledStages()
            # The run may have polled before this command started.
            for earlier in snapshots(self._connection, self._run.arn):
                self._polled.add(earlier)
        return self._polled.add(snapshot)


class PolledStages:
    """The stages in which the run's polls found the target."""

    def __init__(self) -> None:
        self._execution_id: str | None = None
        self._names: list[str] = []

    def add(self, snapshot: Snapshot) -> list[Stage]:
        """The stages so far. Earlier stages have succeeded. Later ones are unknown."""
        if snapshot.pipeline_execution_id != self._execution_id:
            self._execution_id, self._names = snapshot.pipeline_execution_id, []
        name = snapshot.progress.stage if snapshot.progress else None
        if name in self._names:
            del self._names[self._names.index(name) + 1 :]  # the stage is being retried
        elif name:
            self._names.append(name)
        *passed, last = self._names or [""]
        now = [Stage(last, snapshot.status)] if last else []
        return [*(Stage(each, "Succeeded") for each in passed), *now]


def _stage(state: Mapping[str, Any], execution_id: str) -> Stage:
    latest = state.get("latestExecution", {})
    is_ours = latest.get("pipelineExecutionId") == execution_id
    return Stage(str(state["stageName"]), latest.get("status") if is_ours else None)

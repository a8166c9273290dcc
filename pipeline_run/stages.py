"""The stages of a run's target, read from CodePipeline or taken from the run's polls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator.aws.answers import ActionDetail, read_answer
from codepipeline_orchestrator.model.outcome import UNFINISHED
from codepipeline_orchestrator.model.report import StageAttempt
from codepipeline_orchestrator.model.snapshot import Snapshot
from codepipeline_orchestrator.pipeline.stage_attempts import stage_attempts
from pipeline_run.connection import Connection
from pipeline_run.runs import Run
from pipeline_run.snapshots import TimedSnapshot, snapshots
from pipeline_run.target_execution import executed_actions

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

_MARKS = {
    "Succeeded": "✓",
    "Failed": "✗",
    "InProgress": "●",
    "Stopping": "●",
    "Stopped": "■",
    "Cancelled": "■",
    "Skipped": "-",
}
_NOT_YET = "○"
_MOST_ACTIONS = 500  # of the newest, which are read every few seconds


@dataclass(frozen=True)
class Stage:
    """A stage and its status. The status is None until the followed execution reaches it."""

    name: str
    status: str | None
    start: datetime | None = None
    end: datetime | None = None

    @property
    def mark(self) -> str:
        """A symbol for the status."""
        return _MARKS.get(self.status or "", _NOT_YET)


def with_usual(stages: Sequence[Stage], usual: Sequence[str]) -> list[Stage]:
    """The stages that polls found, together with the others that the pipeline usually has.

    Polls miss short stages, and do not show the stages that the execution has not reached.
    """
    found = {each.name: each for each in stages}
    if not found.keys() <= set(usual) or not stages:
        return list(stages)
    current = usual.index(stages[-1].name)
    return [
        found.get(name) or Stage(name, "Succeeded" if index < current else None)
        for index, name in enumerate(usual)
    ]


def with_result(stages: Sequence[Stage], result: Mapping[str, Any]) -> list[Stage]:
    """The stages of a target that has ended, with the attempts in the run's result.

    Empty if it is unknown which of them the target reached, because the pipeline ran again.
    """
    ended = {
        # An attempt without a status is the last one. It ended with the execution.
        each["name"]: Stage(
            each["name"],
            each.get("status") or result.get("status"),
            _time(each, "startTime"),
            _time(each, "endTime"),
        )
        for each in result.get("stages", ())
    }
    known = {each.name: each for each in stages}
    # Polls may have missed a stage. The result has the stages in the order of their attempts.
    found = known | ended if ended.keys() <= known.keys() else ended | (known | ended)
    return list(found.values()) if any(each.status for each in found.values()) else []


def _time(attempt: Mapping[str, str], name: str) -> datetime | None:
    return datetime.fromisoformat(attempt[name]) if attempt.get(name) else None


class Stages:
    """Reads the target's stages from CodePipeline, or else takes them from the run's polls."""

    def __init__(self, connection: Connection, run: Run) -> None:
        self._is_readable = run.targets_own_account
        self._connection = connection
        self._region = run.target_place.region
        self._run = run
        self._polled: PolledStages | None = None

    @property
    def _client(self) -> CodePipelineClient:
        return self._connection.codepipeline(self._region)

    def of(self, timed: TimedSnapshot) -> list[Stage]:
        """The stages of the execution in the snapshot, or none if no execution is known."""
        snapshot = timed.snapshot
        if snapshot is None or snapshot.pipeline_execution_id is None:
            return []
        if self._is_readable:
            try:
                return self._as_read(snapshot.pipeline_execution_id, snapshot.status)
            except (BotoCoreError, ClientError):
                self._is_readable = False  # fall back to the run's polls
        return with_usual(self._as_polled(snapshot), list(timed.stage_seconds))

    def _as_read(self, execution_id: str, status: str) -> list[Stage]:
        state = self._client.get_pipeline_state(name=self._run.pipeline)
        stages = [_stage(each, execution_id) for each in state["stageStates"]]
        attempts = self._attempts(execution_id)
        return [_with_attempt(each, attempts.get(each.name), status) for each in stages]

    def _attempts(self, execution_id: str) -> Mapping[str, StageAttempt]:
        """The newest attempt at each stage. Empty if the actions cannot be read."""
        try:
            found = executed_actions(self._client, self._run.pipeline, execution_id)
            details = [read_answer(ActionDetail, each) for each in islice(found, _MOST_ACTIONS)]
        except (BotoCoreError, ClientError):
            return {}
        return {each.name: each for each in stage_attempts(details, None)}

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


def _with_attempt(stage: Stage, attempt: StageAttempt | None, status: str) -> Stage:
    """The stage with its times and, if a newer execution is in the stage, with its own status.

    A PARALLEL pipeline has no state, so all statuses come from the attempts.
    """
    if attempt is None:
        return stage
    status = stage.status or attempt.status or status
    end = None if status in UNFINISHED else attempt.end_time
    return Stage(stage.name, status, attempt.start_time, end)


def _stage(state: Mapping[str, Any], execution_id: str) -> Stage:
    latest = state.get("latestExecution", {})
    is_ours = latest.get("pipelineExecutionId") == execution_id
    return Stage(str(state["stageName"]), latest.get("status") if is_ours else None)

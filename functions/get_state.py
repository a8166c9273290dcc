"""Polls the target execution and decides whether it has ended and when to poll again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.errors import (
    PipelineExecutionNotFound,
    TargetAccessDenied,
    TargetUnavailable,
)
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.listening import Listening
from codepipeline_orchestrator.model.outcome import UNFINISHED, Outcome
from codepipeline_orchestrator.model.report import UNREADABLE, EndDetails
from codepipeline_orchestrator.model.state import Execution, Memory, RunState
from codepipeline_orchestrator.pipeline.automatic_retry import without_automatic_retry
from codepipeline_orchestrator.pipeline.end_details import Ended, read_end_details
from codepipeline_orchestrator.pipeline.executions import execution_of, successor
from codepipeline_orchestrator.pipeline.listing import (
    declared_stages,
    executions_around,
    read_execution,
)
from codepipeline_orchestrator.pipeline.permissions import all_named
from codepipeline_orchestrator.pipeline.replacement import find_replacement
from codepipeline_orchestrator.polling.refresh import (
    is_progress_due,
    refreshed,
    suppress_unread,
)
from codepipeline_orchestrator.polling.schedule import next_poll, should_show_progress, soon
from codepipeline_orchestrator.polling.take_snapshot import snapshot_of
from codepipeline_orchestrator.polling.verdict import Verdict, judge, report_of, state_before_end
from codepipeline_orchestrator.telemetry import bind_run, count, logged, logger
from codepipeline_orchestrator.text import LONGEST_REASON, plain

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.aws.answers import PipelineExecution
    from codepipeline_orchestrator.model.target import Target

    Connect = Callable[[Target], CodePipelineClient]

# How long a new execution may remain unreadable.
_GRACE = 120.0  # seconds
_RUNNING = "InProgress"
_LATE = timedelta(seconds=60)
_REPLACEMENT = 10  # seconds between polls while waiting for a replacement


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return the report if the target has ended, or the time of the next poll if not."""
    bind_run(event["run"])
    state = RunState.of(event)
    with all_named(state):
        return poll(state, connect=clients.target_reader)


def poll(
    state: RunState, *, connect: Connect, now: Callable[[], datetime] = clock.now
) -> dict[str, Any]:
    """Poll the target execution once. `connect` returns a client for the target's account."""
    reading = read_target(state, connect=connect, now=now)
    verdict = judge(state.request, memory=reading.memory, began=reading.began, now=now())
    logger.info(
        "polled the target",
        status=reading.status,
        polls=reading.memory.polls,
        progress=to_document(reading.memory.progress),
    )
    details, verdict = _final_at_once(state, reading, verdict, connect)
    another = _follow_another(state, reading, verdict, connect, now())
    if another is not None:
        return another
    if details is None and reading.found is not None and not verdict.waits:
        details, verdict = _details(state, reading.found, reading.memory, verdict, connect)
    memory, request = reading.memory, state.request
    shown = _shown(state.target, state.followed, reading.status, memory, now())
    if verdict.waits:
        return {"ended": False, **shown, "changes": _waiting(state, memory, now())}
    details = details or EndDetails()
    _count_if_unheard(state, verdict, details, now())
    report = report_of(request, verdict, memory, details, now(), unread=reading.unread)
    then = state_before_end(request, verdict, memory, details)
    return {
        "ended": True,
        "then": then,
        "report": to_document(report),
        **shown,
        "changes": {
            "memory": to_document(memory),
            "listening": to_document(state.listening and state.listening.without_announced_end()),
        },
    }


def _waiting(state: RunState, memory: Memory, now: datetime) -> dict[str, Any]:
    listening, job = state.listening, state.job
    if listening is not None and memory.status != UNREADABLE:
        listening = listening.after_poll()
    if job is not None and should_show_progress(state.memory, memory, now, shown_at=job.renewed_at):
        job = replace(job, renew_at=job.soon(now))
    return {
        "memory": to_document(memory),
        "pollAt": to_document(next_poll(replace(state, job=job), memory, now)),
        "listening": to_document(listening),
        "job": to_document(job),
    }


def _count_if_unheard(
    state: RunState, verdict: Verdict, details: EndDetails, now: datetime
) -> None:
    """Count an end that an event should have announced but a scheduled poll found."""
    listening = state.listening
    is_heard = listening is None or not listening.is_proven or listening.end_announced
    if is_heard or verdict.outcome is None or details.end_time is None:
        return
    if now - details.end_time > _LATE and details.end_time > state.request.started_at:
        logger.warning("no event reported the end", endTime=details.end_time.isoformat())
        count("EndsWithoutEvent")


def _follow_another(
    state: RunState, reading: Reading, verdict: Verdict, connect: Connect, now: datetime
) -> dict[str, Any] | None:
    """The output if the run continues with another execution, or None."""
    request, memory = state.request, reading.memory
    if reading.found is not None and verdict.may_be_replaced(request):
        replacement = find_replacement(
            state.target,
            state.followed,
            reading.found.pipeline_version,
            now=now,
            codepipeline=connect(state.target),
        )
        if replacement.execution is not None:
            return _continue_with(replacement.execution, state, restarted(state, memory), now)
        if replacement.may_come and verdict.in_time:
            return _wait_for_replacement(state, reading, now)
    if verdict.follows_newer(request):
        newer = _newer(state, connect(state.target))
        if newer is not None:
            return _continue_with(newer, state, superseded(state, memory), now)
    return None


def _final_at_once(
    state: RunState, reading: Reading, verdict: Verdict, connect: Connect
) -> tuple[EndDetails | None, Verdict]:
    """The details and the verdict of a new failure that is already final.

    A later poll decides if an automatic retry can follow, or if that is unknown. It also decides
    after the run retried a stage, because this poll may have read a status from before the retry.
    """
    found, memory = reading.found, reading.memory
    is_new = memory.status == Outcome.FAILED and state.memory.failed_since is None
    if found is None or not is_new or memory.stage_retries:
        return None, verdict
    final = _without_automatic_retry(state.target, found.pipeline_version, connect)
    if not final:
        return None, verdict
    failed = replace(verdict, outcome=Outcome.FAILED)
    details, failed = _details(state, found, memory, failed, connect)
    stages = {each.stage for each in details.failures}
    is_final = failed.outcome is not None and bool(stages) and stages <= final
    return (details, failed) if is_final else (None, verdict)


def _without_automatic_retry(
    target: Target, version: int | None, connect: Connect
) -> frozenset[str]:
    """The stages without an automatic retry. Empty if the declaration could not be read."""
    with suppress_unread("whether CodePipeline retries the failed stage"):
        if version is not None:
            codepipeline = connect(target)
            return without_automatic_retry(
                declared_stages(target, version, codepipeline=codepipeline)
            )
    return frozenset()


def _details(
    state: RunState, found: PipelineExecution, memory: Memory, verdict: Verdict, connect: Connect
) -> tuple[EndDetails, Verdict]:
    """The details of the end, and the verdict, which is revised if a stage is being retried."""
    ended = Ended(
        state.target,
        state.request,
        state.followed,
        verdict.outcome,
        lambda: connect(state.target),
        is_another=bool(memory.superseded or memory.restarted),
    )
    details, is_retried = read_end_details(ended, found)
    return details, replace(verdict, outcome=None) if is_retried else verdict


@dataclass(frozen=True)
class Reading:
    """What one poll read from the target."""

    found: PipelineExecution | None  # None if the execution was not read
    memory: Memory
    began: datetime  # when the poll began
    unread: str | None = None  # why the execution could not be read

    @property
    def status(self) -> str:
        """The status of the execution, or UNREADABLE."""
        return self.memory.status or UNREADABLE


def read_target(state: RunState, *, connect: Connect, now: Callable[[], datetime]) -> Reading:
    """Read the execution, or only its progress.

    If the execution was in progress and an action still is, the execution has not ended, so reading
    its progress is enough. In all other cases, and on every fourth poll, the execution itself is
    read.
    """
    began = now()
    memory = replace(state.memory, polls=state.memory.polls + 1, start_error=None)
    in_time = state.request.remaining(began) > 0

    def refresh(memory: Memory) -> Memory:
        execution_id, read_at = state.followed.pipeline_execution_id, now()
        memory = refreshed(memory, state.target, execution_id, connect=connect)
        progress = memory.progress and replace(memory.progress, read_at=read_at)
        return replace(memory, progress=progress)

    is_due = not in_time or is_progress_due(memory)
    end_announced = state.listening is not None and state.listening.end_announced
    reads_progress_first = in_time and is_due and memory.status == _RUNNING and not end_announced
    if reads_progress_first:
        memory = refresh(memory)
        if memory.progress is not None and memory.progress.runs:
            return Reading(None, replace(memory, progress_polls=memory.progress_polls + 1), began)
    found, unread = _read(state, connect, began)
    memory = _with_status(memory, found.status if found else UNREADABLE, now())
    if memory.status in UNFINISHED and not reads_progress_first and is_due:
        memory = refresh(memory)
    return Reading(found, memory, began, unread)


def _with_status(memory: Memory, status: str | None, now: datetime) -> Memory:
    since = memory.failed_since or now if status == Outcome.FAILED else None
    return replace(memory, status=status, failed_since=since, progress_polls=0)


def _read(
    state: RunState, connect: Connect, now: datetime
) -> tuple[PipelineExecution | None, str | None]:
    try:
        found = _read_now(state, connect)
    except PipelineExecutionNotFound as error:
        age = state.followed.age(now)
        if age is None or age > _GRACE:
            raise
        return None, plain(str(error), LONGEST_REASON)
    except TargetUnavailable as error:
        logger.warning("the target could not be read", reason=str(error))
        return None, plain(str(error), LONGEST_REASON)
    if found.status is None:
        reason = "GetPipelineExecution returned no status"
        logger.warning("the target could not be read", reason=reason)
        return None, reason
    return found, None


def _read_now(state: RunState, connect: Connect) -> PipelineExecution:
    target, execution_id = state.target, state.followed.pipeline_execution_id
    codepipeline = connect(target)
    try:
        return read_execution(target, execution_id, codepipeline=codepipeline)
    except TargetAccessDenied:
        another = connect(target)  # connect again, in case the old session was revoked
        if another is codepipeline:
            raise
        return read_execution(target, execution_id, codepipeline=another)


def _newer(state: RunState, codepipeline: CodePipelineClient) -> Execution | None:
    followed = state.followed
    execution_id = followed.pipeline_execution_id
    listed = executions_around(state.target, execution_id, codepipeline=codepipeline)
    newer = successor(listed.executions, execution_id, followed.start_time)
    return execution_of(newer) if newer else None


def _continue_with(
    newer: Execution, state: RunState, memory: Memory, now: datetime
) -> dict[str, Any]:
    """Follow the newer execution. It may have ended already, so poll it immediately."""
    # The old memory describes the older execution.
    memory = replace(memory, status=None, failed_since=None, progress=None, pace=None)
    logger.info("following a newer execution", pipelineExecutionId=newer.pipeline_execution_id)
    return {
        "ended": False,
        "changes": {
            "execution": to_document(newer),
            "memory": to_document(memory),
            "pollAt": to_document(soon(state.request, 1, now)),
            "listening": to_document(_listening_to(newer, state)),
            "job": to_document(state.job and replace(state.job, renew_at=state.job.soon(now))),
        },
        **_shown(state.target, newer, _RUNNING, memory, now),
    }


def _listening_to(newer: Execution, state: RunState) -> Listening | None:
    """Listen for the events of the newer execution, unless the run has used up its wakes."""
    kept = state.listening.after_poll() if state.listening is not None else None
    if kept is None:
        return None
    return replace(Listening.to(state.target, newer.pipeline_execution_id), wakes=kept.wakes)


def superseded(state: RunState, memory: Memory) -> Memory:
    """The memory after the target execution was superseded. Keeps the first execution's ID."""
    first = memory.superseded or state.followed.pipeline_execution_id
    return replace(memory, superseded=first)


def restarted(state: RunState, memory: Memory) -> Memory:
    """The memory after an update ended the target execution. Keeps the first execution's ID."""
    first = memory.restarted or state.followed.pipeline_execution_id
    return replace(memory, restarted=first)


def _wait_for_replacement(state: RunState, reading: Reading, now: datetime) -> dict[str, Any]:
    shown = _shown(state.target, state.followed, reading.status, reading.memory, now)
    poll_at = soon(state.request, _REPLACEMENT, now)
    changes = {"memory": to_document(reading.memory), "pollAt": to_document(poll_at)}
    return {"ended": False, "changes": changes, **shown}


def _shown(
    target: Target, execution: Execution, status: str, memory: Memory, now: datetime
) -> dict[str, Any]:
    return {"snapshot": to_document(snapshot_of(target, execution, status, memory, now))}

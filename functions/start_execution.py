"""Starts the target execution or finds the one to follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator import clock
from codepipeline_orchestrator.aws import clients
from codepipeline_orchestrator.aws.answers import StartAnswer, read_answer
from codepipeline_orchestrator.aws.refusals import target_refused
from codepipeline_orchestrator.errors import (
    InvalidInput,
    InvokingActionEnded,
    PipelineExecutionMismatch,
    PipelineNeverRun,
    TargetUnavailable,
)
from codepipeline_orchestrator.messages.mismatch import mismatch
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.listening import Listening
from codepipeline_orchestrator.model.outcome import CONFIRM_FAILED, UNFINISHED, Outcome
from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.model.report import BUSY, NOT_STARTED, UNREADABLE, Report
from codepipeline_orchestrator.model.request import IfRunning, Mode, OnNeverRun
from codepipeline_orchestrator.model.state import Execution, Memory, RunState
from codepipeline_orchestrator.model.target import Place
from codepipeline_orchestrator.pipeline.comparison import (
    different_revisions,
    different_variables,
    lacks_revisions,
)
from codepipeline_orchestrator.pipeline.executions import (
    execution_of,
    is_rollback,
    just_failed,
    latest,
    started_by,
)
from codepipeline_orchestrator.pipeline.listing import Listed, newest_executions, read_execution
from codepipeline_orchestrator.pipeline.permissions import all_named
from codepipeline_orchestrator.pipeline.running import Running, find_running
from codepipeline_orchestrator.polling.refresh import read_progress, suppress_unread
from codepipeline_orchestrator.polling.schedule import next_poll, soon
from codepipeline_orchestrator.polling.take_snapshot import snapshot_before_start, snapshot_of
from codepipeline_orchestrator.telemetry import bind_run, logged, logger
from codepipeline_orchestrator.text import LONGEST_REASON, plain

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_orchestrator.aws.answers import ExecutionSummary as Summary
    from codepipeline_orchestrator.model.target import Target

_NEW = 5.0  # seconds during which a new execution might not be readable
_CLOCK_SKEW = timedelta(minutes=1)  # maximum difference between the clocks of AWS's services
_TO_SHOW = timedelta(seconds=150)  # CodePipeline lists every new execution within this time
# How much of its turn a run must have left to start the target.
_TURN_LEFT = timedelta(minutes=1)
_MOST_BLOCKERS = 10  # maximum number of executions in a report


@logged
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001
    """Return the execution to follow, the time of the next attempt, or the report of the end."""
    bind_run(event["run"])
    state = RunState.of(event)
    with all_named(state):
        return attempt(state, connect=clients.target_codepipeline)


def attempt(
    state: RunState,
    *,
    connect: Callable[[Target], CodePipelineClient],
    now: Callable[[], datetime] = clock.now,
) -> dict[str, Any]:
    """Make one attempt. `connect` returns a client for the target's account.

    The run retries temporary errors until the deadline. Mistakes in the input raise errors.
    """
    if state.attempt > 0 and _starts(state) and state.memory.start_tried_at is None:
        # An earlier attempt died and may have started the target.
        state = replace(state, memory=replace(state.memory, start_tried_at=now()))
    try:
        return start_or_find(state, codepipeline=connect(state.target), now=now)
    except TargetUnavailable as error:
        if error.region_in_doubt and _is_first_in_another_region(state):
            raise InvalidInput(
                f"region: {error} Check that the Region in the input exists and is enabled in "
                f"account {state.target.account}."
            ) from error
        status = BUSY if error.is_busy else UNREADABLE
        if error.may_have_started:
            state = replace(state, memory=replace(state.memory, start_tried_at=now()))
        return _try_later(state, status, [], now(), reason=str(error))


def _is_first_in_another_region(state: RunState) -> bool:
    """Whether this is the first call to the target's Region, if it is not the deployment's own.

    That Region might not exist or be enabled.
    """
    is_first = state.attempt == 0 and not state.has_waited
    return is_first and state.target.region != Place.of(state.run).region


def _starts(state: RunState) -> bool:
    request = state.request
    is_start = request.mode is Mode.START and request.pipeline_execution_id is None
    return is_start and not state.abandoned


def start_or_find(
    state: RunState, *, codepipeline: CodePipelineClient, now: Callable[[], datetime]
) -> dict[str, Any]:
    """Start an execution, find the one to follow, or wait, depending on the request's mode."""
    request = state.request
    if state.abandoned:
        return _find_without_starting(state, codepipeline, now)
    if state.job is not None and state.job.confirmed_at is None:
        return _first(state, "ConfirmAction")  # because the jobs table was unavailable
    if request.pipeline_execution_id is not None:
        return _follow(state, _given(state, request.pipeline_execution_id, codepipeline), now())
    if request.mode is Mode.LATEST:
        return _latest(state, codepipeline, now)
    starts_at_once = request.mode is Mode.START and request.if_running is IfRunning.START
    if starts_at_once and not state.may_have_started:
        return _start(state, codepipeline, now)
    return _unless_running(state, codepipeline, now)


def _find_without_starting(
    state: RunState, codepipeline: CodePipelineClient, now: Callable[[], datetime]
) -> dict[str, Any]:
    """Find the execution that this run started before its action ended. Starts nothing.

    Raises InvokingActionEnded if it is all but certain that nothing was started.
    """
    tried_at = state.memory.start_tried_at
    if tried_at is not None:
        since = state.request.started_at - _CLOCK_SKEW
        listed = newest_executions(state.target, codepipeline=codepipeline, since=since)
        own = started_by(listed.executions, state.target.role_session_name)
        if own is not None:
            return _follow(state, execution_of(own), now())
        if now() - tried_at < _TO_SHOW:
            return _try_later(
                state, UNREADABLE, [], now(), reason="the start may have taken effect"
            )
    raise InvokingActionEnded(
        "The action that started this run is no longer in progress. It was abandoned, or "
        "CodePipeline timed it out. Nothing was started."
    )


def _start(
    state: RunState, codepipeline: CodePipelineClient, now: Callable[[], datetime]
) -> dict[str, Any]:
    if state.request.remaining(now()) <= 0:
        # The run would give up on the target immediately, so do not start it.
        memory = state.memory
        report = Report(Outcome.TIMED_OUT, status=memory.status, cause=memory.start_error)
        return _end(state, report)
    before = _before_start(state, now())
    if before is not None:
        return _first(state, before)
    request = {
        "variables": state.request.variables,
        "sourceRevisions": state.request.source_revisions,
    }
    try:
        with target_refused(state.target, "StartPipelineExecution"):
            execution_id = _started_id(state, codepipeline, request)
    except TargetUnavailable as error:
        error.may_have_started = not error.is_busy
        raise
    execution = Execution(execution_id, now())
    if state.request.has_token:
        tried = replace(state.memory, start_tried_at=now())
        return _of_token(replace(state, memory=tried), execution, codepipeline, now)
    return _follow(state, execution, now())


def _started_id(
    state: RunState, codepipeline: CodePipelineClient, request: Mapping[str, Sequence[Any]]
) -> str:
    started = codepipeline.start_pipeline_execution(
        name=state.target.pipeline_name,
        # Every attempt uses the same token, so CodePipeline starts only one execution.
        clientRequestToken=state.target.role_session_name,
        **{name: list(value) for name, value in request.items() if value},
    )
    execution_id = read_answer(StartAnswer, started).pipeline_execution_id
    if execution_id is None:
        # The next attempt finds the execution that this one started.
        raise TargetUnavailable(
            f"CodePipeline returned no execution ID for StartPipelineExecution on {state.target}."
        )
    return execution_id


def _first(state: RunState, then: str) -> dict[str, Any]:
    """The output if another state has to run first."""
    return {"ended": False, "then": then, "changes": {"execution": None, **_memory(state)}}


def _before_start(state: RunState, now: datetime) -> str | None:
    """The state that has to run before the start, if any.

    While the run waited, its action may have ended. If several runs waited for the target, only one
    of them should start it.
    """
    if state.job is not None and not state.job.is_confirmed(now):
        return "ConfirmAction"
    waits = state.request.if_running is IfRunning.WAIT
    if waits and (state.turn_until is None or now > state.turn_until - _TURN_LEFT):
        return "TakeTurn"
    return None


def _of_token(
    state: RunState,
    execution: Execution,
    codepipeline: CodePipelineClient,
    now: Callable[[], datetime],
) -> dict[str, Any]:
    """Follow the execution that StartPipelineExecution returned, if it matches the input.

    CodePipeline may return an execution that an earlier request with the same token started, even
    if that request was different. That execution might not be in the list yet.
    """
    if not _must_match(state):
        return _follow(state, execution, now())
    listed = newest_executions(state.target, codepipeline=codepipeline)
    for each in listed.executions:
        if each.pipeline_execution_id == execution.pipeline_execution_id:
            return _follow_if_matching(state, each, "clientRequestToken", codepipeline, now)
    return _try_later(state, UNREADABLE, [], now(), reason="the execution is not listed yet")


def _must_match(state: RunState) -> bool:
    return bool(state.request.variables or state.request.source_revisions)


def _latest(
    state: RunState, codepipeline: CodePipelineClient, now: Callable[[], datetime]
) -> dict[str, Any]:
    request = state.request
    executions = newest_executions(state.target, codepipeline=codepipeline).executions
    found = latest(executions, request.started_after)
    if found is not None:
        return _follow(state, execution_of(found), now())
    if request.started_after is not None:
        return _try_later(state, NOT_STARTED, [], now())
    if executions:
        raise TargetUnavailable(f"CodePipeline lists executions of {state.target} without IDs.")
    if request.on_never_run is OnNeverRun.SUCCEED:
        return _end(state, Report(Outcome.IDLE, never_run=True))
    raise PipelineNeverRun(
        f"Pipeline {state.target} has no execution to follow. Start it once, "
        "use mode 'start' (trigger true in aws-codepipeline-waiter input), or set "
        "onNeverRun to 'succeed'."
    )


def _given(state: RunState, execution_id: str, codepipeline: CodePipelineClient) -> Execution:
    """Check that the execution with this id exists."""
    read_execution(state.target, execution_id, codepipeline=codepipeline)
    return Execution(execution_id)


def _unless_running(
    state: RunState, codepipeline: CodePipelineClient, now: Callable[[], datetime]
) -> dict[str, Any]:
    request = state.request
    # Apart from clock differences, an execution that this run started cannot be older than the run.
    since = request.started_at - _CLOCK_SKEW if state.may_have_started else None
    listed = newest_executions(state.target, codepipeline=codepipeline, since=since)
    # An earlier attempt may have started an execution without receiving a response. Session names
    # are derived from the run's ARN and start time, so another run's execution cannot match.
    own = started_by(listed.executions, state.target.role_session_name)
    if own is not None:
        return _follow_if_matching(state, own, "clientRequestToken", codepipeline, now)
    if request.mode is Mode.START and request.if_running is IfRunning.START:
        return _start(state, codepipeline, now)
    running = find_running(state.target, listed, codepipeline=codepipeline)
    blocking = _blocking(state, listed, running, now())
    if blocking:
        return _with_another_running(state, blocking, codepipeline, now)
    if not running.is_certain:
        state = replace(state, memory=replace(state.memory, running_unknown=True))
    if request.mode is Mode.IDLE:
        return _end(state, Report(Outcome.IDLE))
    return _start(state, codepipeline, now)


def _with_another_running(
    state: RunState,
    running: Sequence[Summary],
    codepipeline: CodePipelineClient,
    now: Callable[[], datetime],
) -> dict[str, Any]:
    """Wait for the executions in progress, join one, or skip the start."""
    request = state.request
    if request.mode is Mode.IDLE or request.if_running is IfRunning.WAIT:
        return _wait(state, running, codepipeline, now())
    if request.if_running is IfRunning.JOIN and request.wait:
        return _follow_if_matching(
            state, _to_join(state, running), "ifRunning join", codepipeline, now
        )
    named = [execution_of(each) for each in running if each.pipeline_execution_id is not None]
    return _end(state, Report(Outcome.SKIPPED, status=running[0].status), *named[:1])


def _blocking(
    state: RunState, listed: Listed, running: Running, now: datetime
) -> Sequence[Summary]:
    """The executions in progress that matter to this run, newest first.

    A run that waits for an idle target also waits for executions that have just failed. A run that
    joins an execution ignores rollbacks.
    """
    request = state.request
    if request.mode is Mode.START and request.if_running is IfRunning.JOIN:
        return [each for each in running.executions if not is_rollback(each)]
    waits = request.mode is Mode.IDLE or request.if_running is IfRunning.WAIT
    if waits and not running.executions:
        return just_failed(listed.executions, now)
    return running.executions


def _to_join(state: RunState, running: Sequence[Summary]) -> Summary:
    """The newest execution in progress. Prefers executions that are not being stopped."""
    named = [each for each in running if each.pipeline_execution_id is not None]
    if not named:
        raise TargetUnavailable(f"CodePipeline lists executions of {state.target} without IDs.")
    return next((each for each in named if each.status == "InProgress"), named[0])


def _follow_if_matching(
    state: RunState,
    found: Summary,
    how: str,
    codepipeline: CodePipelineClient,
    now: Callable[[], datetime],
) -> dict[str, Any]:
    """Follow an existing execution if it matches the input.

    Raises PipelineExecutionMismatch if it does not.
    """
    request, execution = state.request, execution_of(found)
    execution_id = execution.pipeline_execution_id
    is_own = how == "clientRequestToken" and not request.has_token  # from an earlier attempt
    if not is_own and _must_match(state):
        revisions = found.source_revisions
        if found.status in UNFINISHED and lacks_revisions(request, revisions):
            # The execution's source actions are still running, and their revisions decide whether
            # it matches.
            return _wait(state, [found], codepipeline, now())
        variables = read_execution(state.target, execution_id, codepipeline=codepipeline).variables
        differences = (
            *different_variables(request, variables),
            *different_revisions(request, revisions),
        )
        if differences:
            raise PipelineExecutionMismatch(mismatch(state.target, execution_id, how, differences))
    return _follow(state, execution, now())


def _follow(state: RunState, execution: Execution, now: datetime) -> dict[str, Any]:
    logger.info(
        "the execution to follow",
        pipelineExecutionId=execution.pipeline_execution_id,
        target=state.target.arn,
        mode=state.request.mode,
    )
    if not state.request.wait:
        return _end(state, Report(Outcome.STARTED), execution)
    listening = Listening.to(state.target, execution.pipeline_execution_id)
    snapshot = snapshot_of(state.target, execution, "InProgress", state.memory, now)
    poll_at = _first_poll(state, execution, now)
    return {
        "ended": False,
        "then": "GetState" if poll_at == now else None,
        "changes": {
            "execution": to_document(execution),
            "listening": to_document(listening if state.request.hears else None),
            "pollAt": to_document(poll_at),
            # Renew after the first poll, because a poll has more to show than the start.
            "job": to_document(state.job and replace(state.job, renew_at=state.job.soon(poll_at))),
            **_memory(state),
        },
        "snapshot": to_document(snapshot),
    }


def _first_poll(state: RunState, execution: Execution, now: datetime) -> datetime:
    """Poll now, or in a few seconds if the execution is too new to be read."""
    age = execution.age(now)
    is_new = age is not None and age < _NEW
    return soon(state.request, _NEW, now) if is_new else now


def _wait(
    state: RunState, running: Sequence[Summary], codepipeline: CodePipelineClient, now: datetime
) -> dict[str, Any]:
    """Try again later. If the newest execution has failed, poll it soon to confirm the failure."""
    blockers = [each.pipeline_execution_id for each in running if each.pipeline_execution_id]
    status = running[0].status or UNREADABLE
    progress = None
    if status in UNFINISHED and blockers:
        with suppress_unread("the progress of the running execution"):
            progress = read_progress(state.target, blockers[0], codepipeline=codepipeline)
    answer = _try_later(state, status, blockers, now, progress=progress)
    if status == Outcome.FAILED and not answer["ended"]:
        certain = to_document(soon(state.request, CONFIRM_FAILED, now))
        answer["changes"]["pollAt"] = min(answer["changes"]["pollAt"], certain)
    return answer


def _try_later(
    state: RunState,
    status: str,
    blockers: list[str],
    now: datetime,
    *,
    progress: Progress | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    """Wait before the next attempt, or end the run at the deadline."""
    request, blockers = state.request, blockers[:_MOST_BLOCKERS]
    remaining, error = request.remaining(now), plain(reason, LONGEST_REASON)
    logger.info(
        "the run has to wait before it can begin", status=status, executions=blockers, reason=reason
    )
    if remaining <= 0:
        waited_for = tuple(blockers)
        report = Report(
            Outcome.TIMED_OUT,
            status=status,
            waited_for=waited_for,
            progress=progress,
            cause=error,
        )
        return _end(state, report)
    memory = Memory(
        state.memory.polls + 1,
        status if error else None,
        start_error=error,
        start_tried_at=state.memory.start_tried_at,
    )
    return {
        "ended": False,
        "changes": {
            "pollAt": to_document(next_poll(state, memory, now)),
            "execution": None,
            "memory": to_document(memory),
        },
        "snapshot": to_document(snapshot_before_start(state.target, status, blockers, progress)),
    }


def _end(state: RunState, report: Report, execution: Execution | None = None) -> dict[str, Any]:
    return {
        "ended": True,
        "report": to_document(report),
        "changes": {"execution": to_document(execution), **_memory(state)},
    }


def _memory(state: RunState) -> dict[str, Any]:
    return {"memory": to_document(state.memory)} if state.memory != Memory() else {}

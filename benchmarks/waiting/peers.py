"""Models of other ways to wait, called peers. Each peer's rule is a short function.

Like the product, a peer is charged for every call that starts or polls a target, wakes a waiting
state machine, or files or answers a job. A peer's calls never fail and are never throttled, and no
event is lost. Where AWS publishes no figure, the model uses the value that favors the peer.

Nobody is charged for the calls that CodePipeline makes to invoke a function, or to start a state
machine and read its status.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from benchmarks.waiting.measured import Measured
from benchmarks.waiting.played import CALL, Played
from benchmarks.waiting.stage_states import truth, waiter_says
from benchmarks.waiting.worlds import Wait

CONTINUATION = 30.0  # seconds until CodePipeline sends the next job after a continuation
EVENT = 1.0  # seconds from the target's end until a rule invokes its function, over two buses
STEP_FUNCTIONS_ACTION = 0.0  # seconds until the action notices the end (unpublished)


def waiter(played: Played) -> None:
    """aws-codepipeline-waiter: each continuation assumes the role and reads the stages.

    The wait continues until the target ends, even after a wrong verdict.
    """
    played.invoke("AssumeRole", "StartPipelineExecution", "PutJobSuccessResult")
    played.time = CALL  # the target starts after one call
    seen = "waits"
    while seen == "waits":
        played.time += CONTINUATION
        played.polls += 1
        played.invoke("AssumeRole", "GetPipelineState")
        seen = truth(played.wait, played.time)
        played.right &= waiter_says(played.wait, played.time) == seen
        played.call("PutJobFailureResult" if seen == "failure" else "PutJobSuccessResult")


def aws_sample(played: Played) -> None:
    """The AWS sample: a state machine polls every 15 seconds, and continuations read its status."""
    played.invoke("StartExecution", "PutJobSuccessResult")
    _state_machine(played, every=15, ask=played.invoke)
    comes_back = CONTINUATION + 2 * CALL  # One call reads the status, and one answers the job.
    times = math.ceil(played.time / comes_back)
    for _ in range(times):
        played.invoke("DescribeExecution", "PutJobSuccessResult")
    played.time = times * comes_back


def fixed_30(played: Played) -> None:
    """CodePipeline's Step Functions action with a state machine that polls every 30 seconds.

    The state machine calls AWS directly, without functions.
    """
    _state_machine(played, every=30, ask=played.call)
    played.time += STEP_FUNCTIONS_ACTION


def _state_machine(played: Played, *, every: float, ask: Callable[[str], None]) -> None:
    ask("StartPipelineExecution")
    played.enter(tasks=1)
    played.time = 0.0
    while played.going_on:
        played.time += every
        played.polls += 1
        ask("GetPipelineExecution")
        played.enter(tasks=1, others=2)
    played.enter(others=1)


def client_10(played: Played) -> None:
    """A loop on a user's machine or in a build that only starts and polls the target."""
    played.call("StartPipelineExecution")
    played.time = 0.0
    while played.going_on:
        played.time += 10
        played.polls += 1
        played.call("GetPipelineExecution")


def events(played: Played, *, every: float) -> None:
    """A rule on the target's events, with a state machine that polls in case no event arrives.

    A table holds the open job, or an answer that waits for the next job. Each poll answers the job
    with a continuation to keep the action alive, and CodePipeline sends the next job half a minute
    later. If the target ends before that job arrives, the job is answered with the target's
    outcome. Role sessions are cached, so only the start assumes the role.
    """
    end = played.wait.target.duration
    played.invoke("AssumeRole", "StartPipelineExecution", "PutItem", "StartExecution")
    played.enter(others=1)  # the Wait state
    open_from = 0.0  # the time at which CodePipeline created the newest job
    for number in range(1, int(end // every) + 1):
        played.polls += 1
        played.invoke("GetPipelineExecution", "PutJobSuccessResult")
        played.enter(tasks=1, others=2)
        open_from = number * every + 2 * CALL + CONTINUATION
        played.invoke("UpdateItem")  # files the next job, and reads the answer if one is stored
    played.forward()
    played.time = end + EVENT
    played.invoke("UpdateItem")  # stores the answer, and reads the newest job
    has_open_job = open_from <= played.time
    played.call(_answer(played))  # refused if a continuation has answered the job
    if not has_open_job:
        played.time = open_from + CALL  # The next job has just been filed.
        played.call(_answer(played))
    played.end_action()
    played.call("StopExecution")  # ends the polling


def _answer(played: Played) -> str:
    return "PutJobFailureResult" if played.wait.target.failed else "PutJobSuccessResult"


PEERS: Mapping[str, Callable[[Played], None]] = {
    "waiter": waiter,
    "aws-sample": aws_sample,
    "fixed-30": fixed_30,
    "client-10": client_10,
    "events-300": partial(events, every=300),
}


def play(peer: str, waits: Sequence[Wait]) -> Measured:
    """Play a peer on these waits."""
    return play_rule(peer, PEERS[peer], waits)


def play_rule(name: str, rule: Callable[[Played], None], waits: Sequence[Wait]) -> Measured:
    """Play a rule on these waits, and store the results under this name."""
    measured = Measured()
    for wait in waits:
        played = Played(wait)
        rule(played)
        measured.answers.append(played.answered())
        measured.billed += played.billed
        measured.calls += Counter({(name, call): n for call, n in played.calls.items()})
        measured.invocations[name] += played.invocations
    return measured

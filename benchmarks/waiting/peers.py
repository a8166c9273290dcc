"""Models of the other ways to wait: for each peer the rule that it follows, in a few lines.

They are models. What the peers do beside waiting is left out, none of their calls ever fails or is
throttled, and each figure that is not published is the one that is best for them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from benchmarks.waiting.measured import Measured
from benchmarks.waiting.played import CALL, Played
from benchmarks.waiting.stage_states import truth, waiter_says
from benchmarks.waiting.worlds import Wait

CONTINUATION = 30.0  # seconds until CodePipeline comes back with a continuation token
EVENT = 1.0  # seconds from the target's end until a rule's function is invoked
STEP_FUNCTIONS_ACTION = 0.0  # seconds until the action sees its execution's end: not published


def waiter(played: Played) -> None:
    """aws-codepipeline-waiter: each continuation assumes the role and reads the stages.

    A wrong verdict is counted, and it waits on as if it had not been.
    """
    played.invoke("AssumeRole", "StartPipelineExecution", "PutJobSuccessResult")
    played.time = CALL  # the target has started meanwhile
    seen = "waits"
    while seen == "waits":
        played.time += CONTINUATION
        played.polls += 1
        played.invoke("AssumeRole", "GetPipelineState")
        seen = truth(played.wait, played.time)
        played.right &= waiter_says(played.wait, played.time) == seen
        played.call("PutJobFailureResult" if seen == "failure" else "PutJobSuccessResult")


def aws_sample(played: Played) -> None:
    """The AWS sample: continuations read a state machine that looks every 15 seconds."""
    played.invoke("StartExecution", "PutJobSuccessResult")
    _state_machine(played, every=15, ask=played.invoke)
    comes_back = CONTINUATION + 2 * CALL  # with two calls to read the state machine and to answer
    times = math.ceil(played.time / comes_back)
    for _ in range(times):
        played.invoke("DescribeExecution", "PutJobSuccessResult")
    played.time = times * comes_back


def fixed_30(played: Played) -> None:
    """A state machine with a Wait of 30 seconds behind CodePipeline's Step Functions action.

    It calls AWS without functions.
    """
    _state_machine(played, every=30, ask=played.call)
    played.time += STEP_FUNCTIONS_ACTION


def _state_machine(played: Played, *, every: float, ask: Callable[[str], None]) -> None:
    """A state machine: StartTarget, then Wait, Look and HasEnded again and again, then the end."""
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
    """A loop on a machine of one's own, or in a build: it costs AWS nothing but the calls."""
    played.call("StartPipelineExecution")
    played.time = 0.0
    while played.going_on:
        played.time += 10
        played.polls += 1
        played.call("GetPipelineExecution")


def events_300(played: Played) -> None:
    """An event ends the wait; a state machine looks every 5 minutes, in case that none comes.

    No event is lost here. Each look also answers the job, which must not be silent for long.
    """
    played.invoke("AssumeRole", "StartPipelineExecution")
    played.enter(tasks=1)
    for _ in range(int(played.wait.target.duration // 300)):
        played.polls += 1
        played.invoke("AssumeRole", "GetPipelineExecution", "PutJobSuccessResult")
        played.enter(tasks=1, others=2)
    played.enter(others=1)
    played.time = played.wait.target.duration + EVENT
    played.invoke("PutJobSuccessResult")


PEERS: Mapping[str, Callable[[Played], None]] = {
    "waiter": waiter,
    "aws-sample": aws_sample,
    "fixed-30": fixed_30,
    "client-10": client_10,
    "events-300": events_300,
}


def play(peer: str, waits: Sequence[Wait]) -> Measured:
    """What a peer does on these waits."""
    measured = Measured()
    for wait in waits:
        played = Played(wait)
        PEERS[peer](played)
        measured.answers.append(played.answered())
        measured.calls += Counter({(peer, name): n for name, n in played.calls.items()})
        measured.invocations[peer] += played.invocations
    return measured

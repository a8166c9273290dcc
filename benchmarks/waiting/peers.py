"""Models of the other ways to wait: for each peer the rule that it follows, in a few lines.

Every call of starting, filing, waking, reading and answering is charged, as for the product. None
of the peers' calls ever fails or is throttled, no event is lost, and each figure that is not
published is the one that is best for them. The calls of CodePipeline itself (of a function, or of
a state machine and its status) are charged to nobody.
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

CONTINUATION = 30.0  # seconds until CodePipeline comes back with a continuation token
EVENT = 1.0  # seconds from the target's end until a rule's function is invoked: two buses
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


def events(played: Played, *, look: float) -> None:
    """An event ends the wait; a state machine looks now and then, in case that none comes.

    A table holds the job, or the answer that waits for one. Each look answers the job, which must
    not be silent for long, and CodePipeline makes the next job half a minute later. An end in
    between is told then. Role sessions are kept, so only a start assumes the role.
    """
    end = played.wait.target.duration
    played.invoke("AssumeRole", "StartPipelineExecution", "PutItem", "StartExecution")
    played.enter(others=1)  # waits
    open_from = 0.0  # when CodePipeline has made the newest job
    for number in range(1, int(end // look) + 1):
        played.polls += 1
        played.invoke("GetPipelineExecution", "PutJobSuccessResult")
        played.enter(tasks=1, others=2)
        open_from = number * look + 2 * CALL + CONTINUATION
        played.invoke("UpdateItem")  # files the next job, and reads whether there is an answer
    played.forward()
    played.time = end + EVENT
    played.invoke("UpdateItem")  # keeps the answer, and reads which job was filed last
    has_open_job = open_from <= played.time
    played.call(_answer(played))  # refused, if that job has been answered with a continuation
    if not has_open_job:
        played.time = open_from + CALL  # the next job has just been filed
        played.call(_answer(played))
    played.tell()
    played.call("StopExecution")  # of the state machine


def _answer(played: Played) -> str:
    return "PutJobFailureResult" if played.wait.target.failed else "PutJobSuccessResult"


PEERS: Mapping[str, Callable[[Played], None]] = {
    "waiter": waiter,
    "aws-sample": aws_sample,
    "fixed-30": fixed_30,
    "client-10": client_10,
    "events-300": partial(events, look=300),
}


def play(peer: str, waits: Sequence[Wait]) -> Measured:
    """What a peer does on these waits."""
    return play_rule(peer, PEERS[peer], waits)


def play_rule(name: str, rule: Callable[[Played], None], waits: Sequence[Wait]) -> Measured:
    """What a rule of waiting leads to on these waits."""
    measured = Measured()
    for wait in waits:
        played = Played(wait)
        rule(played)
        measured.answers.append(played.answered())
        measured.billed += played.billed
        measured.calls += Counter({(name, call): n for call, n in played.calls.items()})
        measured.invocations[name] += played.invocations
    return measured

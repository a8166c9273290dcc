"""The model of the waits protocol: the events of a target, wake, and the runs that wait.

A violation is a run that is still waiting although its target has ended and nothing will wake the
run. The model does not rely on the time limit of waits. It omits lost events because only the time
limit protects against them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from tests.model.calls import Call, outcomes
from tests.model.safeguards import WaitRules
from tests.model.search import Step

Event = Literal["action", "approval", "end"]
WAKING = {"approval", "end"}  # other events only show that events arrive
MISSES = 3  # after this many failed reads or registrations in a row, a run only polls


class Token(NamedTuple):
    """The task token of a run's wait. `good` is false once the wait is over."""

    run: int
    good: bool = True


class Waker(NamedTuple):
    """An invocation of wake. If `at` is "queued", its event has not been delivered yet."""

    event: Event
    at: Literal["queued", "read tokens", "count", "send"] = "queued"
    heard: int | str = 0
    tokens: tuple[Token, ...] = ()  # tokens that wake has not used yet
    failed: bool = False  # whether a call with an earlier token failed
    copy: int = 0  # distinguishes the deliveries of a duplicate event

    @property
    def who(self) -> str:
        return f"Wake({self.event}{f', copy {self.copy}' if self.copy else ''})"


class Machine(NamedTuple):
    """A run's state machine, which makes some of the calls itself."""

    run: int

    @property
    def who(self) -> str:
        return f"Run {self.run}"


class Follower(NamedTuple):
    """A run that follows the target, and what it knows."""

    at: Literal["poll", "poll again", "read heard", "register", "wait", "ended"]
    heard: int | str | None = None  # None if the run does not know that events arrive
    told: bool = False  # whether the run expects a poll to show an end
    misses: int = 0


class WaitsLeft(NamedTuple):
    """How many disturbances of each kind can still occur."""

    faults: int = 0
    duplicates: int = 0
    redrives: int = 0
    timeouts: int = 0


class Waits(NamedTuple):
    """A state of the model. `heard` is None while the item does not exist."""

    heard: int | str | None
    registered: tuple[Token, ...]
    target: Literal["in progress", "ended", "shown"]
    wakers: frozenset[Waker]
    runs: tuple[Follower, ...]
    left: WaitsLeft

    @property
    def may_fail(self) -> bool:
        return self.left.faults > 0

    @property
    def may_lag(self) -> bool:
        """Always false. Stale reads are modeled by a target whose end becomes visible late."""
        return False

    def after_fault(self) -> Waits:
        return self._replace(left=self.left._replace(faults=self.left.faults - 1))

    def after_lag(self) -> Waits:
        raise NotImplementedError

    def with_run(self, number: int, **changes: Any) -> Waits:
        runs = list(self.runs)
        runs[number] = runs[number]._replace(**changes)
        return self._replace(runs=tuple(runs))

    def leaves_wait(self, number: int, **changes: Any) -> Waits:
        """End a run's wait, which invalidates the run's tokens."""
        after = self.with_run(number, **changes)
        wakers = frozenset(
            each._replace(tokens=_spent(each.tokens, number)) for each in self.wakers
        )
        return after._replace(registered=_spent(self.registered, number), wakers=wakers)

    def swap(self, waker: Waker, *others: Waker) -> Waits:
        return self._replace(wakers=(self.wakers - {waker}) | set(others))


def _spent(tokens: tuple[Token, ...], run: int) -> tuple[Token, ...]:
    return tuple(each._replace(good=False) if each.run == run else each for each in tokens)


class WaitsModel:
    def __init__(
        self,
        left: WaitsLeft,
        rules: WaitRules | None = None,
        *,
        runs: int = 1,
        events: Sequence[Event] = ("action", "approval"),
    ) -> None:
        """All safeguards are on by default.

        The events in `events` have been sent, but not delivered, when the model begins.
        """
        self._rules = rules or WaitRules()
        wakers = frozenset(map(Waker, events))
        self._first = Waits(None, (), "in progress", wakers, (Follower("read heard"),) * runs, left)

    def initial(self) -> Waits:
        return self._first

    def steps(self, state: Waits) -> Sequence[tuple[Step, Waits]]:
        found = list(_target(state))
        for waker in sorted(state.wakers):
            found += _waker_steps(waker, state, self._rules)
        for number, run in enumerate(state.runs):
            found += _run_steps(number, run, state, self._rules)
        return found

    def violation(self, state: Waits, *, at_rest: bool) -> str | None:
        for number, run in enumerate(state.runs):
            if at_rest and run.at == "wait":
                return f"run {number} waits, the target has ended, and nothing will wake the run"
        return None


def _target(state: Waits) -> Iterator[tuple[Step, Waits]]:
    if state.target == "in progress":
        ended = state._replace(target="ended", wakers=state.wakers | {Waker("end")})
        yield Step("Target", "ends"), ended
    if state.target == "ended":
        shown = state._replace(target="shown")
        yield Step("Target", "GetPipelineExecution shows the end from now on"), shown


# The function wake.


def _waker_steps(me: Waker, state: Waits, rules: WaitRules) -> list[tuple[Step, Waits]]:
    match me.at:
        case "queued":
            return list(_deliveries(me, state, rules))
        case "read tokens":
            return outcomes(_read_tokens(me, rules), state)
        case "count":
            return outcomes(_count(me, rules), state)
        case "send":
            return outcomes(_send(me, rules), state)


def _deliveries(me: Waker, state: Waits, rules: WaitRules) -> Iterator[tuple[Step, Waits]]:
    invoked = me._replace(at="count" if rules.count_with_tokens else "read tokens")
    yield Step("EventBridge", f"delivers the event '{me.event}'"), state.swap(me, invoked)
    if state.left.duplicates:
        left = state.left._replace(duplicates=state.left.duplicates - 1)
        after = state.swap(me, invoked, me._replace(copy=me.copy + 1))._replace(left=left)
        what = f"delivers the event '{me.event}' and will deliver it again"
        yield Step("EventBridge", what, fault="doubled", due=False), after


def _comes_back(me: Waker, rules: WaitRules, state: Waits) -> Waits:
    return state.swap(me, Waker(me.event, copy=me.copy)) if rules.wake_again else state.swap(me)


def _read_tokens(me: Waker, rules: WaitRules) -> Call[Waits, tuple[Token, ...]]:
    return Call(
        me,
        "dynamodb:GetItem",
        lambda tokens: f"reads {len(tokens)} tokens",
        lambda state: (state, state.registered),
        lambda state, tokens: state.swap(me, me._replace(at="count", tokens=tokens)),
        lambda state: _comes_back(me, rules, state),
        lambda state: _comes_back(me, rules, state),
    )


def _count(me: Waker, rules: WaitRules) -> Call[Waits, Waits]:
    def effect(state: Waits) -> tuple[Waits, Waits]:
        counted = state._replace(heard=_heard(me, state, rules))
        return counted, counted

    def then(state: Waits, item: Waits) -> Waits:
        tokens = item.registered if rules.count_with_tokens else me.tokens
        if me.event not in WAKING or not tokens:
            return state.swap(me)
        assert item.heard is not None
        return state.swap(me, me._replace(at="send", heard=item.heard, tokens=tokens))

    def says(item: Waits) -> str:
        return f"heard is {item.heard}, with {len(item.registered)} tokens"

    def fails(state: Waits) -> Waits:
        return _comes_back(me, rules, state)

    return Call(me, "dynamodb:UpdateItem", says, effect, then, fails, fails)


def _heard(me: Waker, state: Waits, rules: WaitRules) -> int | str:
    waking = me.event in WAKING
    if not rules.counter:
        return me.event if waking else state.heard or ""
    assert not isinstance(state.heard, str)
    return (state.heard or 0) + waking


def _send(me: Waker, rules: WaitRules) -> Call[Waits, bool]:
    """Call SendTaskSuccess with one token, which is refused if its wait is over."""
    token, *rest = me.tokens
    left = me._replace(tokens=tuple(rest))

    def effect(state: Waits) -> tuple[Waits, bool]:
        if not token.good or state.runs[token.run].at != "wait":
            return state, False
        run = state.runs[token.run]
        told = _is_told(me, run, rules) or (run.told and rules.told_kept)
        woken = {"at": "poll", "heard": me.heard, "told": told}
        return state.swap(me).leaves_wait(token.run, **woken), True

    def then(state: Waits, _: bool) -> Waits:
        if rest:
            return state.swap(me, left)
        return _comes_back(me, rules, state) if me.failed else state.swap(me)

    def error(state: Waits) -> Waits:
        """Use the remaining tokens before the invocation fails."""
        return state.swap(me, left._replace(failed=True)) if rest else fails(state)

    def says(taken: bool) -> str:
        return (
            f"wakes run {token.run}"
            if taken
            else f"run {token.run} is no longer waiting: TaskTimedOut"
        )

    def fails(state: Waits) -> Waits:
        return _comes_back(me, rules, state)

    return Call(me, "stepfunctions:SendTaskSuccess", says, effect, then, error, fails)


def _is_told(me: Waker, run: Follower, rules: WaitRules) -> bool:
    """Whether the run should expect an end because of this event or an earlier one.

    If the counter has grown by only one since the run registered, this event is the only new one.
    """
    if me.event == "end" or isinstance(me.heard, str):
        return True
    assert isinstance(run.heard, int)
    return me.heard > run.heard + 1 and rules.told_by_others


# The run. Its state machine makes these calls and cannot be killed.


def _run_steps(
    number: int, run: Follower, state: Waits, rules: WaitRules
) -> list[tuple[Step, Waits]]:
    match run.at:
        case "poll" | "poll again":
            return list(_polls(number, run, state, rules))
        case "read heard":
            return outcomes(_read_heard(number, run, rules), state)
        case "register":
            return outcomes(_register(number, run, rules), state)
        case "wait":
            return list(_interruptions(number, run, state))
        case "ended":
            return []


def _polls(
    number: int, run: Follower, state: Waits, rules: WaitRules
) -> Iterator[tuple[Step, Waits]]:
    """An announced end becomes visible within 75 seconds. Until then, the run's waits are short."""
    who, call = f"Run {number}", "codepipeline:GetPipelineExecution"
    if state.target == "shown":
        yield Step(who, "polls: ended", call), state.with_run(number, at="ended")
    elif run.at == "poll" and run.told and run.heard is not None:
        yield Step(who, "polls: InProgress", call), state.with_run(number, at="register")
    elif run.at == "poll" or state.target == "in progress":
        if run.heard is not None:
            then = "register"
        else:
            then = "read heard" if run.misses < MISSES else "poll"
        after = state.with_run(number, at=then, told=False)
        if after != state:  # otherwise, the poll changes nothing
            yield Step(who, "polls: InProgress", call), after


def _read_heard(number: int, run: Follower, rules: WaitRules) -> Call[Waits, int | str | None]:
    """Read the counter. The run then polls, as after an event."""

    def then(state: Waits, heard: int | str | None) -> Waits:
        if heard is None:
            return state.with_run(number, at="poll", misses=run.misses + 1)
        if not rules.read_before_poll:
            return state.with_run(number, at="register", heard=heard, misses=0)
        return state.with_run(
            number, at="poll", heard=heard, told=rules.told_by_read and bool(heard), misses=0
        )

    return Call(
        Machine(number),
        "dynamodb:GetItem",
        lambda heard: "there is no item" if heard is None else f"heard is {heard}",
        lambda state: (state, state.heard),
        then,
        lambda state: state.with_run(number, at="poll", heard=None, misses=run.misses + 1),
        None,
    )


def _register(number: int, run: Follower, rules: WaitRules) -> Call[Waits, bool]:
    """Register the wait's token if `heard` still has the value that the run knows."""

    def effect(state: Waits) -> tuple[Waits, bool]:
        if rules.condition and state.heard != run.heard:
            return state, False
        others = tuple(each for each in state.registered if each.run != number)
        registered = tuple(sorted((*others, Token(number))))
        return state._replace(registered=registered), True

    def then(state: Waits, registered: bool) -> Waits:
        if not registered:
            return state.with_run(number, at="read heard")
        return state.with_run(number, at="wait")

    return Call(
        Machine(number),
        "dynamodb:UpdateItem",
        lambda done: f"registers at {run.heard}" if done else f"may not register at {run.heard}",
        effect,
        then,
        lambda state: state.leaves_wait(number, at="poll", heard=None, misses=run.misses + 1),
        None,
    )


def _interruptions(number: int, run: Follower, state: Waits) -> Iterator[tuple[Step, Waits]]:
    left = state.left
    if run.told:
        after = state.leaves_wait(number, at="poll again", told=False)
        yield Step(f"Run {number}", "has waited briefly for the announced end to show"), after
    elif left.timeouts:
        after = state._replace(left=left._replace(timeouts=left.timeouts - 1))
        what = "the time limit passes"
        yield (
            Step(f"Run {number}", what, due=False),
            after.leaves_wait(number, at="poll"),
        )
    if left.redrives:
        after = state._replace(left=left._replace(redrives=left.redrives - 1))
        what = f"aborts and redrives run {number}, which registers again"
        after = after.leaves_wait(number, at="register")
        yield Step("Operator", what, due=False), after

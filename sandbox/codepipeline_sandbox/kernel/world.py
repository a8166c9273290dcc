"""A simulated world with one thread, one clock and one queue of events.

Events are ordered by simulated time. The seed determines the order of simultaneous events. When
nothing is left to do at the current time, the clock jumps to the next event. A wait of a day
therefore takes milliseconds, and the same seed always produces the same history.

A task is code that can wait, such as a function invocation or a state machine's run. Each task is a
greenlet. In a task, `sleep` and `result_of` return control to the world until the wait is over.
Outside a task, for example in a test, they run the world until then.

The number of events is limited, so that a world that never comes to rest fails instead of hanging.
"""

from __future__ import annotations

import heapq
import math
import random
import uuid
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import greenlet

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MAX_EVENTS = 1_000_000  # takes a few minutes of real time; a thousand parallel runs need 400,000
_NEWEST = 20  # the number of events that TooManyEvents shows


class Killed(BaseException):
    """Raised in a task to end it from outside. Code under test must not catch this error."""


class TaskKilled(Exception):
    """The outcome of a task that was killed."""


class NothingLeftToDo(RuntimeError):
    """The awaited condition cannot occur because the world has no more events."""


class TooManyEvents(RuntimeError):
    """The world has processed its maximum number of events. Something probably repeats forever."""

    def __init__(self, bound: int, newest: list[str]) -> None:
        lines = "".join(f"\n  {line}" for line in newest)
        super().__init__(
            f"The world has processed its maximum of {bound:,} events (max_events). Something in "
            f"it probably repeats forever. The latest events:{lines}"
        )


class Event:
    """An action that will happen unless `cancel` is called."""

    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Cancel the event unless it has already happened."""
        self.action = None


# Events are ordered by time (epoch seconds), then randomly. The number breaks remaining ties.
_Place = tuple[float, float, int, Event]
_Queue = list[_Place]


class Promise(Generic[T]):
    """A value that will be provided later, or an error instead."""

    def __init__(self) -> None:
        self.done = False
        self._value: T | None = None
        self._error: Exception | None = None
        self._callbacks: list[Callable[[], None]] = []

    def resolve(self, value: T) -> None:
        """Provide the value. Only the first call has an effect."""
        if not self.done:
            self._value = value
            self._finish()

    def fail(self, error: Exception) -> None:
        """Provide an error, which `result` raises."""
        if not self.done:
            self._error = error
            self._finish()

    def result(self) -> T:
        """Return the value or raise the error. The promise must be done."""
        if not self.done:
            msg = "the promise is not done yet"
            raise RuntimeError(msg)
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]

    def then(self, callback: Callable[[], None]) -> None:
        """Call back when the promise is done, immediately if it already is."""
        if self.done:
            callback()
        else:
            self._callbacks.append(callback)

    def _finish(self) -> None:
        self.done = True
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()


class Task:
    """Code that can wait while other events happen. Created by `World.spawn`."""

    def __init__(self, world: World, function: Callable[[], Any], name: object = None) -> None:
        self.world = world
        self.name = function if name is None else name
        self.caller = ""  # the caller named in its AWS calls, see `kernel.protocols.Call`
        self.outcome: Promise[Any] = Promise()
        # Called whenever the task starts or continues, and whenever it waits or ends. A function's
        # container uses these hooks to install and remove its own environment.
        self.on_enter: Callable[[], None] = lambda: None
        self.on_leave: Callable[[], None] = lambda: None
        self.doomed = False
        self._wake: Event | None = None
        self._greenlet = greenlet.greenlet(lambda: self._run(function))

    @property
    def alive(self) -> bool:
        """Whether the task has not ended yet."""
        return not self.outcome.done

    def kill(self, error: BaseException | None = None) -> None:
        """End the task at its current position by raising Killed (or `error`) there."""
        if not self.alive:
            return
        self.doomed = self.doomed or error is None  # ignore the task's result from now on
        # The task is killing itself, for example in an interceptor of one of its AWS calls.
        if self._greenlet is greenlet.getcurrent():
            raise error or Killed
        if self._wake is not None:
            self._wake.cancel()
        if not self._greenlet:  # the task has not started yet
            self.outcome.fail(TaskKilled("before it began"))
            return
        self._switch(error or Killed())

    def doom(self) -> None:
        """Continue the task, but kill it when it next waits or returns."""
        self.doomed = True

    def resume(self) -> None:
        """Continue the task until it waits again or ends."""
        if self.alive:
            self._switch(None)

    def _switch(self, error: BaseException | None) -> None:
        previous, self.world.task = self.world.task, self
        # Control returns here when the task waits or ends.
        self._greenlet.parent = greenlet.getcurrent()
        self.on_enter()
        try:
            if error is None:
                self._greenlet.switch()
            else:
                self._greenlet.throw(error)
        finally:
            self.on_leave()
            self.world.task = previous

    def _run(self, function: Callable[[], Any]) -> None:
        try:
            value = function()
        except Killed:
            self.outcome.fail(TaskKilled())
        except Exception as error:  # noqa: BLE001 - the outcome's reader handles it
            self.outcome.fail(TaskKilled() if self.doomed else error)
        else:
            if self.doomed:
                self.outcome.fail(TaskKilled())
            self.outcome.resolve(value)


class World:
    """The clock, the queue of events and the randomness of a simulation."""

    def __init__(
        self, *, seed: int = 0, start: datetime = START, max_events: int | None = MAX_EVENTS
    ) -> None:
        """Create an empty world at `start` (UTC).

        Running it raises TooManyEvents before the first event beyond `max_events`. None means no
        maximum.
        """
        self.now = self.began = start.timestamp()
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.task: Task | None = None
        self._order = random.Random(seed)  # noqa: S311 - separate, so ties do not affect other draws
        self._queue: _Queue = []
        self._background: _Queue = []
        self._number = 0
        self._defect: Exception | None = None
        self._max_events = max_events
        self._events_left: float = math.inf if max_events is None else max_events
        self._newest: list[str] = []  # descriptions of the last events before the maximum

    def datetime(self) -> datetime:
        """The world's current time in UTC."""
        return datetime.fromtimestamp(self.now, UTC)

    def uuid(self) -> str:
        """Return a version 4 UUID, determined by the seed."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def at(self, time: float, action: Callable[[], None], *, background: bool = False) -> Event:
        """Schedule an action for a time (epoch seconds). A time in the past means now.

        The world is at rest when only `background` events are left, such as a schedule's next
        invocation.
        """
        self._number += 1
        event = Event(action)
        place = (max(time, self.now), self._order.random(), self._number, event)
        heapq.heappush(self._background if background else self._queue, place)
        return event

    def after(self, seconds: float, action: Callable[[], None]) -> Event:
        """Schedule an action after this many seconds."""
        return self.at(self.now + seconds, action)

    def spawn(self, function: Callable[[], Any], *, delay: float = 0, name: object = None) -> Task:
        """Start a task after `delay` seconds. `Task.outcome` is a promise of the task's result.

        `name` identifies the task in TooManyEvents. The default is the function's name.
        """
        task = Task(self, function, name)
        task._wake = self.after(delay, task.resume)  # noqa: SLF001 - Task belongs to this module
        return task

    def sleep(self, seconds: float) -> None:
        """Wait this many seconds. With 0, everything else that is due now can run first."""
        task = self.task
        if task is None:
            self.run(until=self.now + seconds)
            return
        _end_if_doomed(task)
        task._wake = self.after(seconds, task.resume)  # noqa: SLF001 - Task belongs to this module
        self._give_way(task)

    def result_of(self, promise: Promise[T]) -> T:
        """Wait for a promise and return its value, or raise its error."""
        task = self.task
        if task is None:
            self.run_until(lambda: promise.done)
            return promise.result()
        _end_if_doomed(task)
        if not promise.done:
            promise.then(lambda: self._wake_up(task))
            self._give_way(task)
        return promise.result()

    def run(self, until: float | None = None) -> None:
        """Run all events up to a time (epoch seconds), or until the world is at rest."""
        if until is None:
            while _has_events(self._queue):
                self._step()
            return
        while (time := self.next_time()) is not None and time <= until:
            self._step()
        self.now = max(self.now, until)

    def run_until(self, condition: Callable[[], bool]) -> None:
        """Run the world until the condition holds.

        Raises NothingLeftToDo if the world comes to rest first.
        """
        while not condition():
            if not _has_events(self._queue):
                raise NothingLeftToDo
            self._step()

    def broke(self, error: Exception) -> None:
        """Report a bug in the sandbox.

        A task could mistake the error for an ordinary one, so the code that runs the world also
        raises it after the current event.
        """
        self._defect = self._defect or error

    def lift_bound(self) -> None:
        """Remove the limit on the number of events."""
        self._events_left = math.inf

    def next_time(self) -> float | None:
        """The time of the next event (epoch seconds), or None if there is none."""
        queue = self._next_queue()
        return queue[0][0] if queue else None

    def _next_queue(self) -> _Queue:
        foreground, background = _has_events(self._queue), _has_events(self._background)
        if foreground and not (background and self._background[0] < self._queue[0]):
            return self._queue
        return self._background

    def _step(self) -> None:
        queue = self._next_queue()
        if self._events_left <= _NEWEST:
            self._approach_bound(queue[0])
        self._events_left -= 1
        time, _, _, event = heapq.heappop(queue)
        self.now = max(self.now, time)
        action, event.action = event.action, None
        assert action is not None  # cancelled events are no longer in the queue
        action()
        defect, self._defect = self._defect, None
        if defect is not None:
            raise defect

    def _approach_bound(self, place: _Place) -> None:
        """Record an event shortly before the maximum, or raise TooManyEvents at the maximum."""
        if self._events_left <= 0:
            assert self._max_events is not None
            raise TooManyEvents(self._max_events, self._newest)
        time, _, _, event = place
        moment = datetime.fromtimestamp(max(time, self.now), UTC).isoformat(timespec="milliseconds")
        self._newest.append(f"{moment} {_what(event.action)}")

    def _wake_up(self, task: Task) -> None:
        # Do not resume the task immediately, because the code that resolves the promise may not
        # have finished its work.
        task._wake = self.after(0, task.resume)  # noqa: SLF001 - Task belongs to this module

    @staticmethod
    def _give_way(task: Task) -> None:
        parent = task._greenlet.parent  # noqa: SLF001 - Task belongs to this module
        assert parent is not None
        parent.switch()


def _what(action: object) -> str:
    task = getattr(action, "__self__", None)
    if isinstance(task, Task):
        return _what(task.name)
    if isinstance(action, partial):
        return _what(action.func)
    name = getattr(action, "__qualname__", None)
    return f"{action.__module__}.{name}" if name else str(action)


def _end_if_doomed(task: Task) -> None:
    if task.doomed:
        raise Killed


def _has_events(queue: _Queue) -> bool:
    """Whether any event is left. Removes cancelled events from the front of the queue."""
    while queue and queue[0][3].action is None:
        heapq.heappop(queue)
    return bool(queue)

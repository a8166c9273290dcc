"""One world, one thread, one clock: every thing that happens is an event in one queue.

Events are ordered by virtual time and then by the seed. When nothing is left to do now, the
clock jumps to the next event, so a day's wait takes milliseconds and the same seed gives the
same history.

A task is straight-line code that may wait (a function's invocation, a state machine's run). It
is a greenlet: `sleep` and `result_of` give the thread back to the world until the time has come.
Code outside a task (a test, the demonstration, an HTTP request) may call the same two; there they
run the world forward instead.

A world has an upper bound of events, so that one that never comes to rest fails instead of hanging.
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

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)  # a Monday morning
MAX_EVENTS = 1_000_000  # some minutes of real time; a thousand runs at once take 400,000
_NEWEST = 20  # events that TooManyEvents shows


class Killed(BaseException):
    """Thrown into a task that is ended from outside; nothing in the product may catch it."""


class TaskKilled(Exception):
    """The outcome of a task that was ended from outside."""


class NothingLeftToDo(RuntimeError):
    """Somebody waits for something that no event in the world can bring about any more."""


class TooManyEvents(RuntimeError):
    """The world has reached its bound of events; something in it probably repeats forever."""

    def __init__(self, bound: int, newest: list[str]) -> None:
        lines = "".join(f"\n  {line}" for line in newest)
        super().__init__(
            f"The world has processed {bound:,} events, which is its bound (max_events). Something "
            f"in it probably repeats forever. Its newest events:{lines}"
        )


class Event:
    """Something that will happen; `cancel` keeps it from happening."""

    def __init__(self, action: Callable[[], None]) -> None:
        """Not in a queue yet."""
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Keep the event from happening; harmless when it already has."""
        self.action = None


# By time (epoch seconds), then by chance; the number tells any two apart.
_Place = tuple[float, float, int, Event]
_Queue = list[_Place]


class Promise(Generic[T]):
    """A value that somebody in the world will give, or the error that came instead."""

    def __init__(self) -> None:
        """Nothing has been given yet."""
        self.done = False
        self._value: T | None = None
        self._error: Exception | None = None
        self._callbacks: list[Callable[[], None]] = []

    def resolve(self, value: T) -> None:
        """Give the value. Only the first gift counts."""
        if not self.done:
            self._value = value
            self._finish()

    def fail(self, error: Exception) -> None:
        """Give an error instead; `result` raises it."""
        if not self.done:
            self._error = error
            self._finish()

    def result(self) -> T:
        """The value, or the error raised. Only when done."""
        if not self.done:
            msg = "the promise has not been kept yet"
            raise RuntimeError(msg)
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]

    def then(self, callback: Callable[[], None]) -> None:
        """Call back when done, at once if that is now."""
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
    """A running piece of straight-line code; see `World.spawn`."""

    def __init__(self, world: World, function: Callable[[], Any], name: object = None) -> None:
        """Nothing runs before the world first resumes the task."""
        self.world = world
        self.name = function if name is None else name
        self.caller = ""  # whose AWS calls it makes, as `sandbox.services.Call` names it
        self.outcome: Promise[Any] = Promise()
        # Called around every stretch in which the task has the thread: a function's container
        # puts its own environment in place with it.
        self.on_enter: Callable[[], None] = lambda: None
        self.on_leave: Callable[[], None] = lambda: None
        self.doomed = False
        self._wake: Event | None = None
        self._greenlet = greenlet.greenlet(lambda: self._run(function))

    @property
    def alive(self) -> bool:
        """Whether it has neither returned nor raised."""
        return not self.outcome.done

    def kill(self, error: BaseException | None = None) -> None:
        """End the task where it stands, by raising Killed (or `error`) there."""
        if not self.alive:
            return
        self.doomed = self.doomed or error is None  # what it does on its way out does not count
        if self._greenlet is greenlet.getcurrent():  # an interceptor of its call does it
            raise error or Killed
        if self._wake is not None:
            self._wake.cancel()
        if not self._greenlet:  # never started: there is no code to throw it into
            self.outcome.fail(TaskKilled("before it began"))
            return
        self._switch(error or Killed())

    def doom(self) -> None:
        """Let the task go on, and end it as killed when it next waits or returns."""
        self.doomed = True

    def resume(self) -> None:
        """Let the task run on until it waits again or ends."""
        if self.alive:
            self._switch(None)

    def _switch(self, error: BaseException | None) -> None:
        previous, self.world.task = self.world.task, self
        # Whoever resumes a task is where the thread goes back to when the task waits or ends.
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
        except Exception as error:  # noqa: BLE001 - whoever asked for the outcome decides
            self.outcome.fail(TaskKilled() if self.doomed else error)
        else:
            if self.doomed:
                self.outcome.fail(TaskKilled())
            self.outcome.resolve(value)


class World:
    """The queue, the clock and the seed."""

    def __init__(
        self, *, seed: int = 0, start: datetime = START, max_events: int | None = MAX_EVENTS
    ) -> None:
        """An empty world at `start` (UTC).

        Whoever runs it gets TooManyEvents instead of the first event beyond `max_events`. None
        means no bound.
        """
        self.now = self.began = start.timestamp()
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.task: Task | None = None  # the task that has the thread
        self._order = random.Random(seed)  # noqa: S311 - its own, so that ties do not disturb draws
        self._queue: _Queue = []
        self._background: _Queue = []
        self._number = 0
        self._defect: Exception | None = None
        self._max_events = max_events
        self._events_left: float = math.inf if max_events is None else max_events
        self._newest: list[str] = []  # events, once the bound is near

    def datetime(self) -> datetime:
        """The time in the world, UTC."""
        return datetime.fromtimestamp(self.now, UTC)

    def uuid(self) -> str:
        """A version 4 UUID that the seed decides."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def at(self, time: float, action: Callable[[], None], *, background: bool = False) -> Event:
        """Let something happen at a time (epoch seconds); the past means now.

        A `background` event (the next firing of a schedule) happens when its time comes, but
        nobody waits for it: a world in which only such events are left has come to rest.
        """
        self._number += 1
        event = Event(action)
        place = (max(time, self.now), self._order.random(), self._number, event)
        heapq.heappush(self._background if background else self._queue, place)
        return event

    def after(self, seconds: float, action: Callable[[], None]) -> Event:
        """Let something happen in so many seconds."""
        return self.at(self.now + seconds, action)

    def spawn(self, function: Callable[[], Any], *, delay: float = 0, name: object = None) -> Task:
        """Start a task, after `delay` seconds; `task.outcome` tells how it ended.

        `str(name)` is what TooManyEvents calls the task; its function if no name is given.
        """
        task = Task(self, function, name)
        task._wake = self.after(delay, task.resume)  # noqa: SLF001 - the world's own class
        return task

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass; 0 lets everything else that is due now go first or not."""
        task = self.task
        if task is None:
            self.run(until=self.now + seconds)
            return
        _end_if_doomed(task)
        task._wake = self.after(seconds, task.resume)  # noqa: SLF001 - the world's own class
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
        """Let everything happen up to a time (epoch seconds), or until the world is at rest."""
        if until is None:
            while _has_events(self._queue):
                self._step()
            return
        while (time := self.next_time()) is not None and time <= until:
            self._step()
        self.now = max(self.now, until)

    def run_until(self, condition: Callable[[], bool]) -> None:
        """Let things happen until the condition holds.

        Raises NothingLeftToDo when the world comes to rest before that.
        """
        while not condition():
            if not _has_events(self._queue):
                raise NothingLeftToDo
            self._step()

    def broke(self, error: Exception) -> None:
        """Tell of a defect of the sandbox that could be taken for an outcome of what runs in it.

        Whoever runs the world gets the error, as soon as what happens now has happened.
        """
        self._defect = self._defect or error

    def lift_bound(self) -> None:
        """Allow any number of events from now on."""
        self._events_left = math.inf

    def next_time(self) -> float | None:
        """When the next thing happens (epoch seconds); None when nothing will."""
        queue = self._next_queue()
        return queue[0][0] if queue else None

    def _next_queue(self) -> _Queue:
        """The queue whose first event comes next; an empty one when there is none."""
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
        assert action is not None  # cancelled events have left the queue
        action()
        defect, self._defect = self._defect, None
        if defect is not None:
            raise defect

    def _approach_bound(self, place: _Place) -> None:
        """Keep what the next event is, for the message of TooManyEvents; raise it at the bound.

        Only the last events are kept, so that the bound costs the others nothing.
        """
        if self._events_left <= 0:
            assert self._max_events is not None
            raise TooManyEvents(self._max_events, self._newest)
        time, _, _, event = place
        moment = datetime.fromtimestamp(max(time, self.now), UTC).isoformat(timespec="milliseconds")
        self._newest.append(f"{moment} {_what(event.action)}")

    def _wake_up(self, task: Task) -> None:
        # Not at once: whoever keeps the promise may be in the middle of something.
        task._wake = self.after(0, task.resume)  # noqa: SLF001 - the world's own class

    @staticmethod
    def _give_way(task: Task) -> None:
        parent = task._greenlet.parent  # noqa: SLF001 - the world's own class
        assert parent is not None
        parent.switch()


def _what(action: object) -> str:
    """What an event does, in a few words."""
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
    """Whether an event is left; those that have been cancelled leave the queue's front."""
    while queue and queue[0][3].action is None:
        heapq.heappop(queue)
    return bool(queue)

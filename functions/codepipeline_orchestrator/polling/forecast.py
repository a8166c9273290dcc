"""When a target execution may end, from its progress and the usual duration of its steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from codepipeline_orchestrator.model.progress import Progress
from codepipeline_orchestrator.polling.pace import Pace, Step

_SURPRISES = 0.01  # share of executions that keep to nothing that was seen before
_LEAST_UNKNOWN = 10.0  # seconds
_UNKNOWN = 600.0  # seconds; how long something takes of which nothing is known
_NARROW = 600.0  # seconds
_LONGER = 1.1  # times as long as when it was last asked for
_FOR_PEOPLE = 200.0  # who waits for a person for hours does not mind some minutes


@dataclass(frozen=True)
class Ending:
    """One way to end: normally distributed, in seconds from now."""

    share: float
    mean: float
    spread: float

    def later_than(self, seconds: float) -> float:
        """The probability that it comes later than so many seconds from now, times its share."""
        return self.share * _above((seconds - self.mean) / self.spread)


@dataclass(frozen=True)
class Forecast:
    """When the execution may end, in seconds from now.

    Beside the endings there is the unknown, which is never ruled out: the longer something has
    taken, the longer it takes (Lomax distribution with exponent 2 and the scale `unknown`).
    """

    endings: tuple[Ending, ...] = ()
    unknown: float = _UNKNOWN
    surprises: float = 1.0  # the share of the unknown; more than 0
    patience: float = 1.0  # how many times more a poll costs than usual

    def later_than(self, seconds: float) -> float:
        """A figure proportional to the probability of an end later than in so many seconds.

        It is above 0 and never grows with the seconds. The shares need not add up to 1: what is
        known to have ended by now is left out of them.
        """
        tail = (self.unknown / (self.unknown + seconds)) ** 2
        return self.surprises * tail + sum(each.later_than(seconds) for each in self.endings)

    def ends_about(self, seconds: float) -> bool:
        """Whether so many seconds from now are near the end of an execution that succeeds.

        False too if that may come in any of many minutes.
        """
        likely = self.endings[-1:]
        return any(abs(seconds - each.mean) <= 2 * each.spread <= _NARROW for each in likely)


def of_unknown(age: float) -> Forecast:
    """The forecast for what has been going for `age` seconds, when nothing else is known."""
    # Clocks may differ: what begins later than now has not begun to take time.
    return Forecast(unknown=max(0.0, age) + _UNKNOWN)


def forecast(
    pace: Pace | None, progress: Progress | None, *, started: datetime | None, now: datetime
) -> Forecast:
    """When the execution may end; `started` is when it began, None if not known."""
    if progress is not None and progress.waits_for_people:
        return Forecast(unknown=_waited(progress, now) + _UNKNOWN, patience=_FOR_PEOPLE)
    age = (now - started).total_seconds() if started else 0.0
    if pace is None or (progress is not None and (progress.behind or progress.waits)):
        return of_unknown(age)
    position = _position(pace.steps, progress, started)
    if position is None:
        return of_unknown(age)
    steps, begun, seen = position
    return _of_steps(steps, pace.failing / len(pace.steps), begun=begun, seen=seen, now=now)


def _waited(progress: Progress, now: datetime) -> float:
    """How long it has waited for an approval; a transition may have been disabled long before."""
    since = progress.approval.since if progress.approval else None
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _position(
    steps: Sequence[Step], progress: Progress | None, started: datetime | None
) -> tuple[Sequence[Step], datetime, datetime] | None:
    """The steps from the one that runs, when that began, and when it was seen to run."""
    if progress is None:
        return (steps, started, started) if started else None
    if progress.latest is None or progress.seen is None:
        return None
    for number, step in enumerate(steps):
        if (step.stage, step.action) == (progress.stage, progress.latest.action):
            return steps[number:], progress.latest.since, progress.seen
    return None


def _of_steps(
    steps: Sequence[Step], failing: float, *, begun: datetime, seen: datetime, now: datetime
) -> Forecast:
    """The forecast when the first of the steps `begun` then, and still ran when it was `seen`.

    An execution that fails ends with one of its steps, each as likely as the others; one that
    succeeds ends with the last.
    """
    first, *others = steps
    known = (seen - begun).total_seconds()
    over = (known - first.seconds) / first.spread
    mean, variance = _rest(over)
    mean = first.seconds + first.spread * mean - (now - begun).total_seconds()
    variance *= first.spread**2
    endings, likely = [], (1 - _SURPRISES) * _above(over)
    for step in others:
        endings.append(Ending(likely * failing, mean, math.sqrt(variance)))
        mean += step.seconds
        variance += step.spread**2
    share = likely * (1 - failing * len(others))
    endings.append(Ending(share, mean, math.sqrt(variance)))
    unknown = (now - begun).total_seconds() + sum(step.seconds for step in steps)
    return Forecast(tuple(endings), max(_LEAST_UNKNOWN, unknown), _SURPRISES)


def step_is_over(pace: Pace | None, progress: Progress | None, now: datetime) -> bool | None:
    """Whether the running step has probably ended, so that a poll is worth its cost.

    None if that cannot be told.
    """
    if pace is None or progress is None or progress.waits_for_people:
        return None
    position = _position(pace.steps, progress, None)
    if position is None:
        return None
    (step, *_), begun, seen = position
    known = (seen - begun).total_seconds()
    mean, variance = _rest((known - step.seconds) / step.spread)
    usual = step.seconds + step.spread * (mean + 0.5 * math.sqrt(variance))
    # What takes longer than ever is asked for less and less often.
    return (now - begun).total_seconds() > max(usual, _LONGER * known)


def _above(z: float) -> float:
    """The probability of more than `z` under the standard normal distribution."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def _rest(z: float) -> tuple[float, float]:
    """Mean and variance of a standard normal variable that is known to be above `z`."""
    z = min(z, 5.0)  # later the tail is too thin to divide by, and the unknown prevails
    hazard = math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / _above(z)
    return hazard, max(0.01, 1 + z * hazard - hazard * hazard)

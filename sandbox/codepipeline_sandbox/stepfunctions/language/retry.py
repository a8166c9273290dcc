"""Retry and Catch: the errors they match, and the delay before the next attempt."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.stepfunctions.language.assign import assignments
from codepipeline_sandbox.stepfunctions.language.fields import ABSENT, Fields
from codepipeline_sandbox.stepfunctions.language.references import ERROR_OUTPUT

if TYPE_CHECKING:
    import random

    from codepipeline_sandbox.stepfunctions.language.errors import StateFailed

MAXIMUM_INTERVAL = 31_622_400  # seconds, the maximum for MaxDelaySeconds
MAXIMUM_ATTEMPTS = 99_999_999


@dataclass(frozen=True)
class Retrier:
    """One entry of Retry, with AWS's defaults."""

    error_equals: tuple[str, ...]
    interval_seconds: int = 1
    max_attempts: int = 3
    backoff_rate: float = 2.0
    max_delay_seconds: int | None = None
    full_jitter: bool = False

    def delay(self, retries: int, chance: random.Random) -> float:
        """The delay, in seconds, after this retrier has retried the given number of times."""
        delay = self.interval_seconds * self.backoff_rate**retries
        if self.max_delay_seconds is not None:
            delay = min(delay, self.max_delay_seconds)
        return chance.uniform(0, delay) if self.full_jitter else delay


@dataclass(frozen=True)
class Catcher:
    """One entry of Catch. If `output` is ABSENT, the error output is passed on unchanged."""

    error_equals: tuple[str, ...]
    next: str
    output: Any
    assign: dict[str, Any]


class Retries:
    """The retries during one visit to a task. Each retrier has its own count."""

    def __init__(self, retriers: tuple[Retrier, ...]) -> None:
        self._retriers = retriers
        self._counts: Counter[int] = Counter()

    @property
    def count(self) -> int:
        """The number of retries so far: `$states.context.State.RetryCount`."""
        return self._counts.total()

    def delay_after(self, failure: StateFailed, chance: random.Random) -> float | None:
        """Return the seconds until the next attempt, or None if there is none."""
        for index, retrier in enumerate(self._retriers):
            if failure.matches(retrier.error_equals):
                if self._counts[index] >= retrier.max_attempts:
                    return None
                self._counts[index] += 1
                return retrier.delay(self._counts[index] - 1, chance)
        return None


def retriers(fields: Fields) -> tuple[Retrier, ...]:
    """Read the Retry field."""
    entries = fields.objects("Retry")
    return tuple(
        _retrier(entry, last=index == len(entries) - 1) for index, entry in enumerate(entries)
    )


def catchers(fields: Fields) -> tuple[Catcher, ...]:
    """Read the Catch field."""
    entries = fields.objects("Catch")
    return tuple(
        _catcher(entry, last=index == len(entries) - 1) for index, entry in enumerate(entries)
    )


def _retrier(fields: Fields, *, last: bool) -> Retrier:
    max_delay = _number(fields, "MaxDelaySeconds", None, lowest=1, highest=MAXIMUM_INTERVAL)
    jitter = fields.text("JitterStrategy")
    if jitter not in {None, "NONE", "FULL"}:
        raise fields.problem("Expected FULL or NONE", "JitterStrategy")
    retrier = Retrier(
        _error_equals(fields, last=last),
        interval_seconds=_number(fields, "IntervalSeconds", 1, lowest=1, highest=MAXIMUM_ATTEMPTS),
        max_attempts=_number(fields, "MaxAttempts", 3, lowest=0, highest=MAXIMUM_ATTEMPTS),
        backoff_rate=_number(fields, "BackoffRate", 2.0, lowest=1, highest=MAXIMUM_ATTEMPTS),
        max_delay_seconds=max_delay,
        full_jitter=jitter == "FULL",
    )
    fields.done()
    if max_delay is not None and max_delay <= retrier.interval_seconds:
        raise fields.problem("Expected a number greater than IntervalSeconds", "MaxDelaySeconds")
    return retrier


def _catcher(fields: Fields, *, last: bool) -> Catcher:
    catcher = Catcher(
        _error_equals(fields, last=last),
        fields.text("Next", required=True) or "",
        fields.template("Output", {ERROR_OUTPUT}),
        assignments(fields, {ERROR_OUTPUT}),
    )
    fields.done()
    return catcher


def _error_equals(fields: Fields, *, last: bool) -> tuple[str, ...]:
    names = fields.take("ErrorEquals", required=True)
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise fields.problem("Expected an array of error names", "ErrorEquals")
    if "States.ALL" in names and not (last and len(names) == 1):
        raise fields.problem("States.ALL must be alone, and in the last entry", "ErrorEquals")
    return tuple(names)


def _number(fields: Fields, name: str, default: Any, *, lowest: int, highest: int) -> Any:
    value = fields.take(name)
    if value is ABSENT:
        return default
    allowed = (int, float) if name == "BackoffRate" else (int,)
    if type(value) not in allowed or not lowest <= value <= highest:
        raise fields.problem(f"Expected a number from {lowest} to {highest}", name)
    return value

"""Queues asynchronous events, retries or discards them, and reports to destinations.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.awslambda import destinations
from codepipeline_sandbox.awslambda.errors import CannotInvoke, FunctionNotFound
from codepipeline_sandbox.awslambda.payloads import ASYNCHRONOUS_LIMIT, check_size
from codepipeline_sandbox.kernel.protocols import Delivery

if TYPE_CHECKING:
    from codepipeline_sandbox.awslambda.function import Function
    from codepipeline_sandbox.awslambda.functions import Done, Functions
    from codepipeline_sandbox.kernel.here import Cloud
    from codepipeline_sandbox.kernel.world import Promise

RETRY_SECONDS = (60.0, 120.0)  # the delays after a function's first and second error
MAXIMUM_AGE_SECONDS = 6 * 3600
# While Lambda cannot run the function, the delay starts at the first value and doubles up to the
# last value.
_FIRST_BACKOFF_SECONDS = 1.0
_LAST_BACKOFF_SECONDS = 300.0


@dataclass
class Event:
    """A queued event and its attempts so far, which all have the same request id."""

    function_arn: str
    payload: str
    request_id: str
    queued: float
    attempts: int = 0  # the number of attempts that reached the function
    last: Done | None = None
    backoff: float = _FIRST_BACKOFF_SECONDS


class EventQueue:
    """The queued events of all functions."""

    def __init__(self, cloud: Cloud, functions: Functions) -> None:
        self.discarded: list[Event] = []
        self._cloud = cloud
        self._functions = functions

    def put(self, function: Function, payload: str) -> None:
        """Queue an event for the function. Raises RequestTooLarge."""
        check_size(payload.encode(), ASYNCHRONOUS_LIMIT)
        world = self._cloud.world
        event = Event(function.function_arn, payload, world.uuid(), world.now)
        delivery = Delivery(
            "invocation", function.account_id, function.region, target=function.function_arn
        )

        def arrive() -> None:
            # A fault can deliver an event twice, and each delivery counts its own attempts.
            self._attempt(replace(event))

        world.after(0, partial(self._cloud.faults.deliver, delivery, arrive))

    def _attempt(self, event: Event) -> None:
        try:
            function = self._functions.find(event.function_arn)
        except FunctionNotFound:
            self.discarded.append(event)  # the function was deleted after the event was queued
            return
        if self._is_too_old(event, function, 0):
            self._discard(event, function, "EventAgeExceeded")
            return
        done = self._functions.run(function, event.payload, event.request_id)
        done.then(lambda: self._ended(event, function, done))

    def _ended(self, event: Event, function: Function, done: Promise[Done]) -> None:
        try:
            event.last = done.result()
        except CannotInvoke:
            self._again(event, function, event.backoff, "EventAgeExceeded")
            event.backoff = min(event.backoff * 2, _LAST_BACKOFF_SECONDS)
            return
        event.attempts += 1
        if event.last.invocation.error is None:
            self._tell(event, function, "OnSuccess", "Success")
        elif event.attempts > _settings(function).get("MaximumRetryAttempts", len(RETRY_SECONDS)):
            self._discard(event, function, "RetriesExhausted")
        else:
            self._again(event, function, RETRY_SECONDS[event.attempts - 1], "EventAgeExceeded")

    def _again(self, event: Event, function: Function, seconds: float, otherwise: str) -> None:
        if self._is_too_old(event, function, seconds):
            self._discard(event, function, otherwise)
        else:
            self._cloud.world.after(seconds, lambda: self._attempt(event))

    def _is_too_old(self, event: Event, function: Function, seconds: float) -> bool:
        oldest = _settings(function).get("MaximumEventAgeInSeconds", MAXIMUM_AGE_SECONDS)
        return bool(self._cloud.world.now + seconds - event.queued > oldest)

    def _discard(self, event: Event, function: Function, condition: str) -> None:
        self.discarded.append(event)
        self._functions.count("AsyncEventsDropped", function)
        self._tell(event, function, "OnFailure", condition)

    def _tell(self, event: Event, function: Function, which: str, condition: str) -> None:
        target = _settings(function).get("DestinationConfig", {}).get(which, {})
        if destination := target.get("Destination"):
            record = destinations.record(event, function, condition, self._cloud.world)
            if not destinations.deliver(self._cloud, function, destination, record):
                self._functions.count("DestinationDeliveryFailures", function)


def _settings(function: Function) -> dict[str, Any]:
    config = function.event_invoke_config
    settings: dict[str, Any] = config[0].config if config else {}
    return settings

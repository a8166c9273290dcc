"""The path of events from a bus, through the matching rules, to the rules' targets."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from moto.events.models import events_backends

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.eventbridge import bus_keys, patterns, targets
from codepipeline_sandbox.eventbridge.attempts import attempt
from codepipeline_sandbox.eventbridge.inputs import input_of
from codepipeline_sandbox.eventbridge.timetable import Timetable
from codepipeline_sandbox.kernel.here import current
from codepipeline_sandbox.kernel.protocols import Delivery, Undelivered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codepipeline_sandbox.kernel.here import Cloud

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
_FORWARDED = "a rule forwarded the event from another bus, so it is not forwarded to a third one"


class Events:
    """EventBridge in all accounts. Implements `protocols.Events`."""

    def __init__(self, cloud: Cloud) -> None:
        self.log: list[Mapping[str, Any]] = []  # every event that was ever put on a bus
        self.undelivered: list[Undelivered] = []
        self.timetable = Timetable(cloud.world)
        self._watchers: list[Callable[[Mapping[str, Any]], None]] = []
        self._cloud = cloud
        # A separate random stream, so that delivery delays do not change other random draws.
        self._chance = random.Random(f"{cloud.seed} events")  # noqa: S311 - repeatable on purpose

    def put(self, account_id: str, region: str, event: Mapping[str, Any]) -> None:
        """Put a service's event on the default bus."""
        bus_arn = f"arn:aws:events:{region}:{account_id}:event-bus/default"
        complete = self.complete(account_id, region, event)
        for watcher in self._watchers:
            watcher(complete)
        delivery = Delivery("event", account_id, region, event["source"], event["detail-type"])
        self._cloud.faults.deliver(delivery, partial(self.take, bus_arn, complete))

    def watch(self, watcher: Callable[[Mapping[str, Any]], None]) -> None:
        """Call the watcher with every service event from now on, even one that is not delivered.

        The service is still working at that point, so the watcher must not act immediately.
        """
        self._watchers.append(watcher)

    def complete(self, account_id: str, region: str, event: Mapping[str, Any]) -> Mapping[str, Any]:
        """Complete the event with the fields that EventBridge adds."""
        return {
            "version": "0",
            "id": self._cloud.world.uuid(),
            "detail-type": event["detail-type"],
            "source": event["source"],
            "account": account_id,
            "time": event.get("time") or utc(self._cloud.world.now),
            "region": region,
            "resources": list(event.get("resources", [])),
            "detail": event["detail"],
        }

    def take(self, bus_arn: str, event: Mapping[str, Any], *, forwarded: bool = False) -> None:
        """Put a complete event on a bus.

        The event can have any source. `forwarded` is true if a rule sent it from another bus.
        """
        _, _, _, region, account_id, name = bus_arn.split(":", 5)
        bus = events_backends[account_id][region].describe_event_bus(
            name.removeprefix("event-bus/")
        )
        if not bus_keys.usable(bus):
            self.give_up(bus_arn, bus_arn, f"EventBridge cannot use the key of {bus_arn}")
            return
        self.log.append(event)
        for rule in list(bus.rules.values()):
            pattern = rule.event_pattern.dump()  # None for a rule that only has a schedule
            if pattern and rule.state != "DISABLED" and patterns.matcher(pattern)(event):
                self.send_to_targets(rule, event, forwarded=forwarded)

    def send_to_targets(
        self, rule: Any, event: Mapping[str, Any], *, forwarded: bool = False
    ) -> None:
        """Deliver an event to all targets of a rule, after a short delay.

        An event that a rule has `forwarded` to this rule's bus is not forwarded again.
        """
        for target in list(rule.targets):
            if forwarded and targets.is_bus(target):
                self.give_up(rule.arn, target["Arn"], _FORWARDED)
                continue
            delivery = Delivery(
                "target",
                rule.account_id,
                rule.region_name,
                event["source"],
                event["detail-type"],
                target["Arn"],
            )
            arrive = partial(self._deliver, rule, target, event)
            deliver = partial(self._cloud.faults.deliver, delivery, arrive)
            self._cloud.world.after(self._latency(), deliver)

    def give_up(self, source_arn: str, target_arn: str, reason: str) -> None:
        """Record an event that could not be delivered."""
        self.undelivered.append(Undelivered(self._cloud.world.now, source_arn, target_arn, reason))

    def _latency(self) -> float:
        """Choose a random delay. Short delays are more likely than long ones."""
        wanted = settings.current()
        if not wanted.event_spread:
            return wanted.event_latency
        return wanted.event_latency + wanted.event_spread * self._chance.random() ** 3

    def _deliver(self, rule: Any, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        now = utc(self._cloud.world.now)
        payload = input_of(target, event, rule_arn=rule.arn, ingestion_time=now)

        def action(_attempt: int) -> None:
            if targets.is_bus(target):
                targets.require_forwarding(self._cloud, rule, target, event)
                self.take(target["Arn"], event, forwarded=True)
            else:
                targets.send(self._cloud, rule, target, payload)

        def give_up(reason: str) -> None:
            self.give_up(rule.arn, target["Arn"], reason)

        attempt(self._cloud.world, action, target, give_up)


def current_events() -> Events:
    """Return the running cloud's EventBridge, with members that only this package uses."""
    events = current().events
    assert isinstance(events, Events)
    return events


def utc(time: float) -> str:
    """Format a time as EventBridge does, to the second."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

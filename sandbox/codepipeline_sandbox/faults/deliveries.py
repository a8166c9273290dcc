"""Applies faults to deliveries of events and invocations, which all pass through this module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codepipeline_sandbox.faults import names
from codepipeline_sandbox.kernel.protocols import Strike

if TYPE_CHECKING:
    from collections.abc import Callable

    from codepipeline_sandbox.faults.armed import Armed
    from codepipeline_sandbox.faults.kinds import DeliveryFault
    from codepipeline_sandbox.kernel.here import Cloud
    from codepipeline_sandbox.kernel.protocols import Delivery
    from codepipeline_sandbox.kernel.world import Event

_BEHIND_SECONDS = 1.0  # from the overtaking delivery to the reordered one


@dataclass(eq=False)
class _Held:
    fault: DeliveryFault
    release: Callable[[], None]
    at_the_latest: Event
    behind: int


class Deliveries:
    """The delivery faults of a cloud."""

    def __init__(self, cloud: Cloud, log: list[Strike]) -> None:
        self.armed: list[Armed[DeliveryFault]] = []
        self._cloud = cloud
        self._log = log
        self._held: list[_Held] = []

    def deliver(self, delivery: Delivery, action: Callable[[], None]) -> None:
        """Complete the delivery now unless a fault strikes it.

        The first fault that strikes decides whether the delivery is dropped, delayed, doubled or
        reordered.
        """
        armed = self._striking(delivery)

        def arrive() -> None:
            overtaken = list(self._held)
            action()
            self._overtake(delivery, overtaken)

        if armed is None:
            arrive()
            return
        kind, seconds = armed.fault.kind, armed.seconds()
        self._write(delivery, kind, seconds)
        if kind == "doubled":
            arrive()
        if kind in {"doubled", "delayed"}:
            self._cloud.world.after(seconds, arrive)
        elif kind == "reordered":
            self._hold(armed.fault, seconds, arrive)

    def _striking(self, delivery: Delivery) -> Armed[DeliveryFault] | None:
        now = self._cloud.world.now
        for armed in self.armed:
            if _selects(armed.fault, delivery) and armed.strikes(now):
                return armed
        return None

    def _write(self, delivery: Delivery, kind: str, seconds: float) -> None:
        now, place = self._cloud.world.now, (delivery.account, delivery.region)
        self._log.append(Strike(now, kind, delivery.what, *place, delivery.function, seconds))

    def _hold(self, fault: DeliveryFault, seconds: float, arrive: Callable[[], None]) -> None:
        def release() -> None:
            self._held.remove(held)
            arrive()

        timer = self._cloud.world.after(seconds, release)
        held = _Held(fault, release, timer, fault.behind)
        self._held.append(held)

    def _overtake(self, delivery: Delivery, overtaken: list[_Held]) -> None:
        for held in overtaken:
            if _selects(held.fault, delivery):
                held.behind -= 1
                if held.behind == 0:
                    held.at_the_latest.cancel()
                    self._cloud.world.after(_BEHIND_SECONDS, held.release)


def _selects(fault: DeliveryFault, delivery: Delivery) -> bool:
    return (
        fault.of in {"*", delivery.kind}
        and fault.is_at(delivery.account, delivery.region, delivery.function)
        and names.matches(fault.source, delivery.source)
        and names.matches(fault.detail_type, delivery.detail_type)
    )

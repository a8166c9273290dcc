"""Holds the faults of a cloud as `cloud.faults`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from codepipeline_sandbox.faults.armed import Armed
from codepipeline_sandbox.faults.calls import Calls
from codepipeline_sandbox.faults.deliveries import Deliveries
from codepipeline_sandbox.faults.invocations import Invocations
from codepipeline_sandbox.faults.kinds import CallFault, DeliveryFault, InvocationFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSPreparedRequest

    from codepipeline_sandbox.kernel.here import Cloud
    from codepipeline_sandbox.kernel.protocols import Call, Delivery, Strike

AnyFault = CallFault | DeliveryFault | InvocationFault


class Faults:
    """The active faults of a cloud, and a `log` of their strikes."""

    def __init__(self, cloud: Cloud) -> None:
        self.log: list[Strike] = []
        self.calls = Calls(cloud, self.log)
        self.invocations = Invocations(cloud, self.log)
        self._deliveries = Deliveries(cloud, self.log)
        self._cloud = cloud
        self._added = 0

    def add(self, *faults: AnyFault) -> None:
        """Activate these faults.

        Each fault has its own random stream, derived from the world's seed and the number of
        faults added before it. A fault therefore does not change any other random number in the
        world.
        """
        for fault in faults:
            self._added += 1
            seed, began = f"fault {self._added} of {self._cloud.seed}", self._cloud.world.began
            match fault:
                case CallFault():
                    self.calls.armed.append(Armed(fault, seed=seed, began=began))
                case DeliveryFault():
                    self._deliveries.armed.append(Armed(fault, seed=seed, began=began))
                case InvocationFault():
                    self.invocations.armed.append(Armed(fault, seed=seed, began=began))
                case _:
                    assert_never(fault)
        if self.calls.armed and self._intercept not in self._cloud.interceptors:
            self._cloud.interceptors.append(self._intercept)

    def remove(self, *faults: AnyFault) -> None:
        """Deactivate these faults and all faults equal to them.

        Deliveries that are already delayed still arrive.
        """
        self.calls.armed = [one for one in self.calls.armed if one.fault not in faults]
        self.invocations.armed = [one for one in self.invocations.armed if one.fault not in faults]
        self._deliveries.armed = [one for one in self._deliveries.armed if one.fault not in faults]

    def struck(self, fault: AnyFault) -> int:
        """Count how many times this fault has struck. The count of a removed fault is 0."""
        every: list[Armed[Any]] = [*self.calls.armed, *self.invocations.armed]
        every += self._deliveries.armed
        return sum(one.struck for one in every if one.fault == fault)

    def deliver(self, delivery: Delivery, action: Callable[[], None]) -> None:
        """Complete the delivery by running `action`, immediately unless a fault strikes."""
        self._deliveries.deliver(delivery, action)

    def outside(
        self, service: str, operation: str, request: AWSPreparedRequest, proceed: Callable[[], Any]
    ) -> Any:
        """Respond to a call that was made outside any task."""
        if not self.calls.armed:
            return proceed()
        return self.calls.answer(None, service, operation, request, proceed)

    def _intercept(self, call: Call, proceed: Callable[[], Any]) -> Any:
        return self.calls.answer(call.task, call.service, call.operation, call.request, proceed)

"""Applies faults to Lambda functions that cannot run, or that are killed while running."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.kernel.protocols import Strike

if TYPE_CHECKING:
    from codepipeline_sandbox.faults.armed import Armed
    from codepipeline_sandbox.faults.kinds import InvocationFault
    from codepipeline_sandbox.kernel.here import Cloud


class Invocations:
    """The invocation faults of a cloud."""

    def __init__(self, cloud: Cloud, log: list[Strike]) -> None:
        self.armed: list[Armed[InvocationFault]] = []
        self._cloud = cloud
        self._log = log

    def strike(self, account: str, region: str, function: str) -> Strike | None:
        """Find the fault that strikes an invocation now, if any."""
        now = self._cloud.world.now
        for armed in self.armed:
            if armed.fault.is_at(account, region, function) and armed.strikes(now):
                kind, what = armed.fault.kind, "invocation"
                struck = Strike(now, kind, what, account, region, function, armed.seconds())
                self._log.append(struck)
                return struck
        return None

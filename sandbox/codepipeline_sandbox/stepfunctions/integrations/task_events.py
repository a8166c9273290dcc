"""The history events of a service integration's task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.stepfunctions.visits.history import data, failure

if TYPE_CHECKING:
    from codepipeline_sandbox.stepfunctions.integrations.limits import Limits
    from codepipeline_sandbox.stepfunctions.language.errors import StateFailed
    from codepipeline_sandbox.stepfunctions.visits.visit import Visit


class TaskEvents:
    """Records the events of one attempt."""

    def __init__(self, visit: Visit, resource_type: str, resource: str) -> None:
        self._visit = visit
        self._resource = {"resourceType": resource_type, "resource": resource}

    def scheduled(self, parameters: str, limits: Limits) -> None:
        """Record TaskScheduled and TaskStarted."""
        region = self._visit.run.execution.arn.split(":")[3]
        details = {**self._resource, "region": region, "parameters": parameters, **limits.told}
        self._visit.record("TaskScheduled", details)
        self._visit.record("TaskStarted", self._resource)

    def submitted(self, response: str) -> None:
        """Record TaskSubmitted: the service has responded, and the task waits for its callback."""
        self._visit.record("TaskSubmitted", {**self._resource, **data("output", response)})

    def succeeded(self, output: str) -> None:
        """Record TaskSucceeded."""
        self._visit.record("TaskSucceeded", {**self._resource, **data("output", output)})

    def failed(self, error: StateFailed) -> None:
        """Record TaskFailed or TaskTimedOut."""
        kind = "TaskTimedOut" if error.error == "States.Timeout" else "TaskFailed"
        self._visit.record(kind, {**self._resource, **failure(error.error, error.cause)})

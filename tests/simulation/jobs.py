"""Invoking actions, with their jobs and answers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline.models import codepipeline_backends
from playground.company import REGION, TOOLS

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun
    from codepipeline_sandbox.codepipeline.engine.jobs import Job
    from tests.simulation.observer import Effect, Invocation, Observer
    from tests.simulation.runs import Run

SILENCE = "failed to return a result"


@dataclass
class Asking:
    action: ActionRun
    jobs: list[Job] = field(default_factory=list)

    @property
    def run_name(self) -> str:
        """The name of the action's run, which is the ID of its first job."""
        return self.jobs[0].id

    @property
    def fell_silent(self) -> bool:
        """Whether CodePipeline failed the action after 20 minutes without an answer."""
        return SILENCE in self.message

    @property
    def message(self) -> str:
        """Why the action failed, or an empty string if it did not fail."""
        return self.action.error.message if self.action.error else ""

    def final_answer(self, observer: Observer) -> Effect | None:
        """The answer that ended the action, or None if no answer ended it."""
        ids = {job.id for job in self.jobs}
        for effect in observer.effects:
            if effect.accepted and effect.body.get("jobId") in ids and _is_final(effect):
                return effect
        return None


def askings() -> list[Asking]:
    """The invoking actions in the current cloud, in the order of their first jobs."""
    found: dict[int, Asking] = {}
    for job in codepipeline_backends[TOOLS][REGION].jobs.values():
        action: Any = job._action
        found.setdefault(id(action), Asking(action.run)).jobs.append(job)
    return list(found.values())


def about(
    job_id: str, run_name: str, invocations: Iterable[Invocation], function: str
) -> list[Invocation]:
    """The function's invocations for a job, for the job's run, or for the end of that run."""
    return [
        one
        for one in invocations
        if one.function == function
        and (
            job_id in one.payload
            or f':{run_name}"' in one.payload
            or _is_end_of(run_name, one.payload)
        )
    ]


def to_answer(run: Run, observer: Observer, moment: float) -> str | None:
    """The run's newest job at this moment, or None if no action started the run."""
    if run.job_id is None:
        return None
    filed = [each.job for each in observer.filed if each.run == run.name and each.time <= moment]
    return filed[-1] if filed else run.job_id


def waits_for_end(run: Run) -> bool:
    """Whether the run still knew of a waiting action when it reported its outcome."""
    for event in reversed(run.events()):
        if event.type == "TaskScheduled" and event.details:
            payload = json.loads(event.details["parameters"]).get("Payload", {})
            if payload.get("state") == "ReportJobResult":
                return payload["job"] is not None
    return False


def _is_end_of(run_name: str, payload: str) -> bool:
    if '"detail"' not in payload:
        return False
    detail = json.loads(payload)["detail"]
    return str(detail.get("executionArn")).endswith(f":{run_name}")


def _is_final(effect: Effect) -> bool:
    if effect.operation == "PutJobFailureResult":
        return True
    return effect.operation == "PutJobSuccessResult" and "continuationToken" not in effect.body

"""The actions that asked the product for something, with their jobs and how they were answered."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.codepipeline.models import codepipeline_backends
from sandbox.company import REGION, TOOLS

if TYPE_CHECKING:
    from sandbox.codepipeline.actions import ActionRun
    from sandbox.codepipeline.jobs import Job
    from sandbox.stepfunctions.visits.history import HistoryEvent
    from tests.simulation.observer import Effect, Invocation, Observer
    from tests.simulation.runs import Run

SILENCE = "timed out after 20 minutes"


@dataclass
class Asking:
    """One execution of an invoke action."""

    action: ActionRun
    jobs: list[Job] = field(default_factory=list)

    @property
    def run_name(self) -> str:
        """The name of the run that serves it: the id of its first job."""
        return self.jobs[0].id

    @property
    def fell_silent(self) -> bool:
        """Whether CodePipeline gave it up after 20 minutes without an answer."""
        return SILENCE in self.message

    @property
    def message(self) -> str:
        """Why it failed; empty if it did not."""
        return self.action.error.message if self.action.error else ""

    def final_answer(self, observer: Observer) -> Effect | None:
        """What ended it: a failure, or a success without a token. None if no answer did."""
        ids = {job.id for job in self.jobs}
        for effect in observer.effects:
            if effect.accepted and effect.body.get("jobId") in ids and _is_final(effect):
                return effect
        return None


def askings() -> list[Asking]:
    """The invoke actions of the cloud that is up, in the order of their first jobs."""
    found: dict[int, Asking] = {}
    for job in codepipeline_backends[TOOLS][REGION].jobs.values():
        action: Any = job._action
        found.setdefault(id(action), Asking(action.run)).jobs.append(job)
    return list(found.values())


def about(
    job_id: str, run_name: str, invocations: Iterable[Invocation], function: str
) -> list[Invocation]:
    """Those invocations of a function that are about a job, or about the end of its run."""
    return [
        one
        for one in invocations
        if one.function == function and (job_id in one.payload or _is_end_of(run_name, one.payload))
    ]


def held_at_the_end(run: Run) -> str | None:
    """The job that a run held when it came to its last state; None if it held none."""
    for event in reversed(run.events()):
        document = _what_was_sent(event)
        if "heldJob" in document:
            held = document["heldJob"]
            return held["id"] if held else None
    return run.held_job_id


def _what_was_sent(event: HistoryEvent) -> dict[str, Any]:
    """To a task's function, or to a task that waited for the next job."""
    details = event.details or {}
    match event.type:
        case "TaskScheduled":
            return dict(json.loads(details["parameters"])["Payload"])
        case "TaskSucceeded":
            return dict(json.loads(details["output"]))
    return {}


def _is_end_of(run_name: str, payload: str) -> bool:
    return '"detail"' in payload and json.loads(payload)["detail"].get("name") == run_name


def _is_final(effect: Effect) -> bool:
    if effect.operation == "PutJobFailureResult":
        return True
    return effect.operation == "PutJobSuccessResult" and "continuationToken" not in effect.body

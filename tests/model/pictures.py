"""The state of the sandbox's services, in a form that a replay can compare with the model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from codepipeline_sandbox.codepipeline.api.execution_operations import list_action_executions
from codepipeline_sandbox.codepipeline.models import codepipeline_backends
from playground.accounts import REGION, TOOLS
from tests.model.job_world import Action, Answer, Item, Job
from tests.model.theater import ACTION, PIPELINE

# Parts of messages that show why an action failed.
_SAID: Mapping[str, Answer] = {
    "was stopped in Step Functions": "aborted",
    "the run never began": "never began",
    "no longer in progress": "action ended",
}
_ACTIONS: Mapping[str, Any] = {
    "InProgress": "in progress",
    "Succeeded": "answered",
    "Failed": "answered",
    "Abandoned": "abandoned",
}


def shown(execution_id: str) -> Any:
    # The backend is called directly because a client would double the time that a replay takes.
    listed = list_action_executions(
        codepipeline_backends[TOOLS][REGION],
        pipeline_name=PIPELINE,
        filter={"pipelineExecutionId": execution_id},
    )["actionExecutionDetails"]
    return next(each for each in listed if each["actionName"] == ACTION)


def action_of(shown: Any) -> Action:
    status = _ACTIONS[shown["status"]]
    if status != "answered":
        return Action(status)
    result = shown.get("output", {}).get("executionResult", {})
    message = result.get("errorDetails", {}).get("message", "")
    return Action(status, _answer(shown["status"] == "Succeeded", message))


def jobs_of(events: Sequence[Any], action: str) -> tuple[Job, ...]:
    """Convert the jobs' events to the model's jobs. `action` is the action's status."""
    older = len(events) - 1
    return tuple(
        Job(_job_status(event["id"], "InProgress" if number < older else action), _number(event))
        for number, event in enumerate(events)
    )


def item_of(stored: Mapping[str, Any], ids: Sequence[str]) -> Item | None:
    """Convert a stored item to the model's item. `ids` contains the job IDs in order."""
    if not stored:
        return None
    answer = json.loads(stored["answer"]["S"]) if "answer" in stored else None
    return Item(
        job=ids.index(stored["job"]["S"]) + 1,
        n=int(stored["n"]["N"]),
        begun="begun" in stored,
        answer=answer and _answer(answer["kind"] == "Success", answer.get("message", "")),
    )


def _number(event: Any) -> int:
    token = event["data"].get("continuationToken")
    return json.loads(token)["n"] if token else 1


def _answer(success: bool, message: str) -> Answer:
    if success:
        return "succeeded"
    return next((answer for said, answer in _SAID.items() if said in message), "failed")


def _job_status(job: str, action: str) -> Any:
    """The job's status in the model.

    `action` is the status of the job's action. For older jobs, pass InProgress.
    """
    status = codepipeline_backends[TOOLS][REGION].jobs[job].status
    if status == "InProgress" or (status == "Failed" and action == "Abandoned"):
        return "open"
    return "continued" if action in {"InProgress", "Abandoned"} else "answered"

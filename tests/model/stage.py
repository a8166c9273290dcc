"""The stage of a replay: one action in the sandbox's CodePipeline, and its run.

The stage replaces the state machine and builds the input of each task from the results of earlier
tasks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.awslambda.asynchronous import Event
from codepipeline_sandbox.awslambda.destinations import record
from codepipeline_sandbox.kernel.world import TaskKilled
from codepipeline_sandbox.stepfunctions.models import backend_of
from playground.accounts import REGION, TOOLS
from tests.model.holding import NotAsInTheModel
from tests.model.job_world import FUNCTIONS, Answer, Process, World
from tests.model.pictures import action_of, item_of, jobs_of, shown
from tests.model.replay import Picture, Replay, RunPicture
from tests.model.theater import PIPELINE, Theater

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.protocols import Invocation
    from codepipeline_sandbox.kernel.world import Task
    from codepipeline_sandbox.stepfunctions.runs.execution import Execution
    from tests.model.search import Step

# The stage pretends that the last renewal was this long ago. A renewal that finds no newer job then
# checks the action.
_RENEWED = timedelta(minutes=5)
_DELIVERY = 1.0  # seconds in which a rule delivers its event and a run reaches its wait


def play(theater: Theater, first: World, trace: Sequence[tuple[Step, World]]) -> None:
    """Replay a trace of the jobs model. Raises NotAsInTheModel at the first difference."""
    stage = SandboxStage(theater)
    try:
        Replay(theater.holder, stage).play(first, trace)
    finally:
        stage.close()


@dataclass
class TheRun:
    """The values that the state machine would keep in variables."""

    job: dict[str, Any] | None  # None if the run continues without a job
    end: dict[str, Any] = field(default_factory=dict)  # the result of ReportJobResult


class SandboxStage:
    """A `tests.model.replay.Stage` for one action."""

    def __init__(self, theater: Theater) -> None:
        """Start the action, and wait until its first job's event is in the queue."""
        self._at = theater
        self._jobs: list[dict[str, Any]] = []  # the event of each job
        self._run: TheRun | None = None
        self._closing: Any = None  # the latest event of close_job
        theater.queue.clear()
        self._execution_id = theater.company.start(PIPELINE)
        self._next_job()

    def close(self) -> None:
        for task in self._at.functions.running:
            task.kill()
        run = self._execution()
        if run is not None and run.status == "RUNNING":
            self._at.stepfunctions.stop_execution(executionArn=run.arn)
        if shown(self._execution_id)["status"] == "InProgress":
            self._abandon()
        self._at.pass_time(_DELIVERY)

    def invoke(self, process: Process, *, again: bool) -> Task:
        if process.task == "close run":
            event = self._closing if again else self._at.take("CloseJob")
            self._closing = event
        elif process.task == "close job":
            event = self._record(process.job)
        elif process.task == "job":
            event = {"CodePipeline.job": self._jobs[process.job - 1]}
        else:
            event = self._payload(process)
        return self._at.invoke(FUNCTIONS[process.task], event)[0]

    def happen(self, step: Step, before: World, after: World) -> None:
        if len(after.jobs) > len(before.jobs):
            self._next_job()
        elif after.action.status != before.action.status:
            self._abandon()
        elif before.run is not None and after.run is not None:
            self._change(before.run.status, after.run.status)
        if step.fault == "status event lost":
            self._at.take("CloseJob")

    def ended(self, process: Process, task: Task, *, gave_up: bool) -> None:
        answer = _returned(task)
        self._at.pass_time()  # so that the container is free for the next event
        if process.orphan or process.task not in {"confirm", "renew", "report"}:
            return
        run = self._knows()
        if process.task == "report":
            run.end = answer
            if gave_up:
                self._fail("ResultNotReported", json.dumps(self._unreported(process)))
        elif answer:
            run.job = answer["changes"]["job"]
        if process.task == "confirm" and answer and answer["changes"]["abandoned"]:
            self._end("action ended")

    def picture(self) -> Picture:
        for function, _ in self._at.queue:
            raise NotAsInTheModel(f"{function} is invoked")
        action, run = shown(self._execution_id), self._jobs[0]["id"]
        item = item_of(self._at.stored(self._at.jobs, run=run), [job["id"] for job in self._jobs])
        jobs = jobs_of(self._jobs, action["status"])
        return Picture(action_of(action), jobs, item, self._of_run())

    # Steps

    def _next_job(self) -> None:
        self._at.cloud.world.run_until(lambda: bool(self._at.queue))
        self._jobs.append(self._at.take("CodePipelineJob")["CodePipeline.job"])

    def _abandon(self) -> None:
        self._at.codepipeline.stop_pipeline_execution(
            pipelineName=PIPELINE, pipelineExecutionId=self._execution_id, abandon=True
        )

    def _change(self, before: str, after: str) -> None:
        arn = self._must_run().arn
        if (before, after) == ("RUNNING", "ABORTED"):
            self._at.stepfunctions.stop_execution(executionArn=arn)
            self._at.pass_time(_DELIVERY)
        elif (before, after) == ("ABORTED", "RUNNING"):
            self._at.stepfunctions.redrive_execution(executionArn=arn)
        elif before != after:
            self._end("succeeded" if self._knows().job is None else "")

    def _end(self, outcome: Answer | str) -> None:
        run = self._knows()
        if outcome:
            run.job = None
            payload = {**self._base(), "state": "ReportJobResult", "report": _report(outcome)}
            _, done = self._at.invoke("ReportJobResult", payload)
            run.end = json.loads(self._at.cloud.world.result_of(done).invocation.payload)
        if run.end["succeeded"]:
            self._tell("success", output=json.dumps(run.end["result"]))
        else:
            self._fail(run.end["error"], run.end["cause"])

    def _fail(self, error: str, cause: str) -> None:
        self._tell("failure", error=error, cause=cause)

    def _tell(self, how: str, **told: str) -> None:
        self._at.pass_time(_DELIVERY)
        token = self._at.stored(self._at.waits, execution=self._must_run().name)["token"]["S"]
        send = getattr(self._at.stepfunctions, f"send_task_{how}")
        send(taskToken=token, **told)
        self._at.pass_time(_DELIVERY)

    def _record(self, job: int) -> dict[str, Any]:
        """The record that close_job receives from Lambda for an event that failed three times."""
        world = self._at.cloud.world
        function = self._at.function("CodePipelineJob")
        event = Event(
            function.function_arn,
            json.dumps({"CodePipeline.job": self._jobs[job - 1]}),
            world.uuid(),
            world.now,
            attempts=3,
        )
        return record(event, function, "RetriesExhausted", world)

    def _payload(self, process: Process) -> dict[str, Any]:
        payload = self._base()
        if process.task == "confirm":
            return {**payload, "state": "ConfirmAction", "redrives": process.redrives}
        if process.task == "renew":
            return {**payload, "state": "RenewJob"}
        report = _report(process.outcome)
        return {**payload, "state": "ReportJobResult", "report": report}

    def _base(self) -> dict[str, Any]:
        run, now = self._must_run(), datetime.fromtimestamp(self._at.cloud.world.now, UTC)
        job = self._knows().job
        if job is not None:
            job = {**job, "renewAt": now.isoformat()}
            if job.get("renewedAt"):
                job["renewedAt"] = (now - _RENEWED).isoformat()
        return {
            "run": run.arn,
            "startTime": run.start_date.isoformat(),
            "job": job,
            "target": {
                "pipelineName": "local",
                "account": TOOLS,
                "region": REGION,
                "partition": "aws",
                "roleArn": f"arn:aws:iam::{TOOLS}:role/target",
                "externalId": None,
                "roleSessionName": "run",
            },
            "request": {
                "mode": "start",
                "wait": True,
                "startedAt": run.start_date.isoformat(),
                "deadline": (now + timedelta(hours=8)).isoformat(),
            },
            "execution": {"pipelineExecutionId": self._execution_id},
            "memory": None,
            "pollAt": (now + timedelta(minutes=15)).isoformat(),
        }

    def _unreported(self, process: Process) -> dict[str, Any]:
        base = self._base()
        kept = {name: base[name] for name in ("target", "request", "execution")}
        return {"message": "Not reported.", **kept, "report": _report(process.outcome)}

    # Current state

    def _knows(self) -> TheRun:
        if self._run is None:
            given = json.loads(self._must_run().input)["job"]
            self._run = TheRun({"digest": given["secret"]})
        return self._run

    def _must_run(self) -> Execution:
        run = self._execution()
        if run is None:
            raise NotAsInTheModel("there is no run")
        return run

    def _execution(self) -> Execution | None:
        machine = self._at.company.state_machine
        arn = f"{machine.replace(':stateMachine:', ':execution:')}:{self._jobs[0]['id']}"
        return backend_of(machine).executions.get(arn)

    def _of_run(self) -> RunPicture | None:
        run = self._execution()
        if run is None:
            return None
        if run.status != "RUNNING":
            return RunPicture(run.status)
        job = self._knows().job
        if job is None:
            return RunPicture(run.status, jobless=True)
        return RunPicture(run.status, job.get("renewed", 0))


def _returned(task: Task) -> dict[str, Any]:
    try:
        invocation: Invocation = task.outcome.result()
    except TaskKilled:
        return {}
    if invocation.error is not None:
        return {}
    answer: dict[str, Any] | None = json.loads(invocation.payload)
    return answer or {}


def _report(outcome: Answer | str) -> dict[str, Any]:
    if outcome == "succeeded":
        return {"outcome": "Succeeded", "status": "Succeeded"}
    if outcome == "action ended":
        cause = "The action that asked for this run is no longer in progress."
        return {"outcome": "Error", "error": "InvokingActionEnded", "cause": cause}
    return {"outcome": "Error", "error": "JobsUnavailable", "cause": "The table is down."}

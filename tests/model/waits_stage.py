"""The stage of the waits model: a run of the real state machine, its target, and wake.

The run is held at each poll and at each call that the state machine makes itself. Between these
calls, it runs and waits as it would on AWS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from moto.dynamodb.models import dynamodb_backends

from codepipeline_orchestrator.model.listening import ANNOUNCED, waits_key
from codepipeline_sandbox.awslambda.functions import Functions
from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.kernel.protocols import MACHINE
from codepipeline_sandbox.stepfunctions.models import backend_of
from playground.accounts import REGION, TOOLS
from playground.company import Action, Company
from tests.model.holding import Holder, NotAsInTheModel
from tests.model.waits import Event, Machine, Waits, Waker

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.protocols import Call
    from codepipeline_sandbox.kernel.world import Task
    from codepipeline_sandbox.stepfunctions.runs.execution import Execution
    from tests.model.search import Step

_TARGET = "web"
_POLL = "codepipeline:GetPipelineExecution"
_DELIVERY = 0.6  # seconds in which a rule delivers its event
_NEVER = 10**9  # seconds
_SHORT, _LONG = 45.0, 905.0  # the longest waits in seconds: after an announced end, and otherwise
# How many polls after an announced end are released before the loop in `_poll`.
_TOLD_POLLS = 2
# The call at which the run is held for each place in the model. Empty if the run is not held.
_CALLS = {
    "poll": _POLL,
    "poll again": _POLL,
    "read heard": "dynamodb:GetItem",
    "register": "dynamodb:UpdateItem",
    "wait": "",
    "ended": "",
}
_WAKE_CALLS = {"count": "dynamodb:UpdateItem", "send": "stepfunctions:SendTaskSuccess"}
_EVENTS: Mapping[tuple[str, str], Event] = {
    ("CodePipeline Pipeline Execution State Change", "STARTED"): "action",
    ("CodePipeline Action Execution State Change", "STARTED"): "approval",
    ("CodePipeline Pipeline Execution State Change", "STOPPED"): "end",
}


class WaitsTheater:
    """A deployment of the product in which traces of the waits model are replayed."""

    def __init__(self, company: Company) -> None:
        """Prepare the company. Afterward, it can be used only for replays."""
        self.company, self.cloud = company, company.cloud
        # Events about the target execution, as the rule delivers them.
        self.events: dict[Event, Any] = {}
        self.holder = Holder(self.cloud, also=self._is_of_run)
        self.table = company.stack.resource("WaitsTable")
        self.stepfunctions = company.stepfunctions()
        self.codepipeline = company.codepipeline()
        assert isinstance(self.cloud.functions, Functions)
        self.functions = self.cloud.functions
        self.functions.invoke_async = self._keep  # type: ignore[method-assign] # the model delivers
        self.wake = self._function("Wake")
        self.wake.timeout = self._function("GetState").timeout = _NEVER
        self._get_state = self._function("GetState").function_name
        self._polls: set[Task] = set()
        stages = {"Approve": [Action("people", acts=(), provider="Manual")]}
        company.add_pipeline(_TARGET, stages, executionMode="PARALLEL")

    def play(self, first: Waits, trace: Sequence[tuple[Step, Waits]]) -> None:
        """Replay a trace. Raises NotAsInTheModel at the first difference."""
        stage = WaitsStage(self)
        before, lines = first, list[str]()
        try:
            for number, (step, after) in enumerate(trace, 1):
                lines.append(f"{number:4}. {step}")
                stage.take(step, before, after)
                stage.compare(after)
                before = after
        except NotAsInTheModel as error:
            so_far = "\n".join(lines)
            raise NotAsInTheModel(
                f"step {len(lines)}, {lines[-1][6:]}: {error}\n{so_far}"
            ) from error
        finally:
            stage.close()

    def _function(self, name: str) -> Any:
        name = self.company.stack.resource(f"{name}Function")
        return self.functions.find(f"arn:aws:lambda:{REGION}:{TOOLS}:function:{name}")

    def call_of(self, task: Task) -> str:
        """The model's name for the call at which one of the run's processes is held."""
        return _POLL if task.caller == self._get_state else self.holder.holds(task)

    def _is_of_run(self, call: Call) -> bool:
        """Whether this is a poll's first call, or a call that the state machine makes itself."""
        if call.task in self._polls:
            return False
        if call.caller == self._get_state:
            self._polls.add(call.task)
            return True
        return call.caller.startswith(MACHINE) and call.service == "dynamodb"

    def _keep(self, function_arn: str, payload: str) -> None:
        if function_arn != self.wake.function_arn:
            return  # the jobs model covers close_job
        event = json.loads(payload)
        kind = _EVENTS.get((event["detail-type"], event["detail"]["state"]))
        if kind is not None:
            self.events.setdefault(kind, event)


class WaitsStage:
    def __init__(self, theater: WaitsTheater) -> None:
        self._at = theater
        self._wakers: dict[tuple[str, int], Task] = {}  # invocations of wake, by event and copy
        theater.events.clear()
        settings.use(settings.Settings(end_visible_after=_NEVER))
        machine = theater.company.state_machine
        begun = theater.stepfunctions.start_execution(
            stateMachineArn=machine, input=json.dumps({"pipelineName": _TARGET})
        )
        self._run: Execution = backend_of(machine).executions[begun["executionArn"]]
        self._to_next_call()
        # Wait for the approval's event.
        theater.cloud.world.run_until(lambda: len(theater.events) > 1)
        self._execution = theater.events["action"]["detail"]["execution-id"]

    def close(self) -> None:
        if self._run.status == "RUNNING":
            self._at.stepfunctions.stop_execution(executionArn=self._run.arn)
        for task in (*self._at.functions.running, *self._at.holder.others()):
            task.kill()
        if "end" not in self._at.events:
            self._end_target()

    def take(self, step: Step, before: Waits, after: Waits) -> None:
        if isinstance(step.by, Waker):
            self._call_of_waker(step, step.by, after)
        elif isinstance(step.by, Machine):
            self._release(step.call, step.fault)
        elif step.call == _POLL:
            self._poll(again=before.runs[0].at == "poll again")
        elif step.who == "EventBridge":
            self._deliver(before, after)
        elif after.target != before.target:
            self._change_target(after)
        else:
            self._interrupt(step, before)
        if after.runs[0].at not in {"wait", "ended"}:
            self._to_next_call()

    def compare(self, world: Waits) -> None:
        for waker in world.wakers:
            task = self._wakers.get((waker.event, waker.copy))
            held = self._at.holder.holds(task) if task and waker.at != "queued" else ""
            _same(f"{waker.who} is at", _WAKE_CALLS.get(waker.at, ""), held)
        _same("the run is at", _CALLS[world.runs[0].at], self._held())
        _same("the counter is", world.heard, self._heard())
        registered = f"wait:{self._run.name}" in self._stored()
        _same("it has registered", bool(world.registered), registered)
        if world.runs[0].at == "ended":
            self._at.cloud.world.run_until(lambda: self._run.status != "RUNNING")
            # The stage abandons the target, so its run fails.
            _same("the run has ended", "FAILED", self._run.status)

    # Steps

    def _call_of_waker(self, step: Step, me: Waker, after: Waits) -> None:
        place = (me.event, me.copy)
        task = self._wakers[place]
        self._at.holder.release(task, step.call, step.fault)
        goes_on = any(
            (each.event, each.copy) == place and each.at != "queued" for each in after.wakers
        )
        if not goes_on and self._at.holder.holds(task):
            raise NotAsInTheModel(f"{me.who} continues with {self._at.holder.holds(task)}")
        if not goes_on:
            del self._wakers[place]
        self._pass_time()

    def _deliver(self, before: Waits, after: Waits) -> None:
        (invoked,) = (each for each in after.wakers - before.wakers if each.at != "queued")
        self._at.functions.run(self._at.wake, json.dumps(self._at.events[invoked.event]))
        task = self._at.functions.running[-1]
        self._at.holder.hold(task)
        self._wakers[invoked.event, invoked.copy] = task

    def _poll(self, *, again: bool) -> None:
        """Release one poll. If `again` is true, also release the polls after the short waits."""
        self._release(_POLL)
        for _ in range(len(ANNOUNCED) - _TOLD_POLLS if again else 0):
            self._to_next_call()
            if self._run.status != "RUNNING" or self._heard() != self._known():
                return
            self._release("dynamodb:UpdateItem")
            self._to_next_call()
            self._release(_POLL)

    def _change_target(self, after: Waits) -> None:
        if after.target == "shown":
            settings.use(settings.Settings())
        else:
            self._end_target()

    def _interrupt(self, step: Step, before: Waits) -> None:
        if step.who != "Operator":
            self._time_out(at_most=_SHORT if before.runs[0].told else _LONG)
            return
        self._at.stepfunctions.stop_execution(executionArn=self._run.arn)
        self._at.stepfunctions.redrive_execution(executionArn=self._run.arn)

    def _time_out(self, *, at_most: float) -> None:
        began = self._at.cloud.world.now
        self._to_next_call()
        lasted = self._at.cloud.world.now - began
        if lasted > at_most:
            raise NotAsInTheModel(f"the run waits for {lasted:.0f} seconds")

    def _end_target(self) -> None:
        self._at.codepipeline.stop_pipeline_execution(
            pipelineName=_TARGET, pipelineExecutionId=self._execution, abandon=True
        )
        self._pass_time(_DELIVERY)

    def _release(self, call: str, fault: str = "") -> None:
        task = next(iter(self._at.holder.others()), None)
        if task is None or self._at.call_of(task) != call:
            raise NotAsInTheModel(f"the model makes the call {call}, the run {self._held()}")
        self._at.holder.release(task, self._at.holder.holds(task), fault)
        self._pass_time()

    def _to_next_call(self) -> None:
        world = self._at.cloud.world
        world.run_until(lambda: bool(self._held()) or self._run.status != "RUNNING")

    def _pass_time(self, seconds: float = 0.05) -> None:
        self._at.cloud.world.run(until=self._at.cloud.world.now + seconds)

    # Current state

    def _held(self) -> str:
        return next(map(self._at.call_of, self._at.holder.others()), "")

    def _heard(self) -> int | None:
        stored = self._stored()
        return int(stored["heard"]["N"]) if "heard" in stored else None

    def _known(self) -> int:
        (task,) = self._at.holder.others()
        asked = self._at.holder.request(task)
        return int(asked["ExpressionAttributeValues"][":heard"]["N"])

    def _stored(self) -> Mapping[str, Any]:
        key = {"execution": {"S": waits_key(TOOLS, REGION, _TARGET, self._execution)}}
        item = dynamodb_backends[TOOLS][REGION].get_item(self._at.table, key)
        return item.to_json()["Attributes"] if item else {}


def _same(what: str, model: object, sandbox: object) -> None:
    if model != sandbox:
        raise NotAsInTheModel(f"{what} {sandbox!r}, in the model {model!r}")

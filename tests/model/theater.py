"""A deployment of the product in which traces are replayed.

The functions run with the template's permissions and settings. Asynchronous invocations wait in a
queue until the trace delivers them. The state machine is replaced by one that only waits. The
trace decides when the run invokes each task.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.dynamodb.models import dynamodb_backends

from codepipeline_sandbox.awslambda.functions import Functions
from codepipeline_sandbox.codepipeline import settings
from playground.accounts import REGION, TOOLS
from tests.model.holding import Holder, NotAsInTheModel
from tests.model.job_world import FUNCTIONS
from tests.model.replay import LEFT_OUT

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.world import Promise, Task
    from playground.company import Company

PIPELINE = "release"
ACTION = "ask"
_TO_NEXT_JOB = 300.0  # seconds; longer than the pauses between close_job's attempts
_NEVER = 10**9  # seconds


def waiting_machine(waits_table: str) -> str:
    """Define a state machine that stores its task token and waits for the token's result."""
    update = {
        "TableName": waits_table,
        "Key": {"execution": {"S": "{% $states.context.Execution.Name %}"}},
        "UpdateExpression": "SET #token = :token",
        "ExpressionAttributeNames": {"#token": "token"},
        "ExpressionAttributeValues": {":token": {"S": "{% $states.context.Task.Token %}"}},
    }
    wait = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
        "Arguments": update,
        "End": True,
    }
    return json.dumps({"QueryLanguage": "JSONata", "StartAt": "Wait", "States": {"Wait": wait}})


class Theater:
    def __init__(self, company: Company) -> None:
        """Prepare the company. Afterward, it can be used only for replays."""
        self.cloud = company.cloud
        self.company = company
        self.queue: list[tuple[str, Any]] = []  # function, event
        self.holder = Holder(self.cloud, let_pass=LEFT_OUT)
        settings.use(
            settings.Settings(
                job_silence=_NEVER, job_limit=_NEVER, continuation_interval=_TO_NEXT_JOB
            )
        )
        assert isinstance(self.cloud.functions, Functions)
        self.functions = self.cloud.functions
        self.functions.invoke_async = self._queue  # type: ignore[method-assign] # as above
        for name in FUNCTIONS.values():
            self.function(name).timeout = _NEVER
        self.waits = company.stack.resource("WaitsTable")
        self.jobs = company.stack.resource("JobsTable")
        self.stepfunctions = company.stepfunctions()
        self.codepipeline = company.codepipeline()
        self.stepfunctions.update_state_machine(
            stateMachineArn=company.state_machine, definition=waiting_machine(self.waits)
        )
        asks = company.waiting_action(ACTION, {"pipelineName": "local"})
        company.add_pipeline(PIPELINE, {"Deploy": [asks]}, executionMode="PARALLEL")

    def function(self, name: str) -> Any:
        """Find a function by its resource name in the template, without the suffix "Function"."""
        arn = self.company.stack.resource(f"{name}Function")
        return self.functions.find(_function_arn(arn))

    def invoke(self, name: str, event: Any) -> tuple[Task, Promise[Any]]:
        """Create an invocation without running it, and return it with a promise of its result."""
        done = self.functions.run(self.function(name), json.dumps(event))
        return self.functions.running[-1], done

    def take(self, name: str) -> Any:
        wanted = self.function(name).function_name
        for place, (function, event) in enumerate(self.queue):
            if function == wanted:
                del self.queue[place]
                return event
        raise NotAsInTheModel(f"nobody has invoked {name}")

    def pass_time(self, seconds: float = 0) -> None:
        """Run everything that is due, except the held processes."""
        self.cloud.world.run(until=self.cloud.world.now + seconds)

    def stored(self, table: str, **key: str) -> Mapping[str, Any]:
        """The item in DynamoDB, or {} if it does not exist."""
        keys = {name: {"S": value} for name, value in key.items()}
        item = dynamodb_backends[TOOLS][REGION].get_item(table, keys)
        return item.to_json()["Attributes"] if item else {}

    def _queue(self, function_arn: str, payload: str) -> None:
        name = function_arn.split(":")[6]
        if name != self.function("Wake").function_name:  # the waits model covers wake
            self.queue.append((name, json.loads(payload)))


def _function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{TOOLS}:function:{name}"

"""The CodePipeline invoke action, which starts another pipeline in the same account.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-PipelineInvoke.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError

from codepipeline_sandbox import api_model
from codepipeline_sandbox.codepipeline import console, settings
from codepipeline_sandbox.codepipeline.engine import requests
from codepipeline_sandbox.codepipeline.exceptions import ValidationException
from codepipeline_sandbox.codepipeline.providers import acting
from codepipeline_sandbox.kernel import here
from codepipeline_sandbox.kernel.protocols import AccessDenied

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun
    from codepipeline_sandbox.codepipeline.engine.executions import Execution

OPERATION = "StartPipelineExecution"
# The configuration keys that contain JSON, and the request member that each one sets.
LISTS = {"SourceRevisions": "sourceRevisions", "Variables": "variables"}


class PipelineInvoke:
    """The provider for CodePipeline invoke actions."""

    def __init__(self, run: ActionRun) -> None:
        self._run = run

    def begin(self) -> None:
        """Start the execution. If that is not possible, fail the action.

        A setting determines whether the action then waits for the execution to end.
        """
        run = self._run
        try:
            started = self._start()
        except AccessDenied as error:
            run.fail("PermissionError", str(error))
            return
        except JsonRESTError as error:
            code = settings.current().pipeline_not_started_code
            run.fail(code, f"The pipeline was not started: {error.message}")
            return
        run.show(external_execution_id=started.id, external_url=_console_url(started))
        if settings.current().pipeline_invoke_waits:
            started.ended.then(lambda: self._finish(started))
        else:
            run.succeed()

    def abandon(self) -> None:
        """Do nothing. The other pipeline's execution continues."""

    def _start(self) -> Execution:
        run = self._run
        backend = run.execution.pipeline.backend.in_region(run.region)
        name = run.resolved_configuration["PipelineName"]
        arn = f"arn:{backend.partition}:codepipeline:{run.region}:{backend.account_id}:{name}"
        acting.require(run, f"codepipeline:{OPERATION}", arn)
        request = {"name": name, **_lists(run.resolved_configuration)}
        api_model.check_request("codepipeline", OPERATION, request)
        return requests.start(
            backend.pipeline(name),
            request["variables"] or (),
            request["sourceRevisions"] or (),
            caller=_session(run),
        )

    def _finish(self, started: Execution) -> None:
        run = self._run
        if run.status != "InProgress":
            return
        status = started.ended.result()
        run.show(summary=f"Execution {status}")
        if status == "Succeeded":
            run.succeed()
        else:
            run.fail("JobFailed", f"Execution {started.id} ended with status {status}")


def _lists(configuration: dict[str, str]) -> dict[str, Any]:
    try:
        return {member: json.loads(configuration.get(key, "null")) for key, member in LISTS.items()}
    except (ValueError, RecursionError) as error:
        raise ValidationException(
            f"The action configuration has a value that is not JSON: {error}"
        ) from error


def _session(run: ActionRun) -> str:
    """The ARN of the role session that CodePipeline uses, which is named after the current time."""
    partition, account, role = (run.role_arn.split(":")[index] for index in (1, 4, 5))
    name = role.rpartition("/")[2]
    session = int(here.current().world.now * 1000)
    return f"arn:{partition}:sts::{account}:assumed-role/{name}/{session}"


def _console_url(execution: Execution) -> str:
    region = execution.pipeline.region
    place = f"{execution.pipeline.name}/executions/{execution.id}"
    return console.link(
        region, f"codesuite/codepipeline/pipelines/{place}/timeline?region={region}"
    )

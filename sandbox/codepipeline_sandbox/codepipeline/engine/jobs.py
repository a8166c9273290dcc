"""The jobs that actions give to functions and job workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.engine import artifacts
from codepipeline_sandbox.codepipeline.engine.artifacts import Revision
from codepipeline_sandbox.codepipeline.exceptions import (
    InvalidJobStateException,
    OutputVariablesSizeExceededException,
    ValidationException,
)
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.engine.job_actions import JobAction

FINISHED = {"Failed", "Succeeded", "TimedOut"}
# The members that pipelineContext omits, for each value of the setting lambda_job_context.
_MISSING = {
    "full": set[str](),
    "without_arn": {"pipelineArn"},
    "without_execution": {"pipelineExecutionId"},
    "without_arn_and_execution": {"pipelineArn", "pipelineExecutionId"},
    "names": {"pipelineArn", "pipelineExecutionId"},
}
# The maximum total size of an action's output variables, in bytes.
OUTPUT_VARIABLES_LIMIT = 122_880


class Job:
    """Work for a function or a job worker. `status` is one of the API's JobStatus values."""

    def __init__(self, action: JobAction, continuation_token: str | None) -> None:
        world = here.current().world
        self.id = world.uuid()
        self.status = "Created"
        self.credentials = artifacts.credentials(world.random)
        self.abandoned = False  # true if the action was abandoned before the job was answered
        self._created = world.now
        self._action = action
        self._continuation_token = continuation_token

    @property
    def open(self) -> bool:
        """Whether the job accepts a result."""
        return self.status == "InProgress"

    @property
    def finished(self) -> bool:
        """Whether the job has ended."""
        return self.status in FINISHED

    @property
    def of_function(self) -> bool:
        """Whether the job belongs to a Lambda action, as opposed to a custom action."""
        provider: str = self._action.run.declaration["actionTypeId"]["provider"]
        return provider == "Lambda"

    def event(self) -> dict[str, Any]:
        """The event that the function receives."""
        data = self._data()
        lifetime = settings.current().credentials_tell_lifetime
        if lifetime is not None:
            expires = {"expirationTime": int((self._created + lifetime) * 1000)}
            data["artifactCredentials"] = {**self.credentials, **expires}
        return {"CodePipeline.job": self._described(data)}

    def details(self) -> dict[str, Any]:
        """The response of GetJobDetails: the event's data and the job's place in the pipeline."""
        run = self._action.run
        data = self._data()
        for artifact in (*data["inputArtifacts"], *data["outputArtifacts"]):
            if artifact["revision"] is None:
                del artifact["revision"]  # null in the event, but absent from the API's response
        type_id = run.declaration["actionTypeId"]
        return self._described({"actionTypeId": type_id, **self._context(), **data})

    def succeed(
        self,
        continuation_token: str | None,
        execution_details: Mapping[str, Any],
        output_variables: Mapping[str, str],
        current_revision: Mapping[str, Any] | None,
    ) -> None:
        """Handle PutJobSuccessResult. Without a continuation token, this ends the action."""
        if self._ignores_answer():
            return
        self._require_open()
        _check_output_variables(continuation_token, output_variables)
        self._action.run.revision = current_revision or self._action.run.revision
        self._show(
            summary=execution_details.get("summary"),
            external_execution_id=execution_details.get("externalExecutionId"),
            percent_complete=execution_details.get("percentComplete"),
        )
        if continuation_token is None:
            self._note_source(execution_details.get("summary"))
            self._action.succeeded(output_variables)
        else:
            self._action.continued(continuation_token)

    def fail(self, failure_details: Mapping[str, Any]) -> None:
        """Handle PutJobFailureResult, which ends the action."""
        if self._ignores_answer():
            return
        self._require_open()
        self._show(external_execution_id=failure_details.get("externalExecutionId"))
        self._action.failed(failure_details["type"], failure_details["message"])

    def _note_source(self, summary: str | None) -> None:
        """Record the revision reported by a custom source as the execution's source revision."""
        run, revision = self._action.run, self._action.run.revision
        if revision is None or run.declaration["actionTypeId"]["category"] != "Source":
            return
        run.execution.revisions[run.name] = Revision(
            run.name,
            run.output_artifacts[0].name if run.output_artifacts else None,
            revision["revision"],
            revision.get("revisionSummary", summary),
            here.current().world.now,
            change_identifier=revision["changeIdentifier"],
        )

    def _show(self, *, external_execution_id: str | None, **details: Any) -> None:
        link = self._action.link(external_execution_id) if external_execution_id else None
        self._action.run.show(
            external_execution_id=external_execution_id, external_url=link, **details
        )

    def _ignores_answer(self) -> bool:
        """Whether to ignore the result. Only the first one after abandonment is ignored."""
        ignored = self.abandoned and settings.current().abandoned_job_answer == "ignored"
        self.abandoned = False
        return ignored

    def _require_open(self) -> None:
        if not self.open:
            raise InvalidJobStateException(
                f"The job {self.id} is {self.status} and does not accept a result"
            )

    def _described(self, data: dict[str, Any]) -> dict[str, Any]:
        account = self._action.run.execution.pipeline.account_id
        return {"id": self.id, "accountId": account, "data": data}

    def _context(self) -> dict[str, Any]:
        """The pipelineContext member. A setting selects its content for Lambda actions."""
        run = self._action.run
        context = {
            "pipelineName": run.execution.pipeline.name,
            "stage": {"name": run.stage_run.name},
            "action": {"name": run.name, "actionExecutionId": run.id},
            "pipelineArn": run.execution.pipeline.arn,
            "pipelineExecutionId": run.execution.id,
        }
        if not self.of_function:
            return {"pipelineContext": context}
        variant = settings.current().lambda_job_context
        if variant == "none":
            return {}
        if variant == "names":
            context["action"] = {"name": run.name}
        missing = _MISSING[variant]
        return {"pipelineContext": {k: v for k, v in context.items() if k not in missing}}

    def _data(self) -> dict[str, Any]:
        run = self._action.run
        revisions = self._revisions()
        data: dict[str, Any] = {
            "actionConfiguration": {"configuration": run.resolved_configuration},
            "inputArtifacts": [
                each.in_job(revisions.get(each.name)) for each in run.input_artifacts
            ],
            "outputArtifacts": [artifact.in_job() for artifact in run.output_artifacts],
            "artifactCredentials": self.credentials,
        }
        if self._continuation_token is not None:
            data["continuationToken"] = self._continuation_token
        if "encryptionKey" in run.artifact_store:
            data["encryptionKey"] = run.artifact_store["encryptionKey"]
        return data

    def _revisions(self) -> dict[str | None, str]:
        """The source revisions by artifact name. Empty if a setting excludes them from jobs."""
        if not settings.current().artifacts_tell_revision:
            return {}
        found = self._action.run.execution.revisions.values()
        return {revision.artifact_name: revision.revision_id for revision in found}


def _check_output_variables(token: str | None, variables: Mapping[str, str]) -> None:
    if token is not None and variables:
        raise ValidationException(
            "Output variables cannot be provided together with a continuation token"
        )
    size = sum(len(text.encode()) for pair in variables.items() for text in pair)
    if size > OUTPUT_VARIABLES_LIMIT:
        raise OutputVariablesSizeExceededException(
            f"The output variables total {size} bytes, over the limit of {OUTPUT_VARIABLES_LIMIT}"
        )

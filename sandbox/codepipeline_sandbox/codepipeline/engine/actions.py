"""An action's run, from its configuration to its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.declaration import custom_types, variables
from codepipeline_sandbox.codepipeline.engine import artifacts, events
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.declaration.custom_types import CustomActionType
    from codepipeline_sandbox.codepipeline.engine.artifacts import Artifact
    from codepipeline_sandbox.codepipeline.engine.provider import Provider
    from codepipeline_sandbox.codepipeline.engine.stages import StageRun


@dataclass(frozen=True)
class ActionError:
    """Why an action failed. The API returns this as `errorDetails`."""

    code: str
    message: str


class ActionRun:
    """An action's run. `status` is one of the API's ActionExecutionStatus values."""

    def __init__(self, stage_run: StageRun, declaration: Mapping[str, Any], identity: str) -> None:
        self.id = identity
        self.stage_run = stage_run
        self.execution = stage_run.execution
        self.number = self.execution.pipeline.next_action_number()
        self.attempt = self.execution.attempt
        self.declaration = declaration
        self.name: str = declaration["name"]
        self.status = "InProgress"
        now = here.current().world.now
        self.start_time = self.last_update = self.last_status_change = now
        self.configuration: dict[str, str] = dict(declaration["configuration"])
        self.resolved_configuration = self.configuration
        self.input_artifacts = self._inputs()
        self.output_artifacts = self._outputs()
        self.summary: str | None = None
        self.external_execution_id: str | None = None
        self.external_url: str | None = None
        self.log_stream_arn: str | None = None
        self.percent_complete: int | None = None
        self.error: ActionError | None = None
        self.token: str | None = None  # an approval's token, kept after the decision
        self.updated_by: str | None = None  # who approved or rejected the action
        self.revision: Mapping[str, Any] | None = None  # reported by PutJobSuccessResult
        self.output_variables: dict[str, str] = {}
        self._provider: Provider | None = None

    @property
    def region(self) -> str:
        """The Region that the action declares, or the pipeline's Region."""
        region: str = self.declaration.get("region", self.execution.pipeline.region)
        return region

    @property
    def custom_type(self) -> CustomActionType | None:
        """The action's custom type, if the account has created it in the action's Region."""
        type_id = self.declaration["actionTypeId"]
        if type_id["owner"] != "Custom":
            return None
        backend = self.execution.pipeline.backend.in_region(self.region)
        return backend.custom_types.get(custom_types.key_of(type_id))

    @property
    def pending_approval(self) -> bool:
        """Whether the action is waiting for an approval."""
        return self.token is not None and self.status == "InProgress"

    @property
    def role_arn(self) -> str:
        """The role that the action declares, or the pipeline's role."""
        role: str = self.declaration.get("roleArn", self.execution.declaration["roleArn"])
        return role

    @property
    def artifact_store(self) -> Mapping[str, Any]:
        """The artifact store for the action's Region."""
        declaration = self.execution.declaration
        store: Mapping[str, Any] | None = declaration.get("artifactStore")
        return store if store is not None else declaration["artifactStores"][self.region]

    def begin(self) -> None:
        """Resolve the configuration and start the provider's work."""
        if self.status != "InProgress":
            return
        if len(self.input_artifacts) < len(self.declaration["inputArtifacts"]):
            message = (
                f"An input artifact of {self.name} does not exist because its stage was skipped"
            )
            self.fail(settings.current().missing_artifact_code, message)
            return
        try:
            values = self.execution.outputs
            self.resolved_configuration = variables.resolve(self.configuration, values)
        except variables.Unresolved as error:
            message = f"The reference {error} in the configuration of {self.name} has no value"
            self.fail(settings.current().unresolved_reference_code, message)
            return
        except variables.TooLarge as error:
            message = (
                f"The resolved configuration of {self.name} is {error}, over the limit of 100 KB"
            )
            self.fail(settings.current().oversized_configuration_code, message)
            return
        self._provider = self.execution.pipeline.backend.provider_of(self)
        self._provider.begin()

    def show(
        self,
        *,
        summary: str | None = None,
        external_execution_id: str | None = None,
        external_url: str | None = None,
        log_stream_arn: str | None = None,
        percent_complete: int | None = None,
    ) -> None:
        """Update the details that the provider reports, and keep the ones it omits."""
        self.summary = summary or self.summary
        self.external_execution_id = external_execution_id or self.external_execution_id
        self.external_url = external_url or self.external_url
        self.log_stream_arn = log_stream_arn or self.log_stream_arn
        if percent_complete is not None:
            self.percent_complete = percent_complete
        self._touch()

    def succeed(self, output_variables: Mapping[str, str] | None = None) -> None:
        """End the action as Succeeded, and provide its output variables under its namespace."""
        self.output_variables = dict(output_variables or {})
        namespace = self.declaration.get("namespace")
        if namespace is not None:
            self.execution.outputs[namespace] = self.output_variables
        self._end("Succeeded")

    def fail(self, code: str | None, message: str | None) -> None:
        """End the action as Failed. It has no error details if `code` and `message` are None."""
        if code is not None or message is not None:
            self.error = ActionError(code or "JobFailed", message or "The action failed")
        self._end("Failed")

    def abandon(self) -> None:
        """Abandon the action. Its provider's work may continue but no longer affects the action."""
        if self._provider is not None:
            self._provider.abandon()
        self._become("Abandoned")

    def _end(self, status: str) -> None:
        self._become(status)
        self.stage_run.proceed()

    def _become(self, status: str) -> None:
        self.status = status
        self.last_status_change = here.current().world.now
        self._touch()
        events.action_changed(self, status)

    def _touch(self) -> None:
        self.last_update = here.current().world.now
        self.execution.touch()

    def _inputs(self) -> list[Artifact]:
        names = [artifact["name"] for artifact in self.declaration["inputArtifacts"]]
        made, store = self.execution.artifacts, self.artifact_store
        # CodePipeline copies artifacts from other Regions before the action begins.
        return [made[name].in_store(store) for name in names if name in made]

    def _outputs(self) -> list[Artifact]:
        random = here.current().world.random
        pipeline = self.execution.pipeline.name
        made = [
            artifacts.make(each["name"], pipeline, self.artifact_store, random)
            for each in self.declaration["outputArtifacts"]
        ]
        self.execution.artifacts.update({artifact.name: artifact for artifact in made})
        return made

"""A pipeline with all versions of its declaration, its executions, and its stages."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.engine import modes, rollbacks
from codepipeline_sandbox.codepipeline.engine.executions import Execution
from codepipeline_sandbox.codepipeline.engine.stages import Stage
from codepipeline_sandbox.codepipeline.exceptions import (
    ConcurrentPipelineExecutionsLimitExceededException,
    PipelineExecutionNotFoundException,
    PipelineNotFoundException,
    PipelineVersionNotFoundException,
    StageNotFoundException,
)
from codepipeline_sandbox.codepipeline.times import timestamp
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codepipeline_sandbox.codepipeline.engine.approvals import Approval
    from codepipeline_sandbox.codepipeline.engine.backend import Backend
    from codepipeline_sandbox.codepipeline.engine.requests import Request
    from codepipeline_sandbox.codepipeline.engine.sources import SourceRevisions
    from codepipeline_sandbox.codepipeline.engine.stages import StageRun


class Pipeline:
    """A pipeline in one account and Region."""

    def __init__(self, backend: Backend, declaration: Mapping[str, Any]) -> None:
        self.backend = backend
        self.account_id: str = backend.account_id
        self.region: str = backend.region_name
        self.name: str = declaration["name"]
        self.arn = (
            f"arn:{backend.partition}:codepipeline:{self.region}:{self.account_id}:{self.name}"
        )
        self.created = self.updated = here.current().world.now
        self.versions: list[dict[str, Any]] = []
        self.stages: dict[str, Stage] = {}
        self.executions: dict[str, Execution] = {}  # in the order in which they started
        self.requests: dict[str, Request] = {}  # by clientRequestToken
        self.approvals: dict[str, Approval] = {}  # approval requests by token
        self.tags: dict[str, str] = {}
        self._action_numbers = count(1)
        self._declare(declaration)

    @property
    def declaration(self) -> dict[str, Any]:
        """The newest version of the declaration."""
        return self.versions[-1]

    @property
    def version(self) -> int:
        """The number of the newest version. Versions start at 1."""
        return len(self.versions)

    @property
    def mode(self) -> modes.Mode:
        """The execution mode, which defines how the executions share the stages."""
        return modes.MODES[self.declaration["executionMode"]]

    @property
    def active(self) -> Iterator[Execution]:
        """The executions that have not ended, oldest first."""
        return (execution for execution in self.executions.values() if execution.active)

    def of_version(self, version: int | None) -> dict[str, Any]:
        """One version of the declaration. None means the newest version."""
        if version is None:
            return self.declaration
        rules = settings.current()
        if not self.version - rules.versions_kept < version <= self.version:
            if rules.version_not_kept == "pipeline":
                raise PipelineNotFoundException(self.account_id, self.name)
            raise PipelineVersionNotFoundException(
                f"Pipeline '{self.name}' does not have a version {version}"
            )
        return self.versions[version - 1]

    def metadata(self) -> dict[str, Any]:
        """Format the metadata for GetPipeline."""
        times = {"created": timestamp(self.created), "updated": timestamp(self.updated)}
        return {"pipelineArn": self.arn, **times}

    def update(self, declaration: Mapping[str, Any]) -> None:
        """Store a new version. The execution mode determines whether executions in progress end."""
        under_way = list(self.active)
        self._declare(declaration)
        self.updated = here.current().world.now
        # Newest first, so that no execution enters a stage that an older one has just left.
        for execution in reversed(under_way):
            execution.mode.definition_changed(execution)

    def next_action_number(self) -> int:
        """Return the sequence number for a new action run in the pipeline."""
        return next(self._action_numbers)

    def end(self) -> None:
        """End everything in progress, because the pipeline has been deleted."""
        for execution in reversed(list(self.active)):
            execution.end()

    def stage(self, name: str) -> Stage:
        """Return the stage with this name, even if only an older version has it."""
        return self.stages.setdefault(name, Stage(name))

    def declared(self, stage_name: str) -> Mapping[str, Any]:
        """Return a stage's declaration in the newest version. Raises StageNotFoundException."""
        for declaration in self.declaration["stages"]:
            if declaration["name"] == stage_name:
                return dict(declaration)
        raise StageNotFoundException(f"The pipeline '{self.name}' has no stage '{stage_name}'")

    def declared_stage(self, name: str) -> Stage:
        """Return the stage with this name in the newest version. Raises StageNotFoundException."""
        return self.stage(self.declared(name)["name"])

    def start(
        self,
        trigger: Mapping[str, str],
        variables: Mapping[str, str],
        source_revisions: SourceRevisions,
    ) -> Execution:
        """Start an execution using the newest version."""
        self.require_room()
        return self.begin(Execution(self, trigger, variables, source_revisions))

    def begin(self, execution: Execution) -> Execution:
        """Register an execution of any type, and start it."""
        self.executions[execution.id] = execution
        execution.start()
        return execution

    def roll_back(self, run: StageRun) -> None:
        """Roll a stage back to the execution that last succeeded in it, if there is one."""
        rollbacks.roll_back_automatically(run)

    @property
    def has_room(self) -> bool:
        """Whether the mode allows another execution in progress."""
        limit = settings.current().concurrent_executions
        return not self.mode.limited or sum(1 for _ in self.active) < limit

    def require_room(self) -> None:
        """Raise an error if the limit on executions in progress has been reached."""
        if not self.has_room:
            limit = settings.current().concurrent_executions
            raise ConcurrentPipelineExecutionsLimitExceededException(
                f"The pipeline '{self.name}' has reached the limit of {limit} concurrent executions"
            )

    def execution(self, execution_id: str) -> Execution:
        """Return the execution with this id. Raises PipelineExecutionNotFoundException."""
        execution = self.executions.get(execution_id)
        if execution is None or not execution.visible:
            raise PipelineExecutionNotFoundException(
                f"Pipeline execution with id '{execution_id}' does not exist "
                f"for pipeline '{self.name}'"
            )
        return execution

    def _declare(self, declaration: Mapping[str, Any]) -> None:
        self.versions.append({**declaration, "version": self.version + 1})
        names = [stage["name"] for stage in declaration["stages"]]
        declared = {name: self.stages.get(name) or Stage(name) for name in names}
        # Keep removed stages that still have executions, because a later version may add them
        # again.
        needed = {n: each for n, each in self.stages.items() if each.holder or each.waiting}
        self.stages = needed | declared
        before = None
        for stage in declared.values():
            stage.before, before = before, stage

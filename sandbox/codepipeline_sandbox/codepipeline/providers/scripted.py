"""The provider for actions that follow a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline.engine import sources
from codepipeline_sandbox.codepipeline.engine.artifacts import Revision
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.acts import Act
    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun
    from codepipeline_sandbox.kernel.world import Event


class Scripted:
    """Waits for the act's duration, then ends the action with the act's outcome."""

    def __init__(self, run: ActionRun, act: Act) -> None:
        self._run = run
        self._act = act
        self._end: Event | None = None

    def begin(self) -> None:
        """Show the act's ids and links, and schedule the end."""
        act = self._act
        self._run.show(
            external_execution_id=act.external_execution_id,
            external_url=act.external_url,
            log_stream_arn=act.log_stream_arn,
        )
        self._end = here.current().world.after(act.duration, self._finish)

    def abandon(self) -> None:
        """Cancel the scheduled end."""
        if self._end is not None:
            self._end.cancel()

    def _finish(self) -> None:
        run, act = self._run, self._act
        if act.outcome == "Failed":
            run.show(summary=act.summary)
            run.fail(act.error_code, act.error_message)
            return
        output_variables = dict(act.output_variables)
        if run.declaration["actionTypeId"]["category"] == "Source":
            output_variables = self._find_source() | output_variables
        run.show(summary=act.summary)
        run.succeed(output_variables)

    def _find_source(self) -> dict[str, str]:
        run, act, now = self._run, self._act, here.current().world.now
        found = sources.find(run, act.revision, act.summary)
        artifact = run.output_artifacts[0].name if run.output_artifacts else None
        run.execution.revisions[run.name] = Revision(
            run.name,
            artifact,
            found.revision_id,
            act.summary,
            now,
            act.external_url,
            found.change_identifier or act.change_identifier,
        )
        run.show(external_execution_id=act.external_execution_id or found.revision_id)
        return found.variables

"""An action that acts by script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sandbox.cloud
from sandbox.codepipeline.artifacts import Revision, letters

if TYPE_CHECKING:
    from sandbox.codepipeline.actions import ActionRun
    from sandbox.codepipeline.scripts import Act
    from sandbox.world import Event


class Scripted:
    """Takes the act's time and ends as the act says."""

    def __init__(self, run: ActionRun, act: Act) -> None:
        self._run = run
        self._act = act
        self._end: Event | None = None

    def begin(self) -> None:
        """Show what is known from the beginning, and wait."""
        act = self._act
        self._run.show(
            external_execution_id=act.external_execution_id, external_url=act.external_url
        )
        self._end = sandbox.cloud.current().world.after(act.duration, self._finish)

    def abandon(self) -> None:
        """End in nothing."""
        if self._end is not None:
            self._end.cancel()

    def _finish(self) -> None:
        run, act = self._run, self._act
        if act.outcome == "Failed":
            run.show(summary=act.summary)
            run.fail(act.error_code, act.error_message)
            return
        if run.declaration["actionTypeId"]["category"] == "Source":
            self._find_source()
        run.show(summary=act.summary)
        run.succeed(act.output_variables)

    def _find_source(self) -> None:
        run, act, world = self._run, self._act, sandbox.cloud.current().world
        asked = run.execution.source_revisions.get(run.name)
        found = asked or act.revision or letters(world.random, 40).lower()
        artifact = run.output_artifacts[0].name if run.output_artifacts else None
        revision = Revision(run.name, artifact, found, act.summary, world.now, act.external_url)
        run.execution.revisions[run.name] = revision
        run.show(external_execution_id=act.external_execution_id or found)

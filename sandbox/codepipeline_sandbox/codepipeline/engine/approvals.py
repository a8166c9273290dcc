"""Manual approvals, which wait until someone approves or rejects them, or until they time out.

https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.exceptions import (
    ApprovalAlreadyCompletedException,
    InvalidApprovalTokenException,
)
from codepipeline_sandbox.kernel import here

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.acts import Act
    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun
    from codepipeline_sandbox.kernel.world import Event

MINUTE = 60.0


class Approval:
    """A request for an approval.

    If the action has a script, the script approves or rejects it after the act's duration.
    """

    def __init__(self, run: ActionRun, act: Act | None) -> None:
        self._run = run
        self._act = act
        self._answered = False
        self._timers: list[Event] = []

    def begin(self) -> None:
        """Create the token and start the timers."""
        world, run = here.current().world, self._run
        run.token = world.uuid()
        run.execution.pipeline.approvals[run.token] = self
        if not run.execution.mode.locked:
            # GetPipelineState shows no stages of a PARALLEL pipeline, so approvers have to find the
            # token in ListActionExecutions.
            run.show(external_execution_id=run.token)
        self._timers = [world.after(self._limit(), self._time_out)]
        if self._act is not None:
            self._timers.append(world.after(self._act.duration, self._act_out))

    def abandon(self) -> None:
        """Cancel the timers."""
        for timer in self._timers:
            timer.cancel()

    def is_of(self, stage_name: str, action_name: str) -> bool:
        """Whether the request belongs to this action."""
        return (self._run.stage_run.name, self._run.name) == (stage_name, action_name)

    def answer(self, *, approved: bool, summary: str, by: str | None) -> None:
        """End the action with the approver's decision.

        Raises ApprovalAlreadyCompletedException, or InvalidApprovalTokenException for a request
        that has expired or been abandoned.
        """
        if self._answered:
            raise ApprovalAlreadyCompletedException("The approval has already been answered")
        if self._run.status != "InProgress":
            raise InvalidApprovalTokenException("The approval request has expired")
        self._answered = True
        self.abandon()
        self._run.updated_by = by
        self._run.show(summary=summary)
        if approved:
            self._run.succeed()
        else:
            code = settings.current().rejected_approval_code
            self._run.fail(code, summary if code is not None else None)

    def _limit(self) -> float:
        minutes: int | None = self._run.declaration.get("timeoutInMinutes")
        return settings.current().approval_limit if minutes is None else minutes * MINUTE

    def _act_out(self) -> None:
        act = self._act
        assert act is not None
        text = act.summary or act.error_message or ""
        self.answer(approved=act.outcome == "Succeeded", summary=text, by=None)

    def _time_out(self) -> None:
        self.abandon()
        self._run.fail(settings.current().timeout_error_code, "The approval was not given in time")

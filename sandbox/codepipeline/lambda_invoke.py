"""The Lambda invoke action: jobs for a function, until it has answered for good.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import sandbox.cloud
from sandbox.awslambda.errors import CannotInvoke
from sandbox.codepipeline import acting, settings
from sandbox.codepipeline.jobs import Job
from sandbox.services import AccessDenied

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.codepipeline.actions import ActionRun
    from sandbox.world import Event

NO_RESULT = (
    "The AWS Lambda function {} failed to return a result. Check the function to verify that it "
    "has permission to call the PutJobSuccessResult action and that it made a call to "
    "PutJobSuccessResult."
)


class LambdaInvoke:
    """One run of the action: a job, and another one for each continuation token."""

    def __init__(self, run: ActionRun) -> None:
        self.run = run
        self._jobs = run.execution.pipeline.backend.in_region(run.region).jobs
        self._job: Job | None = None
        self._limit: Event | None = None
        self._silence: Event | None = None
        self._next: Event | None = None

    @property
    def function_name(self) -> str:
        """As configured."""
        return self.run.resolved_configuration["FunctionName"]

    @property
    def function_arn(self) -> str:
        """In the action's Region, and in the account of the role that it acts with."""
        partition, account = (self.run.role_arn.split(":")[index] for index in (1, 4))
        region = self.run.region
        return f"arn:{partition}:lambda:{region}:{account}:function:{self.function_name}"

    def begin(self) -> None:
        """Ask the function for the first time."""
        limit = settings.current().job_limit
        world = sandbox.cloud.current().world
        self._limit = world.after(limit, lambda: self._time_out(f"{limit / 3600:g} hours"))
        self._await_answer()
        self._send(None)

    def abandon(self) -> None:
        """Let no answer count any more."""
        self._close("Failed")

    def continued(self, token: str) -> None:
        """The function has more to do: ask again in a while, with its token."""
        assert self._job is not None
        self._job.status = "Succeeded"
        self._await_answer()
        interval = settings.current().continuation_interval
        world = sandbox.cloud.current().world
        self._next = world.after(interval, lambda: self._continue(token))

    def succeeded(self, output_variables: Mapping[str, str]) -> None:
        """The function has done its work."""
        self._close("Succeeded")
        self.run.succeed(output_variables)

    def failed(self, code: str, message: str) -> None:
        """The function has failed."""
        self._close("Failed")
        self.run.fail(code, message)

    def _continue(self, token: str) -> None:
        if settings.current().silence_counts_from == "job":
            self._await_answer()
        self._send(token)

    def _send(self, token: str | None) -> None:
        try:
            acting.require(self.run, "lambda:InvokeFunction", self.function_arn)
        except AccessDenied as error:
            self.failed("PermissionError", str(error))
            return
        job = Job(self, token)
        self._job = self._jobs[job.id] = job
        payload = json.dumps(job.event())
        try:
            sandbox.cloud.current().functions.invoke_async(self.function_arn, payload)
        except CannotInvoke as error:
            code = settings.current().missing_function_code
            self.failed(code, f"The AWS Lambda function {self.function_name} cannot run: {error}")

    def _await_answer(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
        seconds = settings.current().job_silence
        world = sandbox.cloud.current().world
        self._silence = world.after(seconds, lambda: self._time_out(f"{seconds / 60:g} minutes"))

    def _time_out(self, span: str) -> None:
        self._close("TimedOut")
        message = NO_RESULT.format(self.function_name)
        self.run.fail(
            settings.current().timeout_error_code,
            f"{message} The action timed out after {span}.",
        )

    def _close(self, status: str) -> None:
        for timer in (self._limit, self._silence, self._next):
            if timer is not None:
                timer.cancel()
        if self._job is not None and self._job.open:
            self._job.status = status

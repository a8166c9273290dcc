"""The Lambda invoke action, which sends jobs to a function until the function ends the action.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html
"""

from __future__ import annotations

import json

from codepipeline_sandbox.awslambda.errors import CannotInvoke
from codepipeline_sandbox.codepipeline import settings
from codepipeline_sandbox.codepipeline.engine.job_actions import JobAction
from codepipeline_sandbox.codepipeline.engine.jobs import Job
from codepipeline_sandbox.codepipeline.providers import acting
from codepipeline_sandbox.kernel import here
from codepipeline_sandbox.kernel.protocols import AccessDenied

NO_RESULT = (
    "The AWS Lambda function {} failed to return a result. Check the function to verify that it "
    "has permission to call the PutJobSuccessResult action and that it made a call to "
    "PutJobSuccessResult."
)


class LambdaInvoke(JobAction):
    """The provider for Lambda invoke actions. Each job is one invocation of the function."""

    @property
    def function_name(self) -> str:
        """The action's FunctionName, which can be a name or an ARN."""
        return self.run.resolved_configuration["FunctionName"]

    @property
    def function_arn(self) -> str:
        """The function's ARN. FunctionName can be a name, an ARN or `account:function:name`.

        A name refers to a function in the action's Region and in the account of the action's role.
        """
        if self.function_name.startswith("arn:"):
            return self.function_name
        partition, account = (self.run.role_arn.split(":")[index] for index in (1, 4))
        other, _, name = self.function_name.rpartition(":function:")
        return f"arn:{partition}:lambda:{self.run.region}:{other or account}:function:{name}"

    def begin(self) -> None:
        """Invoke the function for the first time."""
        self._await_answer()
        super().begin()

    def continued(self, token: str) -> None:
        """Restart the job timeout, and schedule the next job."""
        self._await_answer()
        super().continued(token)

    def ask(self, token: str | None) -> None:
        """Invoke the function with a new job. If that is not possible, fail the action."""
        if token is not None and settings.current().silence_counts_from == "job":
            self._await_answer()
        if self.function_arn.split(":")[3] != self.run.region:
            self._cannot_run(f"it is not in the action's Region, {self.run.region}")
            return
        try:
            acting.require(self.run, "lambda:InvokeFunction", self.function_arn)
        except AccessDenied as error:
            self.failed("PermissionError", str(error))
            return
        job = Job(self, token)
        job.status = "InProgress"
        self.open(job)
        payload = json.dumps(job.event())
        try:
            here.current().functions.invoke_async(self.function_arn, payload)
        except CannotInvoke as error:
            self._cannot_run(str(error))

    def _cannot_run(self, reason: str) -> None:
        code = settings.current().missing_function_code
        self.failed(code, f"The AWS Lambda function {self.function_name} cannot run: {reason}")

    def _await_answer(self) -> None:
        seconds = settings.current().job_silence
        message = NO_RESULT.format(self.function_name)
        self.after("silence", seconds, lambda: self.time_out(message))

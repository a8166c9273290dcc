"""Jobs of an action, and fake clients for the AWS services that handle them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from codepipeline_orchestrator.aws.answers import PipelineContext, read_answer
from codepipeline_orchestrator.job.answer import Failure, Success

ACCOUNT, REGION = "111122223333", "eu-west-1"
FIRST = "11111111-abcd-1111-abcd-111111abcdef"
SECOND = "22222222-abcd-1111-abcd-111111abcdef"
THIRD = "33333333-abcd-1111-abcd-111111abcdef"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:Runs"
RUN = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:Runs:{FIRST}"

SUCCEEDED = Success("It succeeded.", "id", {"outcome": "Succeeded"})
FAILED = Failure("JobFailed", "It failed.", "id")


def context_of(action="a1", pipeline="release", execution="e1"):
    return read_answer(
        PipelineContext,
        {
            "pipelineName": pipeline,
            "pipelineArn": f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:release",
            "pipelineExecutionId": execution,
            "action": {"name": "Wait", "actionExecutionId": action},
        },
    )


CONTEXT = context_of()
UNKNOWN = PipelineContext()


class NotOpen(ClientError):
    def __init__(self):
        super().__init__({"Error": {"Code": "InvalidJobStateException"}}, "PutJobSuccessResult")


class NoSuchJob(ClientError):
    def __init__(self):
        super().__init__({"Error": {"Code": "JobNotFoundException"}}, "PutJobSuccessResult")


@dataclass
class Answers:
    """A fake CodePipeline that records or refuses job results and returns action statuses."""

    refusals: list[Exception] = field(default_factory=list)  # errors for the next results, in order
    statuses: Any = ("InProgress",)  # statuses of action a1, or an exception to raise
    # The ID of each job that received a result, and the other arguments of the call.
    put: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)  # requests for action statuses

    exceptions = SimpleNamespace(InvalidJobStateException=NotOpen, JobNotFoundException=NoSuchJob)

    def put_job_success_result(self, *, jobId, **answer):  # noqa: N803 - AWS's name
        if self.refusals:
            raise self.refusals.pop(0)
        self.put.append((jobId, answer))

    put_job_failure_result = put_job_success_result

    def get_paginator(self, name):
        assert name == "list_action_executions"
        return self

    def paginate(self, **asked):
        self.asked.append(asked)
        if isinstance(self.statuses, Exception):
            raise self.statuses
        details = [{"actionExecutionId": "a1", "status": each} for each in self.statuses]
        yield {"actionExecutionDetails": [{"actionExecutionId": "a2", "status": "InProgress"}]}
        yield {"actionExecutionDetails": details}

    @property
    def jobs(self):
        return [job for job, _ in self.put]


def refused(code, status=400, operation="Call"):
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, operation)


class DoesNotExist(ClientError):
    def __init__(self):
        super().__init__({"Error": {"Code": "ExecutionDoesNotExist"}}, "DescribeExecution")


class AlreadyExists(ClientError):
    def __init__(self):
        super().__init__({"Error": {"Code": "ExecutionAlreadyExists"}}, "StartExecution")


@dataclass
class Runs:
    """A fake Step Functions with at most one run and its history, newest event first."""

    status: str | None = None  # None if the run does not exist
    # The digest of the secret in the run's input, or None if no action started the run.
    digest: str | None = None
    # other fields that DescribeExecution returns
    run: dict[str, Any] = field(default_factory=dict)
    events: Sequence[dict[str, Any]] = ()
    error: Exception | None = None  # raised by every call
    started: list[dict[str, Any]] = field(default_factory=list)
    read: int = 0  # how many history events were read

    exceptions = SimpleNamespace(
        ExecutionDoesNotExist=DoesNotExist, ExecutionAlreadyExists=AlreadyExists
    )

    def describe_execution(self, *, executionArn):  # noqa: N803 - AWS's name
        if self.error:
            raise self.error
        if self.status is None:
            raise DoesNotExist
        job = {} if self.digest is None else {"job": {"id": FIRST, "secret": self.digest}}
        asked = json.dumps({**job, "input": {"pipelineName": "deploy"}})
        return {"executionArn": executionArn, "status": self.status, "input": asked, **self.run}

    def start_execution(self, **asked):
        if self.error:
            raise self.error
        if self.status is not None:
            raise AlreadyExists
        self.started.append(asked)

    def get_paginator(self, name):
        assert name == "get_execution_history"
        return self

    def paginate(self, **asked):
        config = {"PageSize": 100}
        assert asked == {"executionArn": RUN, "reverseOrder": True, "PaginationConfig": config}
        for event in self.events:
            self.read += 1
            yield {"events": [event]}


@dataclass
class Functions:
    """A fake Lambda that records every invocation and responds to the synchronous ones."""

    answer: Any = field(default_factory=dict)  # the response, or an exception to raise
    failed: bool = False  # whether the response is a function error
    invoked: list[dict[str, Any]] = field(default_factory=list)

    def invoke(self, *, Payload, **asked):  # noqa: N803 - AWS's name
        self.invoked.append({**asked, "Payload": json.loads(Payload)})
        if asked.get("InvocationType") == "Event":
            return {"StatusCode": 202}
        if isinstance(self.answer, Exception):
            raise self.answer
        error = {"FunctionError": "Unhandled"} if self.failed else {}
        return {"Payload": BytesIO(json.dumps(self.answer).encode()), **error}

"""Decides which faults strike an attempt of an AWS call, and what the caller sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from moto.core.botocore_stubber import MockRawResponse
from moto.core.request import normalize_request

from codepipeline_sandbox.faults import answers, names
from codepipeline_sandbox.faults.attempts import attempt, signature_of
from codepipeline_sandbox.faults.kinds import ENDINGS, REFUSALS
from codepipeline_sandbox.kernel.protocols import Strike

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSPreparedRequest

    from codepipeline_sandbox.faults.armed import Armed
    from codepipeline_sandbox.faults.attempts import Attempt
    from codepipeline_sandbox.faults.kinds import CallFault
    from codepipeline_sandbox.kernel.here import Cloud
    from codepipeline_sandbox.kernel.world import Task


@dataclass
class Verdict:
    """What the faults do to one attempt."""

    refusal: str | None = None  # the kind of the fault that keeps the call from taking effect
    error: tuple[str, int] | None = None  # the error code and HTTP status, if the fault sets them
    ending: str | None = None  # the kind of the fault that kills the caller or loses the response
    # If no response comes, the caller waits this many seconds.
    patience: float = 0.0
    slowness: float = 0.0  # seconds by which the response is delayed
    request_id: str = ""


class Calls:
    """The call faults of a cloud."""

    def __init__(self, cloud: Cloud, log: list[Strike]) -> None:
        self.armed: list[Armed[CallFault]] = []
        self._cloud = cloud
        self._log = log

    def verdict(self, attempt: Attempt) -> Verdict:
        """Combine the effects of all faults on an attempt.

        Faults apply in the order in which they were added. If one refuses the attempt, later
        faults do not see it. If several faults would end the call, only the first one does.
        """
        verdict = Verdict()
        for armed in self.armed:
            kind = armed.fault.kind
            if (kind in ENDINGS and verdict.ending) or not attempt.is_selected_by(armed.fault):
                continue
            if armed.strikes(self._cloud.world.now):
                self._strike(armed, attempt, verdict)
                if verdict.refusal:
                    break
        return verdict

    def answer(
        self,
        task: Task | None,
        service_id: str,
        operation: str,
        request: AWSPreparedRequest,
        proceed: Callable[[], Any],
    ) -> Any:
        """Return the response to an in-process attempt, or raise the error that the caller sees."""
        signature = signature_of(request.headers.get("Authorization"), request.url)
        one = attempt(
            self._cloud.access,
            names.by_service_id(service_id),
            operation,
            signature,
            function=task.caller if task else "",
            by_task=task is not None,
        )
        verdict = self.verdict(one)
        if verdict.refusal == "unreachable":
            self._never_connect(verdict, request)
        answer = _refused(one, verdict, request, task) if verdict.refusal else proceed()
        self._end(verdict, request, task)
        return answer

    def _strike(self, armed: Armed[CallFault], one: Attempt, verdict: Verdict) -> None:
        kind, seconds = armed.fault.kind, armed.seconds()
        if kind in REFUSALS:
            verdict.refusal, verdict.request_id = kind, armed.request_id()
            verdict.error, verdict.patience = armed.fault.error, seconds
        elif kind in ENDINGS:
            verdict.ending, verdict.patience = kind, seconds
        else:
            verdict.slowness += seconds
        now = self._cloud.world.now
        self._log.append(
            Strike(now, kind, one.name, one.account, one.region, one.function, seconds)
        )

    def _never_connect(self, verdict: Verdict, request: AWSPreparedRequest) -> NoReturn:
        self._cloud.world.sleep(verdict.patience)
        error = ConnectTimeoutError if verdict.patience else EndpointConnectionError
        raise error(endpoint_url=request.url, error="cannot be reached")

    def _end(self, verdict: Verdict, request: AWSPreparedRequest, task: Task | None) -> None:
        if verdict.ending == "lost":
            self._cloud.world.sleep(verdict.patience)
            error = ReadTimeoutError if verdict.patience else ConnectionClosedError
            raise error(endpoint_url=request.url)
        if verdict.ending == "killed-during" and task:
            task.kill()
        if verdict.slowness:
            self._cloud.world.sleep(verdict.slowness)
        if verdict.ending == "killed-after" and task:
            task.doom()


def _refused(
    one: Attempt, verdict: Verdict, request: AWSPreparedRequest, task: Task | None
) -> AWSResponse:
    assert verdict.refusal is not None
    if verdict.refusal == "killed-before" and task:
        task.kill()
    answer = answers.refusal(
        verdict.refusal, one, normalize_request(request), verdict.request_id, verdict.error
    )
    headers = HTTPHeaders.from_dict(answer.headers)
    return AWSResponse(request.url, answer.status, headers, MockRawResponse(answer.body.encode()))

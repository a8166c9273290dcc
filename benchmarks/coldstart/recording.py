"""Record the events that functions receive in the sandbox, and AWS's responses to their calls."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from botocore import xform_name

from codepipeline_sandbox.awslambda.container import Container
from codepipeline_sandbox.faults import names

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

    from codepipeline_sandbox.awslambda.function import Function
    from codepipeline_sandbox.awslambda.package import DeploymentPackage
    from codepipeline_sandbox.cloud import Cloud
    from codepipeline_sandbox.kernel.protocols import Call, Invocation
    from codepipeline_sandbox.kernel.world import Task


_REGION = re.compile(r"\.([a-z]{2}(?:-[a-z]+)+-\d+)\.")


@dataclass(frozen=True)
class Exchange:
    """An AWS call under the names that boto3 uses, with the raw response."""

    service: str
    region: str
    operation: str
    parameters: Mapping[str, Any]
    status: int
    headers: Mapping[str, str]
    body: bytes

    def call(self) -> dict[str, Any]:
        """The call in the form that the bare handler expects."""
        return {
            "service": self.service,
            "region": self.region,
            "method": xform_name(self.operation),
            "parameters": self.parameters,
        }


@dataclass
class Delivery:
    """One event that a function received."""

    handler: str
    code: Path
    environment: Mapping[str, str]
    event: Any
    exchanges: list[Exchange] = field(default_factory=list)
    answer: Any = None


class Recording:
    """Records every event that a cloud delivers.

    `container` replaces the sandbox's container class.
    """

    def __init__(self, cloud: Cloud) -> None:
        self.deliveries: list[Delivery] = []
        self._world = cloud.world
        self._running: dict[Task | None, Delivery] = {}
        cloud.interceptors.append(self._exchange)

    def container(self, *args: Any, **more: Any) -> RecordedContainer:
        """Create a container that records its events."""
        return RecordedContainer(self, *args, **more)

    def begin(self, delivery: Delivery) -> None:
        """Assign the calls of the current task to this delivery from now on."""
        self.deliveries.append(delivery)
        self._running[self._world.task] = delivery

    def _exchange(self, call: Call, proceed: Callable[[], Any]) -> Any:
        answer = proceed()
        delivery = self._running.get(call.task)
        if delivery is not None:  # None if the state machine made the call
            delivery.exchanges.append(_exchange(call, answer))
        return answer


class RecordedContainer(Container):
    """A container that records one event and is not reused, so that every start is cold."""

    def __init__(
        self,
        recording: Recording,
        function: Function,
        package: DeploymentPackage,
        *,
        environment: Mapping[str, str],
        **more: Any,
    ) -> None:
        super().__init__(function, package, environment=environment, **more)
        self._recording = recording
        self._given = str(function.handler), package.root, dict(environment)

    def handle(self, payload: str, request_id: str, deadline: float) -> Invocation:
        """Run the handler on an event."""
        delivery = Delivery(*self._given, event=json.loads(payload))
        self._recording.begin(delivery)
        answer = super().handle(payload, request_id, deadline)
        delivery.answer = json.loads(answer.payload)
        self.broken = True  # prevents the container from being reused
        return answer


def _exchange(call: Call, answer: Any) -> Exchange:
    (region,) = _REGION.findall(str(urlsplit(call.request.url).hostname))
    return Exchange(
        service=names.by_service_id(call.service),
        region=region,
        operation=call.operation,
        parameters=_parameters(call.request),
        status=answer.status_code,
        headers=dict(answer.headers),
        body=answer.content,
    )


def _parameters(request: AWSPreparedRequest) -> dict[str, Any]:
    body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
    if "X-Amz-Target" in request.headers:
        document: dict[str, Any] = json.loads(body)
        return document
    form = {name: value for name, value in parse_qsl(body) if name not in {"Action", "Version"}}
    return {name: int(value) if value.isdecimal() else value for name, value in form.items()}

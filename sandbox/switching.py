"""Every AWS call of a task is a switching point, and the one place where calls can go wrong.

botocore emits `before-send` for each attempt of a call. Our handler takes the place of moto's: it
lets the world go on for as long as the call travels, and then has moto answer. Calls made outside
tasks (a test that looks at the result) are answered at once. `cloud.faults` is the ordinary way to
let calls go wrong; interceptors are for what only a test wants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import EndpointConnectionError
from botocore.handlers import BUILTIN_HANDLERS
from moto.core.models import botocore_stubber

from sandbox import cloud, routing

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

    from sandbox.world import Task


@dataclass(frozen=True)
class Call:
    """One attempt of an AWS call that a task makes."""

    task: Task
    service: str
    operation: str
    request: AWSPreparedRequest


# Gets the call, and `proceed`, which has the service do it and returns its answer. Whatever it
# returns or raises is what the caller sees: a botocore HTTPClientError is retried by the SDK as
# on AWS; killing `call.task` ends the caller there.
Interceptor = Callable[[Call, Callable[[], Any]], Any]


def install() -> None:
    """Put our handler in the place of moto's, for all clients made from now on. Idempotent."""
    ours, motos = ("before-send", _before_send), ("before-send", botocore_stubber)
    if ours not in BUILTIN_HANDLERS:
        # Not beside it: botocore calls all its handlers, and the call would take effect twice.
        BUILTIN_HANDLERS[BUILTIN_HANDLERS.index(motos)] = ours


def _before_send(event_name: str, request: AWSPreparedRequest, **kwargs: Any) -> Any:
    here = cloud.current_or_none()
    if here is None:
        return routing.answer(event_name, request, **kwargs)
    _, service, operation = event_name.split(".", 2)
    if here.world.task is None:
        answer = partial(routing.answer, event_name, request, **kwargs)
        return here.faults.outside(service, operation, request, answer)
    call = Call(here.world.task, service, operation, request)
    here.world.sleep(here.latency)

    def proceed() -> Any:
        try:
            return routing.answer(event_name, request, **kwargs)
        except EndpointConnectionError:
            raise  # as on AWS
        except Exception as error:
            here.world.broke(error)  # a handler could take it for an error of its own
            raise

    for interceptor in here.interceptors:
        proceed = _wrapped(interceptor, call, proceed)
    return proceed()


def _wrapped(interceptor: Interceptor, call: Call, proceed: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: interceptor(call, proceed)

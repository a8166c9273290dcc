"""Every AWS call of a task is a switching point, and the one place where calls can go wrong.

botocore emits `before-send` for each attempt of a call. Our handler takes the place of moto's: it
lets the world go on for as long as the call travels, and then has moto answer. Calls made outside
tasks (a test that looks at the result) are answered at once. `cloud.faults` is the ordinary way to
let calls go wrong; interceptors are for what only a test wants.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import EndpointConnectionError
from botocore.handlers import BUILTIN_HANDLERS
from moto.core.models import botocore_stubber

from sandbox import routing
from sandbox.here import current_or_none
from sandbox.services import Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSPreparedRequest

    from sandbox.services import Interceptor


def install() -> None:
    """Put our handler in the place of moto's, for all clients made from now on. Idempotent."""
    ours, motos = ("before-send", _before_send), ("before-send", botocore_stubber)
    if ours not in BUILTIN_HANDLERS:
        # Not beside it: botocore calls all its handlers, and the call would take effect twice.
        BUILTIN_HANDLERS[BUILTIN_HANDLERS.index(motos)] = ours


def _before_send(event_name: str, request: AWSPreparedRequest, **kwargs: Any) -> Any:
    cloud = current_or_none()
    if cloud is None:
        return routing.answer(event_name, request, **kwargs)
    _, service, operation = event_name.split(".", 2)
    if cloud.world.task is None:
        answer = partial(routing.answer, event_name, request, **kwargs)
        return cloud.faults.outside(service, operation, request, answer)
    call = Call(cloud.world.task, service, operation, request)
    cloud.world.sleep(cloud.latency)

    def proceed() -> Any:
        try:
            return routing.answer(event_name, request, **kwargs)
        except EndpointConnectionError:
            raise  # as on AWS
        except Exception as error:
            cloud.world.broke(error)  # a handler could take it for an error of its own
            raise

    for interceptor in cloud.interceptors:
        proceed = _wrapped(interceptor, call, proceed)
    return proceed()


def _wrapped(interceptor: Interceptor, call: Call, proceed: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: interceptor(call, proceed)

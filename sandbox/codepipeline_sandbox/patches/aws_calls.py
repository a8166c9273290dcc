"""Makes tasks wait during their AWS calls, so that other tasks can run and faults can strike.

botocore emits `before-send` for each attempt of a call. This module's handler replaces moto's. The
handler waits for the cloud's latency and then passes the call to moto. Calls from outside a task,
for example from a test, are answered immediately. Use `cloud.faults` to make calls fail.
Interceptors are for tests that need more control.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import EndpointConnectionError
from botocore.handlers import BUILTIN_HANDLERS
from moto.core.models import botocore_stubber

from codepipeline_sandbox.kernel.here import current_or_none
from codepipeline_sandbox.kernel.protocols import Call
from codepipeline_sandbox.patches import endpoints

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSPreparedRequest

    from codepipeline_sandbox.kernel.patches import Patches
    from codepipeline_sandbox.kernel.protocols import Interceptor


def install(patches: Patches) -> None:
    """Replace moto's handler in all clients that are created from now on. Idempotent."""
    ours, motos = ("before-send", _before_send), ("before-send", botocore_stubber)
    if ours not in BUILTIN_HANDLERS:
        # botocore calls every handler, so with both of them, each call would take effect twice.
        place = BUILTIN_HANDLERS.index(motos)
        patches.item("botocore.handlers.BUILTIN_HANDLERS", BUILTIN_HANDLERS, place, ours)


def _before_send(event_name: str, request: AWSPreparedRequest, **kwargs: Any) -> Any:
    cloud = current_or_none()
    if cloud is None:
        return endpoints.answer(event_name, request, **kwargs)
    _, service, operation = event_name.split(".", 2)
    if cloud.world.task is None:
        answer = partial(endpoints.answer, event_name, request, **kwargs)
        return cloud.faults.outside(service, operation, request, answer)
    call = Call(cloud.world.task, service, operation, request)
    cloud.world.sleep(cloud.latency)

    def proceed() -> Any:
        try:
            return endpoints.answer(event_name, request, **kwargs)
        except EndpointConnectionError:
            raise  # AWS has this error too, so it is not a bug in the sandbox
        except Exception as error:
            # Otherwise, the caller could handle the sandbox's bug like an error from AWS.
            cloud.world.broke(error)
            raise

    for interceptor in cloud.interceptors:
        proceed = _wrapped(interceptor, call, proceed)
    return proceed()


def _wrapped(interceptor: Interceptor, call: Call, proceed: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: interceptor(call, proceed)

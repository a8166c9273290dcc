"""Attempts to reach a target. The target's retry policy limits the retries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError, ServiceException

from codepipeline_sandbox.awslambda.errors import FunctionNotFound
from codepipeline_sandbox.kernel.protocols import AccessDenied

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codepipeline_sandbox.kernel.world import World

MAXIMUM_ATTEMPTS = 185
MAXIMUM_AGE_SECONDS = 86_400
_LAST_BACKOFF_SECONDS = 300.0
_TRANSIENT = ("Throttling", "LimitExceeded", "Unavailable", "InternalServer", "InternalFailure")


def attempt(
    world: World,
    action: Callable[[int], None],
    target: Mapping[str, Any],
    give_up: Callable[[str], None],
) -> None:
    """Call `action` with the attempt's number until the call succeeds.

    A denial or a missing target is final. Throttling and similar errors are retried.
    """
    policy = target.get("RetryPolicy") or {}
    attempts = int(policy.get("MaximumRetryAttempts", MAXIMUM_ATTEMPTS)) + 1
    oldest = world.now + int(policy.get("MaximumEventAgeInSeconds", MAXIMUM_AGE_SECONDS))

    def try_once(number: int) -> None:
        try:
            action(number)
        except (AccessDenied, FunctionNotFound) as error:
            give_up(str(error))
        except (JsonRESTError, ServiceException) as error:
            backoff = min(2.0 ** (number - 1), _LAST_BACKOFF_SECONDS)
            if not _is_transient(error) or number >= attempts or world.now + backoff > oldest:
                give_up(f"{_code(error)}: {error.message}")
            else:
                world.after(backoff, lambda: try_once(number + 1))

    try_once(1)


def _is_transient(error: JsonRESTError | ServiceException) -> bool:
    return any(word in _code(error) for word in _TRANSIENT)


def _code(error: JsonRESTError | ServiceException) -> str:
    code = error.error_type if isinstance(error, JsonRESTError) else error.code
    return str(code)

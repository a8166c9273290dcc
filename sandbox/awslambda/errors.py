"""Errors that keep a function from running at all, unlike errors in the function itself."""

from __future__ import annotations


class CannotInvoke(Exception):
    """The Lambda service could not run the function. `code` and `status` are the API's."""

    code = "ServiceException"
    status = 500


class TooManyRequests(CannotInvoke):
    """The function has no concurrency left. The event is retried later."""

    code = "TooManyRequestsException"
    status = 429


class ServiceFailure(CannotInvoke):
    """Lambda itself has a problem. The event is retried later."""


class RoleNotAssumable(CannotInvoke):
    """The execution role does not exist or does not trust lambda.amazonaws.com."""

    code = "AccessDeniedException"
    status = 403


class FunctionNotFound(CannotInvoke):
    """The account and Region have no function with this name."""

    code = "ResourceNotFoundException"
    status = 404


def refusal(kind: str) -> CannotInvoke:
    """Create Lambda's error for a function that is `throttled` or `unavailable`."""
    if kind == "throttled":
        return TooManyRequests("Rate Exceeded.")
    return ServiceFailure("The service encountered an internal error. Please try again later.")

"""Errors that prevent Lambda from running a function, as opposed to errors in the function."""

from __future__ import annotations


class CannotInvoke(Exception):
    """Lambda could not run the function. `code` and `status` are those of the API's error."""

    code = "ServiceException"
    status = 500


class TooManyRequests(CannotInvoke):
    """The function's reserved concurrency is used up."""

    code = "TooManyRequestsException"
    status = 429


class ServiceFailure(CannotInvoke):
    """Lambda had an internal error."""


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

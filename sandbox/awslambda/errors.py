"""What keeps a function from running at all, as opposed to an error of the function."""

from __future__ import annotations


class CannotInvoke(Exception):
    """The Lambda service could not run the function; `code` and `status` are the API's."""

    code = "ServiceException"
    status = 500


class TooManyRequests(CannotInvoke):
    """There is no concurrency left for the function. An event is tried again later."""

    code = "TooManyRequestsException"
    status = 429


class ServiceFailure(CannotInvoke):
    """Lambda itself is in trouble. An event is tried again later."""


class RoleNotAssumable(CannotInvoke):
    """The execution role does not exist or does not trust lambda.amazonaws.com."""

    code = "AccessDeniedException"
    status = 403


class FunctionNotFound(CannotInvoke):
    """There is no function of this name in the account and Region."""

    code = "ResourceNotFoundException"
    status = 404


def refusal(kind: str) -> CannotInvoke:
    """What Lambda answers instead of running a function that is `throttled` or `unavailable`."""
    if kind == "throttled":
        return TooManyRequests("Rate Exceeded.")
    return ServiceFailure("The service encountered an internal error. Please try again later.")

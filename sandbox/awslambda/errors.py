"""What keeps a function from running at all, as opposed to an error of the function."""

from __future__ import annotations


class CannotInvoke(Exception):
    """The Lambda service could not run the function; `code` and `status` are the API's."""

    code = "ServiceException"
    status = 500


class TooManyRequests(CannotInvoke):
    """The function's reserved concurrency is used up. An event is tried again later."""

    code = "TooManyRequestsException"
    status = 429


class RoleNotAssumable(CannotInvoke):
    """The execution role does not exist or does not trust lambda.amazonaws.com."""

    code = "AccessDeniedException"
    status = 403


class FunctionNotFound(CannotInvoke):
    """There is no function of this name in the account and Region."""

    code = "ResourceNotFoundException"
    status = 404

"""The errors in the Step Functions API's model that moto lacks."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class InvalidDefinition(ServiceException):  # type: ignore[misc]
    """The sandbox cannot run the definition."""

    code = "InvalidDefinition"

    def __init__(self, problem: str) -> None:
        super().__init__(f"Invalid State Machine Definition: '{problem}'")


class InvalidOutput(ServiceException):  # type: ignore[misc]
    """The output passed to SendTaskSuccess is not JSON."""

    code = "InvalidOutput"

    def __init__(self, problem: str) -> None:
        super().__init__(f"Invalid Output: '{problem}'")


class InvalidToken(ServiceException):  # type: ignore[misc]
    """A task token or page token that was never issued."""

    code = "InvalidToken"

    def __init__(self) -> None:
        super().__init__("Invalid Token: 'Invalid token'")


class TaskTimedOut(ServiceException):  # type: ignore[misc]
    """The task has ended, so its token is no longer accepted."""

    code = "TaskTimedOut"

    def __init__(self) -> None:
        super().__init__("Task Timed Out: 'Provided task does not exist anymore'")


class ExecutionNotRedrivable(ServiceException):  # type: ignore[misc]
    """The execution cannot be redriven in its current state."""

    code = "ExecutionNotRedrivable"

    def __init__(self, arn: str, reason: str) -> None:
        super().__init__(f"Execution Not Redrivable: '{arn}': {reason}")


class ExecutionLimitExceeded(ServiceException):  # type: ignore[misc]
    """The account has reached its limit on running executions in the Region."""

    code = "ExecutionLimitExceeded"

    def __init__(self, limit: int) -> None:
        super().__init__(f"Execution Limit Exceeded: {limit} executions are running")


class StateMachineAlreadyExists(ServiceException):  # type: ignore[misc]
    """Another state machine has this name."""

    code = "StateMachineAlreadyExists"

    def __init__(self, arn: str) -> None:
        super().__init__(f"State Machine Already Exists: '{arn}'")


class Unsupported(ServiceException):  # type: ignore[misc]
    """AWS supports this, but the sandbox does not."""

    code = "ValidationException"

    def __init__(self, what: str) -> None:
        super().__init__(f"The sandbox does not support {what}")


class InvalidEncryptionConfiguration(ServiceException):  # type: ignore[misc]
    """The key is missing, or the encryption type does not use a key."""

    code = "InvalidEncryptionConfiguration"

    def __init__(self, problem: str) -> None:
        super().__init__(f"Invalid Encryption Configuration: '{problem}'")


class KmsAccessDenied(ServiceException):  # type: ignore[misc]
    """The policies of the key or the principal do not allow the required use of the key."""

    code = "KmsAccessDeniedException"


class KmsInvalidState(ServiceException):  # type: ignore[misc]
    """The key is disabled or scheduled for deletion."""

    code = "KmsInvalidStateException"

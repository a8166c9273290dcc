"""The errors of the Step Functions API that moto lacks, with the names its model documents."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class InvalidDefinition(ServiceException):  # type: ignore[misc]
    """The definition is not one that this sandbox can run."""

    code = "InvalidDefinition"

    def __init__(self, problem: str) -> None:
        super().__init__(f"Invalid State Machine Definition: '{problem}'")


class InvalidOutput(ServiceException):  # type: ignore[misc]
    """SendTaskSuccess was given something that is not JSON."""

    code = "InvalidOutput"

    def __init__(self, problem: str) -> None:
        super().__init__(f"Invalid Output: '{problem}'")


class InvalidToken(ServiceException):  # type: ignore[misc]
    """A task token, or the token of a next page, that nobody ever issued."""

    code = "InvalidToken"

    def __init__(self) -> None:
        super().__init__("Invalid Token: 'Invalid token'")


class TaskTimedOut(ServiceException):  # type: ignore[misc]
    """A task token whose task has ended, in whatever way."""

    code = "TaskTimedOut"

    def __init__(self) -> None:
        super().__init__("Task Timed Out: 'Provided task does not exist anymore'")


class ExecutionNotRedrivable(ServiceException):  # type: ignore[misc]
    """RedriveExecution of an execution that cannot be redriven (now, or any more)."""

    code = "ExecutionNotRedrivable"

    def __init__(self, arn: str, reason: str) -> None:
        super().__init__(f"Execution Not Redrivable: '{arn}': {reason}")


class ExecutionLimitExceeded(ServiceException):  # type: ignore[misc]
    """As many executions are running in the account and Region as may."""

    code = "ExecutionLimitExceeded"

    def __init__(self, limit: int) -> None:
        super().__init__(f"Execution Limit Exceeded: {limit} executions are running")


class StateMachineAlreadyExists(ServiceException):  # type: ignore[misc]
    """CreateStateMachine with the name of another machine."""

    code = "StateMachineAlreadyExists"

    def __init__(self, arn: str) -> None:
        super().__init__(f"State Machine Already Exists: '{arn}'")


class Unsupported(ServiceException):  # type: ignore[misc]
    """Something that AWS has and the sandbox has not."""

    code = "ValidationException"

    def __init__(self, what: str) -> None:
        super().__init__(f"The sandbox does not support {what}")


class InvalidEncryptionConfiguration(ServiceException):  # type: ignore[misc]
    """A type of encryption without its key, or a key without its type."""

    code = "InvalidEncryptionConfiguration"

    def __init__(self, problem: str) -> None:
        super().__init__(f"Invalid Encryption Configuration: '{problem}'")


class KmsAccessDenied(ServiceException):  # type: ignore[misc]
    """The key's policy or the principal's own does not allow what is needed of the key."""

    code = "KmsAccessDeniedException"


class KmsInvalidState(ServiceException):  # type: ignore[misc]
    """The key is disabled or is going to be deleted."""

    code = "KmsInvalidStateException"

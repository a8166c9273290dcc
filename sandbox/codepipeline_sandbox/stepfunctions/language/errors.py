"""The errors that make a state of a running execution fail."""

from __future__ import annotations

UNCATCHABLE = "States.Runtime"  # cannot be caught, even by name
TIMEOUT = "States.Timeout"
MAXIMUM_CAUSE = 32_768  # characters, the maximum in the API's model
MAXIMUM_ERROR = 256


class StateFailed(Exception):
    """A state failed with an error name and cause, which Retry, Catch and the caller see.

    `aliases` are additional names that a Retry or Catch can match. `location` is the field whose
    expression failed, as shown in the history.
    """

    def __init__(
        self,
        error: str | None,
        cause: str | None = None,
        *,
        aliases: tuple[str, ...] = (),
        location: str | None = None,
    ) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error[:MAXIMUM_ERROR] if error is not None else None
        self.cause = cause[:MAXIMUM_CAUSE] if cause is not None else None
        self.names = (error, *aliases)
        self.location = location

    @property
    def error_output(self) -> dict[str, str | None]:
        """The value of `$states.errorOutput`."""
        empty = "" if self.error == TIMEOUT else None
        return {"Error": self.error, "Cause": empty if self.cause is None else self.cause}

    def matches(self, error_equals: tuple[str, ...]) -> bool:
        """Whether ErrorEquals in a Retry or Catch matches this error.

        https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
        """
        return self.error != UNCATCHABLE and any(map(self._is_called, error_equals))

    def _is_called(self, name: str) -> bool:
        if name == "States.ALL":
            return True
        if name == "States.TaskFailed":
            return self.error != TIMEOUT
        return name in self.names


def query_evaluation_error(cause: str, location: str) -> StateFailed:
    """An expression failed, returned nothing, or returned the wrong type."""
    return StateFailed("States.QueryEvaluationError", cause, location=location)


def timed_out(*, heartbeat: bool = False) -> StateFailed:
    """A task exceeded its TimeoutSeconds, or its HeartbeatSeconds if `heartbeat` is true."""
    return StateFailed(TIMEOUT, aliases=("States.HeartbeatTimeout",) if heartbeat else ())


def data_limit_exceeded(what: str, document: str) -> StateFailed:
    """The document of a state or task is larger than 256 KiB."""
    return StateFailed(
        "States.DataLimitExceeded",
        f"The state/task '{what}' {document} with a size exceeding the maximum number of bytes "
        "service limit.",
    )

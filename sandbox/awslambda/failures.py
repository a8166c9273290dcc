"""How the Lambda runtime reports a function's failure: the payload and the line in its log."""

from __future__ import annotations

import json
import sysconfig
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.services import Invocation

if TYPE_CHECKING:
    from pathlib import Path

KILLED = "Error: Runtime exited with error: signal: killed"
_HERE = "sandbox/awslambda/"
_PATHS = sysconfig.get_paths()


@dataclass(frozen=True)
class Failure:
    """An error in the handler."""

    invocation: Invocation
    log_line: str


class RuntimeFailure(Exception):
    """An error in the runtime itself, reported with its own error type."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type


def raised(error: Exception, request_id: str, root: Path) -> Failure:
    """The handler raised an exception: errorMessage, errorType, requestId, stackTrace."""
    own = isinstance(error, RuntimeFailure)
    error_type = error.error_type if isinstance(error, RuntimeFailure) else type(error).__name__
    frames = [] if own else traceback.extract_tb(error.__traceback__)
    stack = [
        as_on_lambda(line, root)
        for line in traceback.format_list([f for f in frames if _HERE not in f.filename])
    ]
    log_line = f"[ERROR] {error_type}: {error}"
    if stack:
        log_line += "\nTraceback (most recent call last):\n" + "".join(stack).rstrip()
    return Failure(_unhandled(error_type, str(error), request_id, stack), log_line)


def as_on_lambda(text: str, root: Path) -> str:
    """Replace local file paths in the text with the files' paths on Lambda."""
    text = text.replace(str(root), "/var/task").replace(_PATHS["purelib"], "/opt/python")
    return text.replace(_PATHS["stdlib"], "/var/lang/lib/python3")


def cannot_import(module_name: str, error: Exception) -> RuntimeFailure:
    """The handler's module cannot be imported."""
    kind = "UserCodeSyntaxError" if isinstance(error, SyntaxError) else "ImportModuleError"
    return RuntimeFailure(f"Runtime.{kind}", f"Unable to import module '{module_name}': {error}")


def no_handler(module_name: str, name: str) -> RuntimeFailure:
    """The module does not have this function."""
    return RuntimeFailure(
        "Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module_name}'"
    )


def cannot_marshal(error: Exception, request_id: str) -> Invocation:
    """The handler returned something that cannot be serialized as JSON."""
    message = f"Unable to marshal response: {error}"
    return _unhandled("Runtime.MarshalError", message, request_id, [])


def too_large(limit: int) -> Invocation:
    """The handler returned more than an invocation may return."""
    message = f"Response payload size exceeded maximum allowed payload size ({limit} bytes)."
    return _payload({"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message})


def timed_out(request_id: str, seconds: float) -> Invocation:
    """The function ran until its timeout and was ended."""
    message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
    return _payload({"errorType": "Sandbox.Timedout", "errorMessage": message})


def exited(request_id: str) -> Invocation:
    """The function's process exited."""
    message = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
    return _payload({"errorType": "Runtime.ExitError", "errorMessage": message})


def killed(request_id: str) -> Invocation:
    """The function's process was killed from outside."""
    message = f"RequestId: {request_id} {KILLED}"
    return _payload({"errorType": "Runtime.ExitError", "errorMessage": message})


def _unhandled(error_type: str, message: str, request_id: str, stack: list[str]) -> Invocation:
    return _payload(
        {
            "errorMessage": message,
            "errorType": error_type,
            "requestId": request_id,
            "stackTrace": stack,
        }
    )


def _payload(document: dict[str, object]) -> Invocation:
    return Invocation(json.dumps(document, ensure_ascii=False), error="Unhandled")

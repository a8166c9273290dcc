"""The payloads and log lines that the Lambda runtime produces when a function fails."""

from __future__ import annotations

import json
import sysconfig
import traceback
from dataclasses import dataclass
from pathlib import Path

from codepipeline_sandbox.kernel.protocols import Invocation

KILLED = "Error: Runtime exited with error: signal: killed"
_HERE = str(Path(__file__).parent)
_PATHS = sysconfig.get_paths()


@dataclass(frozen=True)
class Failure:
    """The invocation's result and the log line that report an exception."""

    invocation: Invocation
    log_line: str


class RuntimeFailure(Exception):
    """An error that the runtime detects before it calls the handler, such as a failed import."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type


def raised(error: Exception, request_id: str, root: Path) -> Failure:
    """Report an exception that the handler or the runtime raised."""
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
    """Replace local file paths in the text with their paths on Lambda."""
    text = text.replace(str(root), "/var/task").replace(_PATHS["purelib"], "/opt/python")
    return text.replace(_PATHS["stdlib"], "/var/lang/lib/python3")


def cannot_import(module_name: str, error: Exception) -> RuntimeFailure:
    """The error for a handler module that cannot be imported."""
    kind = "UserCodeSyntaxError" if isinstance(error, SyntaxError) else "ImportModuleError"
    return RuntimeFailure(f"Runtime.{kind}", f"Unable to import module '{module_name}': {error}")


def no_handler(module_name: str, name: str) -> RuntimeFailure:
    """The error for a handler that its module does not define."""
    return RuntimeFailure(
        "Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module_name}'"
    )


def cannot_marshal(error: Exception, request_id: str) -> Invocation:
    """Report that the handler's return value cannot be serialized as JSON."""
    message = f"Unable to marshal response: {error}"
    return _unhandled("Runtime.MarshalError", message, request_id, [])


def too_large(limit: int) -> Invocation:
    """Report that the handler's return value is larger than `limit` bytes."""
    message = f"Response payload size exceeded maximum allowed payload size ({limit} bytes)."
    return _payload({"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message})


def timed_out(request_id: str, seconds: float) -> Invocation:
    """Report that the function reached its timeout."""
    message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
    return _payload({"errorType": "Sandbox.Timedout", "errorMessage": message})


def exited(request_id: str) -> Invocation:
    """Report that the handler exited its process, for example with `sys.exit`."""
    message = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
    return _payload({"errorType": "Runtime.ExitError", "errorMessage": message})


def killed(request_id: str) -> Invocation:
    """Report that something killed the function's process."""
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

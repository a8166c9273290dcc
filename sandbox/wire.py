"""The bodies of error responses in AWS's protocols."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

_SENDER_UP_TO = 499


def error(
    protocol: str, status: int, code: str, message: str, request_id: str
) -> tuple[dict[str, str], str]:
    """Return the headers and body of an error. `protocol` is a name from the API models."""
    if protocol not in {"query", "ec2", "rest-xml"}:
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
        return headers, json.dumps({"__type": code, "message": message})
    text = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    identity = f"<RequestId>{request_id}</RequestId>"
    side = "Sender" if status <= _SENDER_UP_TO else "Receiver"
    if protocol == "rest-xml":
        body = f"<Error>{text}{identity}</Error>"
    elif protocol == "ec2":
        errors = f"<Errors><Error>{text}</Error></Errors>"
        body = f"<Response>{errors}<RequestID>{request_id}</RequestID></Response>"
    else:
        error = f"<Error><Type>{side}</Type>{text}</Error>"
        body = f"<ErrorResponse>{error}{identity}</ErrorResponse>"
    return {"Content-Type": "text/xml"}, body

"""Formats error responses in AWS's protocols."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

CBOR = "smithy-rpc-v2-cbor"
JSON = frozenset({"json", "rest-json", CBOR})  # protocols whose errors use the same codes
_SENDER_UP_TO = 499


def cbor_error(code: str, message: str) -> tuple[dict[str, str], bytes]:
    """Return the headers and body of an error in the binary protocol, used only over HTTP."""
    headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    texts = ("__type", code, "message", message)
    return headers, b"\xa2" + b"".join(map(_cbor_text, texts))


def _cbor_text(text: str) -> bytes:
    """Encode up to 65,535 bytes of text as https://www.rfc-editor.org/rfc/rfc8949 specifies."""
    encoded = text.encode()
    return b"\x79" + len(encoded).to_bytes(2, "big") + encoded


def error(
    protocol: str, status: int, code: str, message: str, request_id: str
) -> tuple[dict[str, str], str]:
    """Return the headers and body of an error. `protocol` is a name from the API models."""
    if protocol in JSON:
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

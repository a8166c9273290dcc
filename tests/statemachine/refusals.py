"""What AWS answers on a bad day, for the cloud's interceptors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import MockRawResponse

if TYPE_CHECKING:
    from sandbox.services import Call


def throttled(call: Call) -> AWSResponse:
    """The answer to a call of more than the account may make."""
    return refused(call, "Throttling" if call.service == "sts" else "ThrottlingException", 400)


def refused(call: Call, code: str, status: int) -> AWSResponse:
    """The answer to a call with this error."""
    said = "Rate exceeded" if "Throttl" in code else "No"
    body = (
        f"<ErrorResponse><Error><Code>{escape(code)}</Code>"
        f"<Message>{said}</Message></Error></ErrorResponse>"
        if call.service == "sts"
        else json.dumps({"__type": code, "message": said})
    )
    return AWSResponse(call.request.url, status, HTTPHeaders(), MockRawResponse(body.encode()))

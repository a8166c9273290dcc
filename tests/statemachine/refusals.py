from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import MockRawResponse

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.protocols import Call


def throttled(call: Call) -> AWSResponse:
    return refused(call, "Throttling" if call.service == "sts" else "ThrottlingException", 400)


def refused(call: Call, code: str, status: int) -> AWSResponse:
    message = "Rate exceeded" if "Throttl" in code else "No"
    body = (
        f"<ErrorResponse><Error><Code>{escape(code)}</Code>"
        f"<Message>{message}</Message></Error></ErrorResponse>"
        if call.service == "sts"
        else json.dumps({"__type": code, "message": message})
    )
    return AWSResponse(call.request.url, status, HTTPHeaders(), MockRawResponse(body.encode()))

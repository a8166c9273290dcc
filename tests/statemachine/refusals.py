"""What AWS answers on a bad day, for the cloud's interceptors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import MockRawResponse

if TYPE_CHECKING:
    from sandbox.services import Call


def throttled(call: Call) -> AWSResponse:
    """The answer to a call of more than the account may make."""
    body = (
        b"<ErrorResponse><Error><Code>Throttling</Code>"
        b"<Message>Rate exceeded</Message></Error></ErrorResponse>"
        if call.service == "sts"
        else json.dumps({"__type": "ThrottlingException", "message": "Rate exceeded"}).encode()
    )
    return AWSResponse(call.request.url, 400, HTTPHeaders(), MockRawResponse(body))

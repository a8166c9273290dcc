from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from codepipeline_orchestrator.aws.client_errors import answer_text, code_of, is_denied


@pytest.mark.parametrize(
    "answer, text",
    [
        ({"Code": "Throttling", "Message": "Rate exceeded."}, "Throttling: Rate exceeded"),
        ({"Code": "Throttling", "Message": "Rate: exceeded"}, "Throttling: Rate: exceeded"),
        ({"Code": "Throttling", "Message": ""}, "Throttling"),
        ({"Code": "Throttling"}, "Throttling"),
        ({"Message": "Rate exceeded."}, "Rate exceeded"),
        ({}, "no code and no message"),
    ],
)
def test_the_code_and_the_message_are_read_without_the_final_period(answer, text):
    assert answer_text(ClientError({"Error": answer}, "Operation")) == text


@pytest.mark.parametrize(
    "code, denied",
    [
        ("AccessDenied", True),
        ("AccessDeniedException", True),
        ("UnauthorizedOperation", True),
        ("ThrottlingException", False),
        ("ExpiredToken", False),
    ],
)
def test_a_missing_permission_is_recognized_by_its_error_code(code, denied):
    assert is_denied(ClientError({"Error": {"Code": code}}, "Operation")) is denied


@pytest.mark.parametrize(
    "error", [ClientError({}, "Operation"), EndpointConnectionError(endpoint_url="https://a")]
)
def test_an_error_without_a_code_has_an_empty_code(error):
    assert code_of(error) == ""

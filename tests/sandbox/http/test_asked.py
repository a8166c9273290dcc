"""Complete requests of every operation are accepted, and errors name every missing member."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import Message
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from botocore.serialize import create_serializer

from codepipeline_sandbox.faults import names
from codepipeline_sandbox.http.asked import asked
from codepipeline_sandbox.http.messages import Request
from codepipeline_sandbox.http.refused import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import OperationModel, ServiceModel

    from codepipeline_sandbox.cloud import Cloud
    from codepipeline_sandbox.iam.refusals import Error

FORM = "application/x-www-form-urlencoded"
SERVICES = [
    "cloudformation",
    "cloudwatch",
    "codepipeline",
    "dynamodb",
    "ecs",  # not simulated, but its API model has a member that accepts any JSON
    "events",
    "iam",
    "kms",
    "lambda",
    "logs",
    "scheduler",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
]
# moto cannot route these, because only their query string distinguishes them.
NOT_FOUND = {"GetLayerVersionByArn", "ListProvisionedConcurrencyConfigs"}
SCALARS: Mapping[str, Any] = {
    "integer": 5,
    "long": 5,
    "float": 1.5,
    "double": 1.5,
    "boolean": True,
    "timestamp": datetime(2026, 1, 5, tzinfo=UTC),
    "blob": b"abc",
}


def example(shape: Any, within: tuple[str, ...] = ()) -> Any:
    """A value with all of the shape's direct members. Nested shapes have only required members."""
    if getattr(shape, "is_document_type", False):
        return [1, {"any": None}]
    deeper = (*within, shape.name)
    if shape.type_name == "structure":
        chosen = [] if shape.name in within else members(shape, required_only=bool(within))
        return {name: example(shape.members[name], deeper) for name in chosen}
    if shape.type_name == "list":
        return [example(shape.member, deeper)]
    if shape.type_name == "map":
        return {example(shape.key): example(shape.value, deeper)}
    return SCALARS.get(shape.type_name) or (shape.metadata.get("enum") or ["abcdefghijkl"])[0]


def members(shape: Any, *, required_only: bool) -> list[str]:
    if shape.is_tagged_union:
        return list(shape.members)[:1]
    if required_only:
        return shape.required_members or list(shape.members)[:1]
    return list(shape.members)


def answered(model: ServiceModel, operation: OperationModel, parameters: Any) -> Error | None:
    protocol = str(model.resolved_protocol)
    serialized: Any = create_serializer(protocol, include_validation=False).serialize_to_request(
        parameters, operation
    )
    headers, body = Message(), serialized["body"]
    for name, value in serialized["headers"].items():
        headers[name] = str(value)
    scope = f"AKIA111122223333ROOT/20260105/eu-west-1/{model.signing_name}/aws4_request"
    headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host"
    if isinstance(body, dict):
        del headers["Content-Type"]
        headers["Content-Type"], body = FORM, urlencode(body, doseq=True)
    query = urlencode(serialized.get("query_string") or {}, doseq=True)
    path = f"{serialized['url_path']}?{query}"
    text = body.encode() if isinstance(body, str) else body
    request = Request(serialized["method"], path, headers, text or b"", keep_alive=True)
    what = asked(request)
    assert what.operation is not None, operation.name
    assert what.operation.name == operation.name
    return refusal(request, what, f"{model.signing_name}.eu-west-1.amazonaws.com")


def operations(service: str) -> list[OperationModel]:
    model = names.model(service)
    found = [model.operation_model(name) for name in model.operation_names]
    return [each for each in found if each.name not in NOT_FOUND]


@pytest.mark.rule("H5")
@pytest.mark.parametrize("service", SERVICES)
def test_complete_requests_are_accepted_and_missing_members_are_named(
    cloud: Cloud, service: str
) -> None:
    model = names.model(service)
    checked = 0
    for operation in operations(service):
        shape = operation.input_shape
        if shape is None or operation.has_event_stream_output:
            continue
        complete = example(shape)
        assert answered(model, operation, complete) is None, operation.name
        for name in shape.required_members:
            if "location" in shape.members[name].serialization:
                continue  # without this member, the request has a different path or header
            without = {key: value for key, value in complete.items() if key != name}
            error = answered(model, operation, without)
            assert error is not None, (operation.name, name)
            assert f"Value null at '{name[0].lower()}{name[1:]}' failed" in error.message
            checked += 1
    assert checked > 1

"""The services and operations that state machines can call through AWS SDK integrations.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import moto.backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.responses import BaseResponse
from moto.core.utils import camelcase_to_underscores

from codepipeline_sandbox import api_model
from codepipeline_sandbox.codepipeline.responses import OPERATIONS as CODEPIPELINE
from codepipeline_sandbox.dynamodb.supported import ITEM_OPERATIONS
from codepipeline_sandbox.stepfunctions.integrations.java_names import pascal_case
from codepipeline_sandbox.stepfunctions.integrations.step_functions import (
    OPERATIONS as STEP_FUNCTIONS,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# The sandbox's services, by their boto3 names. KMS is missing because the access checks deny all
# of its operations to roles.
_APIS = (
    "cloudformation",
    "cloudwatch",
    "codepipeline",
    "dynamodb",
    "events",
    "iam",
    "lambda",
    "logs",
    "s3",
    "scheduler",
    "ssm",
    "stepfunctions",
    "sts",
)
_OPERATIONS: Mapping[str, Collection[str]] = {  # for services that the sandbox implements
    "codepipeline": CODEPIPELINE,
    "dynamodb": ITEM_OPERATIONS,
    "stepfunctions": STEP_FUNCTIONS,
}
# Operations that moto's S3 supports without having a method of the same name.
_OTHER_S3 = frozenset(
    {
        "CreateBucket",
        "DeleteObjects",
        "GetBucketLifecycleConfiguration",
        "GetBucketNotificationConfiguration",
        "GetBucketTagging",
        "ListBuckets",
        "PutBucketAcl",
        "PutBucketCors",
        "PutBucketEncryption",
        "PutBucketLifecycleConfiguration",
        "PutBucketLogging",
        "PutBucketNotificationConfiguration",
        "PutBucketOwnershipControls",
        "PutBucketPolicy",
        "PutBucketReplication",
        "PutBucketTagging",
        "PutBucketVersioning",
        "PutBucketWebsite",
        "PutPublicAccessBlock",
    }
)


@dataclass(frozen=True)
class SdkService:
    """A service. `prefix` is the first part of the names of its errors."""

    api: str
    prefix: str

    def serves(self, operation: str) -> bool:
        """Whether the sandbox supports the operation and its response is not binary data."""
        if self.api in _OPERATIONS:
            return operation in _OPERATIONS[self.api]
        binary = api_model.returns_binary_data(self.api, operation)
        return operation in _served_by_moto(self.api) and not binary

    def parameters(self, operation: str) -> Collection[str]:
        """The parameters that the sandbox supports, by the API's names."""
        if self.api == "dynamodb":
            return ITEM_OPERATIONS[operation]
        return api_model.members(self.api, operation)


def service_named(name: str) -> SdkService | None:
    """The service with this name in a Resource, or None."""
    return _services().get(name)


@cache
def _services() -> Mapping[str, SdkService]:
    prefixes = {api: pascal_case(api_model.service_id(api)) for api in _APIS}
    return {prefix.lower(): SdkService(api, prefix) for api, prefix in prefixes.items()}


@cache
def _served_by_moto(api: str) -> frozenset[str]:
    backends = moto.backends.get_backend(api)[DEFAULT_ACCOUNT_ID]
    backend = backends["us-east-1" if "us-east-1" in backends else "aws"]
    handlers = [getattr(handler, "__self__", handler) for handler in backend.urls.values()]
    classes = {each if isinstance(each, type) else type(each) for each in handlers}
    named = frozenset(
        operation
        for operation in api_model.operations(api)
        if any(_answers(each, camelcase_to_underscores(operation)) for each in classes)
    )
    return named | _OTHER_S3 if api == "s3" else named


def _answers(responses: type, method: str) -> bool:
    own = getattr(responses, method, None)
    return own is not None and own is not getattr(BaseResponse, method, None)

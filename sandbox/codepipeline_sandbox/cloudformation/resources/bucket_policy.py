"""AWS::S3::BucketPolicy, which moto's CloudFormation does not support."""

from __future__ import annotations

import json
from typing import Any, Self

from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

from codepipeline_sandbox.kernel.stack_resource import StackResource

TYPE = "AWS::S3::BucketPolicy"
PROPERTIES = frozenset({"Bucket", "PolicyDocument"})


class _Backends:
    """Finds S3's backends by account and Region, although moto stores them by partition."""

    def __getitem__(self, account_id: str) -> _BackendsOfAccount:
        return _BackendsOfAccount(account_id)


class _BackendsOfAccount:
    def __init__(self, account_id: str) -> None:
        self._account_id = account_id

    def __getitem__(self, region: str) -> Any:
        return s3_backends[self._account_id][get_partition(region)]


class BucketPolicyResource(StackResource):
    """A bucket policy as a stack resource."""

    resource_type = TYPE
    backends = _Backends()

    @classmethod
    def create(cls, backend: Any, name: str, properties: dict[str, Any]) -> Self:
        """Put the policy on the bucket, replacing the previous one."""
        del name
        bucket = properties["Bucket"]
        backend.put_bucket_policy(bucket, json.dumps(properties["PolicyDocument"]).encode())
        return cls(bucket)

    def delete_from(self, backend: Any) -> None:
        """Remove the policy."""
        backend.delete_bucket_policy(self.physical_resource_id)


install = BucketPolicyResource.install

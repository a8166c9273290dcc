"""The pipeline to start or follow, its location, and the role that gives access to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Target:
    """A pipeline in an account and Region, and the role to assume for it, without credentials."""

    pipeline_name: str
    account: str
    region: str
    partition: str
    role_arn: str
    external_id: str | None
    role_session_name: str

    @property
    def arn(self) -> str:
        """The pipeline's ARN."""
        return pipeline_arn(self.partition, self.region, self.account, self.pipeline_name)

    def __str__(self) -> str:
        """The pipeline's name, account and Region, for messages."""
        return f"{self.pipeline_name} (account {self.account}, {self.region})"


def pipeline_arn(partition: str, region: str, account: str, name: str) -> str:
    """Build a pipeline's ARN."""
    return f"arn:{partition}:codepipeline:{region}:{account}:{name}"


@dataclass(frozen=True)
class Place:
    """The partition, Region and account of a resource."""

    partition: str
    region: str
    account: str

    @classmethod
    def of(cls, arn: str) -> Self:
        """The place in an ARN. A role's ARN has no Region."""
        _, partition, _, region, account, _ = arn.split(":", 5)
        return cls(partition, region, account)

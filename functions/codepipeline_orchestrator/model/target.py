"""The pipeline to start or follow: where it is and how it is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from codepipeline_orchestrator.model.documents import read


@dataclass(frozen=True)
class Target:
    """A pipeline in an account and Region, and the role that reaches it."""

    pipelineName: str  # noqa: N815 - travels as JSON between the states, in AWS's spelling
    account: str
    region: str
    partition: str
    roleArn: str  # noqa: N815 - as above
    externalId: str | None  # noqa: N815 - as above
    roleSessionName: str  # noqa: N815 - as above

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """The target that a state handed on."""
        return read(cls, document)

    def to_document(self) -> dict[str, Any]:
        """The target as the states hand it on; it holds no credentials."""
        return asdict(self)

    @property
    def arn(self) -> str:
        """The pipeline's ARN."""
        return pipeline_arn(self.partition, self.region, self.account, self.pipelineName)

    def __str__(self) -> str:
        """For messages: the name and where it is."""
        return f"{self.pipelineName} (account {self.account}, {self.region})"


def pipeline_arn(partition: str, region: str, account: str, name: str) -> str:
    """The ARN of a pipeline."""
    return f"arn:{partition}:codepipeline:{region}:{account}:{name}"


@dataclass(frozen=True)
class Place:
    """Where something is, read from its ARN."""

    partition: str
    region: str
    account: str

    @classmethod
    def of(cls, arn: str) -> Self:
        """The place in an ARN. The Region is empty for a role's."""
        _, partition, _, region, account, _ = arn.split(":", 5)
        return cls(partition, region, account)

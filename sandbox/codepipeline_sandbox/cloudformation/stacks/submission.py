"""A template with its parameters, as submitted to CloudFormation and as processed by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.cloudformation.exceptions import CloudFormationError, ValidationError

from codepipeline_sandbox.cloudformation.errors import DeploymentFailed
from codepipeline_sandbox.cloudformation.resources import resources
from codepipeline_sandbox.cloudformation.templates import parameters, transform
from codepipeline_sandbox.cloudformation.templates.reading import read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class InsufficientCapabilities(CloudFormationError):  # type: ignore[misc]
    """The caller has not acknowledged that the template creates IAM resources."""

    code = "InsufficientCapabilitiesException"

    def __init__(self, needed: str) -> None:
        super().__init__(f"Requires capabilities : [{needed}]")
        self.needed = needed


@dataclass(frozen=True)
class Submission:
    """A template and the values of its parameters."""

    text: str  # as submitted
    document: dict[str, Any]  # with all transforms applied
    values: Mapping[str, str]
    transformed: bool

    def require(self, capabilities: Sequence[str]) -> None:
        """Raise InsufficientCapabilities if the template needs a capability that was not given."""
        if (needed := resources.capability(self.document, capabilities)) is not None:
            raise InsufficientCapabilities(needed)


def submit(text: str, given: Mapping[str, str], account_id: str, region: str) -> Submission:
    """Read and check a template. Raises a CloudFormation error if it cannot be deployed."""
    written = read(text)
    try:
        values = parameters.resolve(written, given)
        document = transform.processed(text, written, values, region)
        resources.check(document)
        parameters.seed_public(document, values, account_id, region)
    except DeploymentFailed as error:
        raise ValidationError(message=str(error)) from error
    for resource in document["Resources"].values():
        # Otherwise, moto would add Properties later, and the template would appear to have changed.
        resource.setdefault("Properties", {})
    return Submission(text, document, values, document is not written)

"""Errors that explain why a template cannot be deployed."""

from __future__ import annotations


class DeploymentFailed(Exception):
    """The template cannot be deployed. The message names the resource and gives the reason."""


class ResourceFailed(DeploymentFailed):
    """A resource could not be created, updated or deleted."""

    def __init__(self, logical_id: str, resource_type: str, reason: object) -> None:
        super().__init__(f"{logical_id} ({resource_type}): {reason}")
        self.logical_id = logical_id
        self.resource_type = resource_type
        self.reason = str(reason)


class NotSupported(DeploymentFailed):
    """The template contains something that the sandbox does not support."""

"""Deploys SAM templates to the sandbox's CloudFormation, as `sam deploy` does."""

from __future__ import annotations

from sandbox import remembering

remembering.install()  # must run before the imports below load moto

# ruff: noqa: E402
from sandbox.deployment.errors import DeploymentFailed
from sandbox.deployment.installation import install
from sandbox.deployment.stack import Stack, deploy

__all__ = ["DeploymentFailed", "Stack", "deploy", "install"]

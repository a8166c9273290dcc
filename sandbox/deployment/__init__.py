"""Deploying SAM templates as `sam deploy` does, into the sandbox's CloudFormation."""

from __future__ import annotations

from sandbox import remembering

remembering.install()  # before what follows imports all of moto

# ruff: noqa: E402 - see above
from sandbox.deployment.errors import DeploymentFailed
from sandbox.deployment.resources import install
from sandbox.deployment.stack import Stack, deploy

__all__ = ["DeploymentFailed", "Stack", "deploy", "install"]

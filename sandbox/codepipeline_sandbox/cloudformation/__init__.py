"""Deploys SAM templates to the sandbox's CloudFormation, as `sam deploy` does."""

from __future__ import annotations

from codepipeline_sandbox.patches import caches

caches.install()  # must run before the imports below load moto

# ruff: noqa: E402
from codepipeline_sandbox.cloudformation.errors import DeploymentFailed
from codepipeline_sandbox.cloudformation.installation import install
from codepipeline_sandbox.cloudformation.stack import Stack, deploy

__all__ = ["DeploymentFailed", "Stack", "deploy", "install"]

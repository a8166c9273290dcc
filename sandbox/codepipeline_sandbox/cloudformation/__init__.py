"""Deploys SAM templates to the sandbox's CloudFormation, as `sam deploy` does."""

from __future__ import annotations

from codepipeline_sandbox.kernel.patches import Patches
from codepipeline_sandbox.patches import caches

with Patches() as _patches:
    caches.install(_patches)  # importing moto creates sessions, which is slow without the caches
    from codepipeline_sandbox.cloudformation.errors import DeploymentFailed
    from codepipeline_sandbox.cloudformation.installation import install
    from codepipeline_sandbox.cloudformation.stack import Stack, deploy

__all__ = ["DeploymentFailed", "Stack", "deploy", "install"]

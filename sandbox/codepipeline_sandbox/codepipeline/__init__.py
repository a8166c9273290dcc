"""AWS CodePipeline: pipelines with scripted actions, jobs for functions, and events."""

from __future__ import annotations

from codepipeline_sandbox.codepipeline.acts import Act
from codepipeline_sandbox.codepipeline.scripts import rule_script, script
from codepipeline_sandbox.codepipeline.settings import Settings

__all__ = ["Act", "Settings", "install", "rule_script", "script"]


def install() -> None:
    """Replace moto's CodePipeline with the sandbox's. Idempotent."""
    # moto is slow to import.
    import moto.codepipeline.models  # noqa: PLC0415

    from codepipeline_sandbox.codepipeline.cloudformation import PipelineResource  # noqa: PLC0415
    from codepipeline_sandbox.codepipeline.models import codepipeline_backends  # noqa: PLC0415

    # moto itself reads the package's attribute, and its other services read the module's.
    moto.codepipeline.codepipeline_backends = codepipeline_backends
    moto.codepipeline.models.codepipeline_backends = codepipeline_backends
    PipelineResource.install()

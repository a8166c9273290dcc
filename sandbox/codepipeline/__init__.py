"""AWS CodePipeline: pipelines with scripted actions, jobs for functions, and events."""

from __future__ import annotations

from sandbox.codepipeline.scripts import Act, rule_script, script
from sandbox.codepipeline.settings import Settings

__all__ = ["Act", "Settings", "install", "rule_script", "script"]


def install() -> None:
    """Replace moto's CodePipeline with this one. Idempotent."""
    # Imported here because moto is slow to import and only needed once a sandbox starts.
    import moto.codepipeline.models  # noqa: PLC0415

    from sandbox.codepipeline.cloudformation import PipelineResource  # noqa: PLC0415
    from sandbox.codepipeline.models import codepipeline_backends  # noqa: PLC0415

    # moto looks up the backends in the package, but its own services import them from the module.
    moto.codepipeline.codepipeline_backends = codepipeline_backends
    moto.codepipeline.models.codepipeline_backends = codepipeline_backends
    PipelineResource.install()

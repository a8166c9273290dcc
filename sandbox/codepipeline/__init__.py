"""AWS CodePipeline: pipelines with scripted actions, jobs for functions, state-change events."""

from __future__ import annotations

from sandbox.codepipeline.scripts import Act, rule_script, script
from sandbox.codepipeline.settings import Settings

__all__ = ["Act", "Settings", "install", "rule_script", "script"]


def install() -> None:
    """Replace moto's CodePipeline with this one. Calling it again is harmless."""
    # Importing moto is slow and only needed once a sandbox starts.
    import moto.codepipeline.models  # noqa: PLC0415

    from sandbox.codepipeline.cloudformation import PipelineResource  # noqa: PLC0415
    from sandbox.codepipeline.models import codepipeline_backends  # noqa: PLC0415

    # moto looks the backends up in the package, but its own services import them from the module.
    moto.codepipeline.codepipeline_backends = codepipeline_backends
    moto.codepipeline.models.codepipeline_backends = codepipeline_backends
    PipelineResource.install()

"""AWS CodePipeline: pipelines whose actions act by script, jobs for functions, state changes."""

from __future__ import annotations

from sandbox.codepipeline.scripts import Act, rule_script, script
from sandbox.codepipeline.settings import Settings

__all__ = ["Act", "Settings", "install", "rule_script", "script"]


def install() -> None:
    """Put this CodePipeline in the place of moto's; harmless when it is there already."""
    # moto is slow to import, and only a sandbox that comes up needs it.
    import moto.codepipeline.models  # noqa: PLC0415

    from sandbox.codepipeline.cloudformation import PipelineResource  # noqa: PLC0415 - the same
    from sandbox.codepipeline.models import codepipeline_backends  # noqa: PLC0415

    # moto looks it up in the package; its own services import it from the module.
    moto.codepipeline.codepipeline_backends = codepipeline_backends
    moto.codepipeline.models.codepipeline_backends = codepipeline_backends
    PipelineResource.install()

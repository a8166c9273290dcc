"""AWS CodePipeline: pipelines with scripted actions, jobs for functions, and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline.acts import Act
from codepipeline_sandbox.codepipeline.scripts import rule_script, script
from codepipeline_sandbox.codepipeline.settings import Settings

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches

__all__ = ["Act", "Settings", "install", "rule_script", "script"]


def install(patches: Patches) -> None:
    """Replace moto's CodePipeline with the sandbox's."""
    # moto is slow to import.
    import moto.codepipeline.models  # noqa: PLC0415

    from codepipeline_sandbox.codepipeline.cloudformation import PipelineResource  # noqa: PLC0415
    from codepipeline_sandbox.codepipeline.models import codepipeline_backends  # noqa: PLC0415

    # Patched in two places: moto uses the package's attribute, and its other services use the
    # module's.
    patches.attribute(moto.codepipeline, "codepipeline_backends", codepipeline_backends)
    patches.attribute(moto.codepipeline.models, "codepipeline_backends", codepipeline_backends)
    PipelineResource.install(patches)

"""AWS Lambda. Functions run in this process. Concurrent invocations use separate containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches


def install(patches: Patches) -> None:
    """Replace moto's Lambda backend and add the CloudFormation types that moto lacks."""
    # moto is slow to import.
    from codepipeline_sandbox.awslambda.invoke_config import EventInvokeConfigResource  # noqa: PLC0415
    from codepipeline_sandbox.awslambda.models import install as install_backend  # noqa: PLC0415

    install_backend(patches)
    EventInvokeConfigResource.install(patches)

"""AWS Step Functions: JSONata state machines that run on the world's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches
    from codepipeline_sandbox.stepfunctions.state_machines import StateMachines

__all__ = ["StateMachines", "install"]


def install(patches: Patches) -> None:
    """Replace moto's backend and its CloudFormation resource with ours."""
    import moto.backend_index  # noqa: PLC0415 - moto takes a second to import
    import moto.stepfunctions  # noqa: PLC0415

    from codepipeline_sandbox.kernel.stack_resource import register  # noqa: PLC0415
    from codepipeline_sandbox.stepfunctions import cloudformation, models, resource_properties, urls  # noqa: PLC0415

    backends = models.stepfunctions_backends
    patches.attribute(moto.stepfunctions, "stepfunctions_backends", backends)
    patches.attribute(moto.stepfunctions.models, "stepfunctions_backends", backends)
    hosts = ("stepfunctions", urls.SYNCHRONOUS)
    patterns = [*moto.backend_index.backend_url_patterns, hosts]
    patches.attribute(moto.backend_index, "backend_url_patterns", patterns)
    register(patches, resource_properties.TYPE, cloudformation.StateMachine)


def __getattr__(name: str) -> Any:
    if name != "StateMachines":
        raise AttributeError(name)
    from codepipeline_sandbox.stepfunctions.state_machines import StateMachines  # noqa: PLC0415

    return StateMachines

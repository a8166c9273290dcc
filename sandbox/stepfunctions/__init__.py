"""AWS Step Functions: JSONata state machines that run on the world's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.stepfunctions.state_machines import StateMachines

__all__ = ["StateMachines", "install"]


def install() -> None:
    """Replace moto's backend and its CloudFormation resource with ours."""
    import moto.stepfunctions  # noqa: PLC0415 - moto takes a second to import
    from moto.cloudformation import parsing  # noqa: PLC0415

    from sandbox.stepfunctions import cloudformation, models, resource_properties  # noqa: PLC0415

    moto.stepfunctions.stepfunctions_backends = models.stepfunctions_backends
    moto.stepfunctions.models.stepfunctions_backends = models.stepfunctions_backends
    parsing.get_model_map()[resource_properties.TYPE] = cloudformation.StateMachine


def __getattr__(name: str) -> Any:
    if name != "StateMachines":
        raise AttributeError(name)
    from sandbox.stepfunctions.state_machines import StateMachines  # noqa: PLC0415

    return StateMachines

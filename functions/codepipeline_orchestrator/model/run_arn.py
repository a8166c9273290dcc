"""Converts between the ARNs of a run and of its state machine."""

from __future__ import annotations


def run_arn(state_machine_arn: str, run: str) -> str:
    """The ARN of the run with this name."""
    return f"{state_machine_arn.replace(':stateMachine:', ':execution:')}:{run}"


def state_machine_arn_of(run_arn: str) -> str:
    """The ARN of the state machine of this run."""
    return run_arn.rpartition(":")[0].replace(":execution:", ":stateMachine:")

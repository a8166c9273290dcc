"""AWS Lambda: functions run in this process, each concurrent invocation in its own container."""

from __future__ import annotations


def install() -> None:
    """Let moto's Lambda and CloudFormation use our backend."""
    from sandbox.awslambda import invoke_config, models  # noqa: PLC0415 - moto takes its time

    models.install()
    invoke_config.install()

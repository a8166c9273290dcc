"""AWS Lambda. Functions run in this process, each concurrent invocation in its own container."""

from __future__ import annotations


def install() -> None:
    """Make moto's Lambda and CloudFormation use our backend."""
    # Imported here because moto is slow to import.
    from sandbox.awslambda.invoke_config import install as install_resource  # noqa: PLC0415
    from sandbox.awslambda.models import install as install_backend  # noqa: PLC0415

    install_backend()
    install_resource()

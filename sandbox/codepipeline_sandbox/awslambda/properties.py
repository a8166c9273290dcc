"""The properties of AWS::Lambda::Function that the sandbox accepts."""

from __future__ import annotations

import base64
from typing import Any

from moto.awslambda.models import LambdaFunction

# Architectures, EphemeralStorage, KmsKeyArn, RecursiveLoop, Tags and TracingConfig are accepted but
# have no effect.
PROPERTIES = frozenset(
    {
        "Architectures",
        "Code",
        "Description",
        "Environment",
        "EphemeralStorage",
        "FunctionName",
        "Handler",
        "KmsKeyArn",
        "Layers",
        "LoggingConfig",
        "MemorySize",
        "PackageType",
        "RecursiveLoop",
        "ReservedConcurrentExecutions",
        "Role",
        "Runtime",
        "Tags",
        "Timeout",
        "TracingConfig",
    }
)


def spec_of(name: str, properties: dict[str, Any]) -> dict[str, Any]:
    """Convert the resource's properties to CreateFunction's parameters.

    Raises ValueError for properties that the sandbox does not support.
    """
    if unknown := sorted(set(properties) - PROPERTIES):
        raise ValueError(f"the sandbox does not support {', '.join(unknown)} of a function")
    spec = {**properties, "FunctionName": name}
    if "Tags" in spec:
        spec["Tags"] = {tag["Key"]: tag["Value"] for tag in spec["Tags"]}
    for number in ("MemorySize", "Timeout", "ReservedConcurrentExecutions"):
        if number in spec:  # CloudFormation passes parameter values as strings.
            spec[number] = int(spec[number])
    # moto converts parameters that look like numbers to numbers.
    if "Variables" in spec.get("Environment", {}):
        values = spec["Environment"]["Variables"].items()
        spec["Environment"] = {"Variables": {key: str(value) for key, value in values}}
    code = spec["Code"]
    if "ZipFile" in code:  # In CloudFormation, ZipFile contains source code, not a zip.
        source = LambdaFunction._create_zipfile_from_plaintext_code(code["ZipFile"])  # noqa: SLF001
        spec["Code"] = {"ZipFile": base64.b64encode(source)}
    return spec

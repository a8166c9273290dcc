"""The properties of AWS::Lambda::Function that the sandbox supports. Others are refused."""

from __future__ import annotations

import base64
from typing import Any

from moto.awslambda.models import LambdaFunction

# These properties have no effect here: Architectures, KmsKeyArn, EphemeralStorage, TracingConfig
# (traces go nowhere), RecursiveLoop, Tags.
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
    """The CreateFunction parameters for the resource. Raises ValueError for unknown properties."""
    if unknown := sorted(set(properties) - PROPERTIES):
        raise ValueError(f"the sandbox does not support {', '.join(unknown)} of a function")
    spec = {**properties, "FunctionName": name}
    if "Tags" in spec:
        spec["Tags"] = {tag["Key"]: tag["Value"] for tag in spec["Tags"]}
    for number in ("MemorySize", "Timeout", "ReservedConcurrentExecutions"):
        if number in spec:  # CloudFormation passes parameter values as strings.
            spec[number] = int(spec[number])
    # moto turns parameters that look like numbers into numbers.
    if "Variables" in spec.get("Environment", {}):
        values = spec["Environment"]["Variables"].items()
        spec["Environment"] = {"Variables": {key: str(value) for key, value in values}}
    code = spec["Code"]
    if "ZipFile" in code:  # In CloudFormation, this property can contain the source code itself.
        source = LambdaFunction._create_zipfile_from_plaintext_code(code["ZipFile"])  # noqa: SLF001
        spec["Code"] = {"ZipFile": base64.b64encode(source)}
    return spec

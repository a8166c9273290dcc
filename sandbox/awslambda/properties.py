"""The properties of AWS::Lambda::Function that the sandbox supports. Others are refused."""

from __future__ import annotations

import base64
from typing import Any

from moto.awslambda.models import LambdaFunction

# Properties without an effect here: Architectures, KmsKeyArn, EphemeralStorage, TracingConfig
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
    """The CreateFunction parameters for the resource's properties. ValueError for unknown ones."""
    if unknown := sorted(set(properties) - PROPERTIES):
        raise ValueError(f"the sandbox does not support {', '.join(unknown)} of a function")
    spec = {**properties, "FunctionName": name}
    if "Tags" in spec:
        spec["Tags"] = {tag["Key"]: tag["Value"] for tag in spec["Tags"]}
    for number in ("MemorySize", "Timeout", "ReservedConcurrentExecutions"):
        if number in spec:  # the value of a parameter is a string
            spec[number] = int(spec[number])
    if "Variables" in spec.get("Environment", {}):  # moto turns such parameters into numbers
        values = spec["Environment"]["Variables"].items()
        spec["Environment"] = {"Variables": {key: str(value) for key, value in values}}
    code = spec["Code"]
    if "ZipFile" in code:  # in CloudFormation this is the source itself
        source = LambdaFunction._create_zipfile_from_plaintext_code(code["ZipFile"])  # noqa: SLF001
        spec["Code"] = {"ZipFile": base64.b64encode(source)}
    return spec

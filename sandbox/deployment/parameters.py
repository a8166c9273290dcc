"""Template parameters: defaults, constraints, and values from public SSM parameters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.ssm.models import Parameter, ssm_backends

from sandbox.deployment.errors import DeploymentFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

_POWERTOOLS = re.compile(
    r"/aws/service/powertools/python/(?P<architecture>arm64|x86_64)/(?P<python>python3\.\d+)"
    r"/(?P<version>[\w.]+)"
)
_POWERTOOLS_ACCOUNT = "017000801446"


def resolve(template: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """Return each parameter's value, checked against its constraints. Raises DeploymentFailed."""
    declared = template.get("Parameters", {})
    if unknown := sorted(set(given) - set(declared)):
        raise DeploymentFailed(f"Parameters: {unknown} do not exist in the template")
    values = {}
    for name, parameter in declared.items():
        value = given.get(name, parameter.get("Default"))
        if value is None:
            raise DeploymentFailed(f"Parameters: {name} must have a value")
        values[name] = str(value)
        _check(name, parameter, values[name])
    return values


def _check(name: str, parameter: Mapping[str, Any], value: str) -> None:
    allowed = [str(choice) for choice in parameter.get("AllowedValues", [])]
    if allowed and value not in allowed:
        raise DeploymentFailed(f"Parameters: {name} must be one of {allowed}, not {value!r}")
    listed = parameter["Type"] == "CommaDelimitedList"
    for part in value.split(",") if listed else [value]:
        if not re.fullmatch(str(parameter.get("AllowedPattern", ".*")), part, re.DOTALL):
            raise DeploymentFailed(
                f"Parameters: {name} must match {parameter['AllowedPattern']}, not {part!r}"
            )
    if not _within(parameter, "Length", len(value)):
        raise DeploymentFailed(
            f"Parameters: {name} has {len(value)} characters, which is out of bounds"
        )
    if parameter["Type"] == "Number" and not _within(parameter, "Value", float(value)):
        raise DeploymentFailed(f"Parameters: {name} is {value}, which is out of bounds")


def _within(parameter: Mapping[str, Any], of: str, figure: float) -> bool:
    least = float(parameter.get(f"Min{of}", "-inf"))
    most = float(parameter.get(f"Max{of}", "inf"))
    return least <= figure <= most


def seed_public(
    template: Mapping[str, Any], values: Mapping[str, str], account_id: str, region: str
) -> None:
    """Create the public SSM parameters that the template's parameters refer to.

    Only the parameters of Powertools' layers are created. Any other parameter must already be in
    SSM.
    """
    known = ssm_backends[account_id][region]._parameters  # noqa: SLF001 - the API refuses /aws
    for name, parameter in template.get("Parameters", {}).items():
        if not parameter["Type"].startswith("AWS::SSM::Parameter::Value<"):
            continue
        path = values[name]
        # As on AWS, a parameter's default is read even if another value is given.
        for wanted in {path, str(parameter.get("Default", path))} - set(known):
            known[wanted].append(_public(wanted, name, account_id, region))


def _public(path: str, name: str, account_id: str, region: str) -> Parameter:
    layer = _POWERTOOLS.fullmatch(path)
    if layer is None:
        raise DeploymentFailed(f"Parameters: {name} refers to {path}, which SSM does not have")
    python = layer["python"].replace(".", "")
    number = layer["version"].split(".")[-1]
    value = (
        f"arn:aws:lambda:{region}:{_POWERTOOLS_ACCOUNT}:layer:AWSLambdaPowertoolsPythonV3-"
        f"{python}-{layer['architecture']}:{number if number.isdigit() else 1}"
    )
    return Parameter(
        account_id=account_id,
        name=path,
        value=value,
        parameter_type="String",
        description="",
        allowed_pattern=None,
        keyid=None,
        last_modified_date=0,
        version=1,
        data_type="text",
    )

"""Template parameters: defaults, constraints, and values from public SSM parameters."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from moto.ssm.models import Parameter, ssm_backends

from codepipeline_sandbox.cloudformation.errors import DeploymentFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_POWERTOOLS = re.compile(
    r"/aws/service/powertools/python/(?P<architecture>arm64|x86_64)/(?P<python>python3\.\d+)"
    r"/(?P<version>[\w.]+)"
)
_POWERTOOLS_ACCOUNT = "017000801446"


def resolve(template: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """Return each parameter's value, checked against its constraints. Raises DeploymentFailed."""
    declared = template.get("Parameters", {})
    if unknown := sorted(set(given) - set(declared)):
        raise DeploymentFailed(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    values = {name: given.get(name, each.get("Default")) for name, each in declared.items()}
    if missing := [name for name, value in values.items() if value is None]:
        raise DeploymentFailed(f"Parameters: [{', '.join(missing)}] must have values")
    for name, parameter in declared.items():
        values[name] = _text(values[name])
        _check(name, parameter, values[name])
    return values


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _check(name: str, parameter: Mapping[str, Any], value: str) -> None:
    problem = next(_problems(parameter, value), None)
    if problem is not None and "ConstraintDescription" in parameter:
        problem = f"failed to satisfy constraint: {parameter['ConstraintDescription']}"
        raise DeploymentFailed(f"Parameter {name} {problem}")
    if problem is not None:
        raise DeploymentFailed(f"Parameter '{name}' {problem}")


def _problems(parameter: Mapping[str, Any], value: str) -> Iterator[str]:
    kind = parameter["Type"]
    parts = value.split(",") if kind == "CommaDelimitedList" else [value]
    allowed = [_text(choice) for choice in parameter.get("AllowedValues", [])]
    if allowed and not set(parts) <= set(allowed):
        yield "must be one of AllowedValues"
    pattern = str(parameter.get("AllowedPattern", ".*"))
    if not all(re.fullmatch(pattern, part, re.DOTALL) for part in parts):
        yield f"must match pattern {pattern}"
    if len(value) < int(parameter.get("MinLength", 0)):
        yield f"must contain at least {parameter['MinLength']} characters"
    if len(value) > int(parameter.get("MaxLength", len(value))):
        yield f"must contain at most {parameter['MaxLength']} characters"
    if kind == "Number":
        yield from _problems_of_number(parameter, value)


def _problems_of_number(parameter: Mapping[str, Any], value: str) -> Iterator[str]:
    try:
        number = float(value)
    except ValueError:
        yield "must be a number"
        return
    if number < float(parameter.get("MinValue", number)):
        yield f"must be a number not less than {parameter['MinValue']}"
    if number > float(parameter.get("MaxValue", number)):
        yield f"must be a number not greater than {parameter['MaxValue']}"


def seed_public(
    template: Mapping[str, Any], values: Mapping[str, str], account_id: str, region: str
) -> None:
    """Create the public SSM parameters that the template's parameters refer to.

    Only the public parameters of the Powertools layers are supported. Any other parameter must
    already be in SSM.
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
        raise DeploymentFailed(f"Parameters: {name} refers to {path}, which is not in SSM")
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

"""Checks command lines with the AWS CLI's own parser and API models, without running them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from botocore.validate import ParamValidator

from codepipeline_sandbox.cloudformation.artifacts import load
from tests.pages.blocks import ROOT
from tests.pages.parameters import check_parameters


@cache
def _driver() -> Any:
    from awscli.clidriver import create_clidriver  # noqa: PLC0415 - takes half a second to import

    return create_clidriver()


def _parser(table: Any) -> Any:
    from awscli.argparser import ArgTableArgParser  # noqa: PLC0415 - slow to import

    parser = ArgTableArgParser(table, {})
    parser.error = _refuse  # Without this, the parser would print its usage and exit.
    return parser


def _refuse(message: str) -> None:
    raise ValueError(message)


def check(words: list[str]) -> None:
    """Raise ValueError if the AWS CLI or the AWS API would reject the command."""
    service, operation, *rest = _without_globals(words)
    made = named(service, operation)
    parsed, unknown = _parser(made.arg_table).parse_known_args(rest)
    if unknown:
        raise ValueError(f"aws {service} {operation} has no {' '.join(unknown)}")
    if (service, operation) == ("cloudformation", "deploy"):
        _check_deployment(parsed)
    else:
        _check_request(made, parsed)


def named(service: str, operation: str) -> Any:
    """Return the command with this name, or raise ValueError if the AWS CLI does not have it."""
    command = _found(_driver()._get_command_table(), service)
    return _found(_operations(command), operation)


def _operations(command: Any) -> Any:
    if hasattr(command, "_get_command_table"):
        return command._get_command_table()
    return command.subcommand_table


def _found(table: Any, name: str) -> Any:
    if name not in table:
        raise ValueError(f"the AWS CLI has no {name}")
    return table[name]


def _without_globals(words: list[str]) -> list[str]:
    """Return the words without global options such as --query and their values."""
    table = _driver()._get_argument_table()
    rest, left = [], list(words)
    while left:
        word = left.pop(0)
        option = table.get(word.removeprefix("--")) if word.startswith("--") else None
        if option is None:
            rest.append(word)
        elif option.cli_type_name != "boolean" and option.name != "version":
            left.pop(0)
    return rest


def _check_request(made: Any, parsed: Any) -> None:
    request = made._operation_model.input_shape
    values: dict[str, Any] = {}
    for name, argument in made.arg_table.items():  # Some options exist only in the CLI.
        member = getattr(argument, "_serialized_name", None)
        value = getattr(parsed, name.replace("-", "_"), None)
        if value is not None and member is not None and member in request.members:
            values[member] = _typed(request.members[member], value)
    problems = ParamValidator().validate(values, request)
    if problems.has_errors():
        raise ValueError(problems.generate_report())


def _typed(shape: Any, value: Any) -> Any:
    words = value if isinstance(value, list) else [value]
    if shape.type_name in {"list", "structure", "map"} and words[0][:1] in "[{":
        return json.loads(words[0])
    if shape.type_name in {"integer", "long"}:
        return int(value)
    return value


# `make package` writes this file, which has the same parameters as the template.
_PACKAGED = {"build/packaged.yaml": "template.yaml"}

# `pipeline-run role` prints this file, which has no parameters.
_PRINTED = "role.yaml"


def _check_deployment(parsed: Any) -> None:
    if parsed.template_file == _PRINTED:
        return
    path = ROOT / _PACKAGED.get(parsed.template_file, parsed.template_file)
    if not path.is_file():
        raise ValueError(f"{parsed.template_file} does not exist")
    template = load(path)
    given = dict(one.split("=", 1) for one in parsed.parameter_overrides or [])
    check_parameters(template, given, complete=True)
    named = any("RoleName" in each.get("Properties", {}) for each in template["Resources"].values())
    if named and "CAPABILITY_NAMED_IAM" not in (parsed.capabilities or []):
        raise ValueError(f"{parsed.template_file} needs CAPABILITY_NAMED_IAM")

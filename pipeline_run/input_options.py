"""Command-line options generated from the fields of the input model."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import click

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.fields import RunInput
from codepipeline_orchestrator.input.json_with_comments import read_json
from codepipeline_orchestrator.input.parsing import parse_input, require_object
from pipeline_run.choice import ChoiceWithHint
from pipeline_run.errors import WrongUse, file_errors

# Options whose names differ from their fields, because --region is taken or one item is given at a
# time.
_OTHER_NAMES = {
    "region": ("--target-region", "REGION"),
    "variables": ("--variable", "NAME=VALUE"),
    "sourceRevisions": ("--source-revision", "ACTION=TYPE:VALUE"),
    "outputVariables": ("--output-variable", "NAMESPACE.NAME"),
}
# Parameters whose names differ from their fields, because `region` is the deployment's Region.
_PARAMETERS = {"region": "target_region"}
_PLACEHOLDERS = {
    "roleArn": "ARN",
    "externalId": "ID",
    "pipelineExecutionId": "ID",
    "clientRequestToken": "TOKEN",
    "startedAfter": "TIME",
}
_LISTS = {"variables", "sourceRevisions", "outputVariables"}


def input_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add PIPELINE, --input and an option for each field to a command."""
    for name, field in reversed(RunInput.model_fields.items()):
        if name != "pipeline_name":
            function = _option(name, str(field.alias), field)(function)
    function = click.option(
        "--input",
        "given",
        metavar="JSON|@FILE|-",
        help="The whole input as JSON. Other options override its values.",
    )(function)
    return click.argument("pipeline", required=False)(function)


def document_of(pipeline: str | None, given: str | None, fields: dict[str, Any]) -> dict[str, Any]:
    """The input document that the options describe. Raises WrongUse if it is invalid."""
    document = _read_input(given) if given else {}
    for name, field in RunInput.model_fields.items():
        value = fields.get(_PARAMETERS.get(name, name))
        if value not in {None, ()}:
            document[str(field.alias)] = _field_value(name, value)
    if pipeline:
        document["pipelineName"] = pipeline
    try:
        parse_input(document)
    except InvalidInput as error:
        command = f"pipeline-run {click.get_current_context().info_name}"
        if not document:
            raise WrongUse("No pipeline given.", f"Name one: {command} PIPELINE.") from error
        raise WrongUse(str(error), f"`{command} --help` describes the options.") from error
    return document


def _option(name: str, alias: str, field: Any) -> Callable[..., Any]:
    help_text = _help(alias, field)
    flag, metavar = _flag(name, alias)
    if alias == "wait":
        return click.option(
            "--wait/--no-wait",
            default=None,
            help="Wait for the target to end, or only start it.  [default: wait]",
        )
    if alias in _LISTS:
        return click.option(flag, name, metavar=metavar, multiple=True, help=help_text)
    kinds = list(_kinds(field.annotation))
    if issubclass(kinds[0], StrEnum):
        choice = ChoiceWithHint([each.value for each in kinds[0]])
        return click.option(flag, name, type=choice, help=help_text)
    kind = int if int in kinds else str
    parameter = _PARAMETERS.get(name, name)
    return click.option(flag, parameter, metavar=metavar, type=kind, help=help_text)


def _help(alias: str, field: Any) -> str:
    """The field's description, with the option names and default in click's format."""
    text, _, default = str(field.description).replace("`", "'").partition(" Default: ")
    for name, each in RunInput.model_fields.items():
        if "_" in name:
            text = re.sub(rf"\b{each.alias}\b", _flag(name, str(each.alias))[0], text)
    if alias in _LISTS:
        return f"{text} Repeatable."
    if field.default is not None:
        default = field.default
    return f"{text}  [default: {str(default).rstrip('.')}]" if default != "" else text


def _flag(name: str, alias: str) -> tuple[str, str | None]:
    """The option for a field, and the placeholder for its value."""
    return _OTHER_NAMES.get(alias, (f"--{name.replace('_', '-')}", _PLACEHOLDERS.get(alias)))


def _kinds(annotation: Any) -> Iterator[type]:
    """The types in an annotation such as `Annotated[int, ...] | None`."""
    if isinstance(annotation, type):
        yield annotation
    for each in get_args(annotation):
        yield from _kinds(each)


def _read_input(given: str) -> dict[str, Any]:
    if given == "-":
        with file_errors("--input: cannot read standard input"):
            text = sys.stdin.read()
    elif given.startswith("@"):
        with file_errors(f"--input: cannot read {given[1:]}"):
            text = Path(given[1:]).read_text(encoding="utf-8")
    else:
        text = given
    try:
        return require_object(read_json(text))
    except InvalidInput as error:
        raise WrongUse(f"--input: {error}") from error


def _field_value(name: str, value: Any) -> Any:
    if name == "variables":
        return [_variable(text) for text in value]
    if name == "source_revisions":
        return [_revision(text) for text in value]
    return list(value) if isinstance(value, tuple) else value


def _variable(text: str) -> dict[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(
            f"{text!r} is not in the form NAME=VALUE.", param_hint="--variable"
        )
    return {"name": name, "value": value}


def _revision(text: str) -> dict[str, str]:
    action, equals, revision = text.partition("=")
    kind, colon, value = revision.partition(":")
    if not (equals and colon):
        raise click.BadParameter(
            f"{text!r} is not in the form ACTION=TYPE:VALUE, for example "
            "Source=COMMIT_ID:3f0c9a51.",
            param_hint="--source-revision",
        )
    return {"actionName": action, "revisionType": kind, "revisionValue": value}

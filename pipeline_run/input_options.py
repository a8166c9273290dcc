"""An option for each field of the input, made from the model: --help says what it says."""

from __future__ import annotations

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
from pipeline_run.errors import WrongUse

# Several values, or a name that is taken: --region is the deployment's.
_OTHER_NAMES = {
    "region": ("--target-region", "REGION"),
    "variables": ("--variable", "NAME=VALUE"),
    "sourceRevisions": ("--source-revision", "ACTION=TYPE:VALUE"),
    "outputVariables": ("--output-variable", "NAMESPACE.NAME"),
}
# The fields whose options are kept under another name, as the deployment's Region has theirs.
_PARAMETERS = {"region": "target_region"}
_SEVERAL = {"variables", "sourceRevisions", "outputVariables"}


def input_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command PIPELINE, --input and the options of the fields."""
    for name, field in reversed(RunInput.model_fields.items()):
        if name != "pipeline_name":
            function = _option(name, str(field.alias), field)(function)
    function = click.option(
        "--input",
        "given",
        metavar="JSON|@FILE|-",
        help="The whole input; options go on top of it.",
    )(function)
    return click.argument("pipeline", required=False)(function)


def document_of(pipeline: str | None, given: str | None, fields: dict[str, Any]) -> dict[str, Any]:
    """The input that the options make, checked as a run would. WrongUse says what is wrong."""
    document = _whole(given) if given else {}
    for name, field in RunInput.model_fields.items():
        value = fields.get(_PARAMETERS.get(name, name))
        if value not in {None, ()}:
            document[str(field.alias)] = _made(name, value)
    if pipeline:
        document["pipelineName"] = pipeline
    try:
        parse_input(document)
    except InvalidInput as error:
        if not document:
            raise WrongUse("Which pipeline?", "Name it: pipeline-run start PIPELINE.") from error
        raise WrongUse(str(error), "docs/input.md has the fields.") from error
    return document


def _option(name: str, alias: str, field: Any) -> Callable[..., Any]:
    help_text = str(field.description).replace("`", "")
    flag, metavar = _OTHER_NAMES.get(alias, (f"--{name.replace('_', '-')}", None))
    if alias == "wait":
        return click.option("--wait/--no-wait", default=None, help="Whether to wait for the end.")
    if alias in _SEVERAL:
        return click.option(flag, name, metavar=metavar, multiple=True, help=help_text)
    kinds = list(_kinds(field.annotation))
    if issubclass(kinds[0], StrEnum):
        choice = ChoiceWithHint([each.value for each in kinds[0]])
        return click.option(flag, name, type=choice, help=help_text)
    kind = int if int in kinds else str
    parameter = _PARAMETERS.get(name, name)
    return click.option(flag, parameter, metavar=metavar, type=kind, help=help_text)


def _kinds(annotation: Any) -> Iterator[type]:
    """The types in an annotation such as `Annotated[int, ...] | None`."""
    if isinstance(annotation, type):
        yield annotation
    for each in get_args(annotation):
        yield from _kinds(each)


def _whole(given: str) -> dict[str, Any]:
    if given == "-":
        text = sys.stdin.read()
    elif given.startswith("@"):
        try:
            text = Path(given[1:]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise WrongUse(
                f"--input: {given[1:]} cannot be read: {error}.", "Check the path."
            ) from error
    else:
        text = given
    try:
        return require_object(read_json(text))
    except InvalidInput as error:
        raise WrongUse(f"--input: {error}") from error


def _made(name: str, value: Any) -> Any:
    """A field's value from its option's."""
    if name == "variables":
        return [_variable(text) for text in value]
    if name == "source_revisions":
        return [_revision(text) for text in value]
    return list(value) if isinstance(value, tuple) else value


def _variable(text: str) -> dict[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE.", param_hint="--variable")
    return {"name": name, "value": value}


def _revision(text: str) -> dict[str, str]:
    action, equals, revision = text.partition("=")
    kind, colon, value = revision.partition(":")
    if not (equals and colon):
        raise click.BadParameter(
            f"{text!r} is not ACTION=TYPE:VALUE, such as Source=COMMIT_ID:3f0c9a51.",
            param_hint="--source-revision",
        )
    return {"actionName": action, "revisionType": kind, "revisionValue": value}

"""The command `pipeline-run role`."""

from __future__ import annotations

import re
from pathlib import Path

import click
import yaml

from codepipeline_orchestrator.errors import InvalidInput
from codepipeline_orchestrator.input.parsing import parse_user_parameters
from codepipeline_orchestrator.pipeline.permissions import TELLING
from pipeline_run import deployment
from pipeline_run.choice import ChoiceWithHint
from pipeline_run.connection import Connection, asks_aws, json_option
from pipeline_run.errors import WrongUse, file_errors
from pipeline_run.grants import BASIC, FEATURES, WITHOUT, needed_by
from pipeline_run.output import say, say_json
from pipeline_run.target_role import EXTERNAL_ID, ROLE_NAME, template

_NAME = re.compile(r"[A-Za-z0-9.@_*?-]{1,100}")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+\*?")
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,1224}")
_ROLE_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")


@click.command("role")
@click.argument("pipelines", nargs=-1, metavar="PIPELINE...")
@click.option(
    "--with",
    "features",
    multiple=True,
    type=ChoiceWithHint([*FEATURES]),
    help="Also allow this optional feature. Repeatable.",
)
@click.option(
    "--input",
    "files",
    multiple=True,
    metavar="FILE",
    help="Grant the permissions that the input in FILE needs. Repeatable.",
)
@click.option(
    "--orchestrator-role",
    metavar="ARN",
    help="Role that may assume the new role.  [default: the deployment's TargetAccessRoleArn]",
)
@click.option(
    "--external-id",
    metavar="ID",
    help="External ID that the new role requires.  [default: the deployment's]",
)
@click.option(
    "--role-name",
    metavar="NAME",
    default=ROLE_NAME,
    show_default=True,
    help="Name of the new role.",
)
@json_option
@asks_aws
def command(
    *,
    connection: Connection,
    pipelines: tuple[str, ...],
    features: tuple[str, ...],
    files: tuple[str, ...],
    orchestrator_role: str | None,
    external_id: str | None,
    role_name: str,
    as_json: bool,
) -> None:
    """Print a CloudFormation template for a role that gives runs access to each PIPELINE.

    Deploy the template in the account of the pipelines. If --orchestrator-role is given, the
    command does not call AWS.

    \b
    Examples:
      pipeline-run role deploy-shop deploy-web --with stop > role.yaml
      pipeline-run role --input user-parameters.json > role.yaml
      aws cloudformation deploy --stack-name codepipeline-orchestrator-target \\
        --template-file role.yaml --capabilities CAPABILITY_NAMED_IAM
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    names, actions = _wanted(pipelines, features, files)
    if orchestrator_role is None:
        found = deployment.find(connection)
        orchestrator_role = found.outputs.get("TargetAccessRoleArn", "")
        external_id = external_id or found.parameters.get("ExternalId")
    if not _ROLE.fullmatch(orchestrator_role):
        raise WrongUse(
            f"--orchestrator-role: {orchestrator_role!r} is not a role ARN.",
            "Use the output TargetAccessRoleArn of the deployment's stack.",
        )
    external_id = external_id or EXTERNAL_ID
    if not _EXTERNAL_ID.fullmatch(external_id):
        raise WrongUse(
            f"--external-id: {external_id!r} is not an external ID.",
            "Use 2 to 1,224 letters, digits and the characters _+=,.@:/-.",
        )
    if not _ROLE_NAME.fullmatch(role_name):
        raise WrongUse(
            f"--role-name: {role_name!r} is not a role name.",
            "Use up to 64 letters, digits and the characters _+=,.@-.",
        )
    made = template(
        pipelines=names,
        actions=actions,
        orchestrator_role=orchestrator_role,
        external_id=external_id,
        role_name=role_name,
    )
    if as_json:
        say_json(made)
    else:
        for line in yaml.safe_dump(made, sort_keys=False, width=120).splitlines():
            say(line)


def _wanted(
    pipelines: tuple[str, ...], features: tuple[str, ...], files: tuple[str, ...]
) -> tuple[list[str], list[str]]:
    """The pipelines and the actions to allow on them, without duplicates."""
    for name in pipelines:
        if not _NAME.fullmatch(name):
            raise click.BadParameter(
                f"{name!r} is not a valid pipeline name.", param_hint="PIPELINE"
            )
    names, actions = list(pipelines), [FEATURES[each] for each in features]
    if pipelines or not files:
        actions += BASIC
    for file in files:
        with file_errors(f"--input: cannot read {file}"):
            text = Path(file).read_text(encoding="utf-8")
        try:
            run_input = parse_user_parameters(text)
        except InvalidInput as error:
            raise WrongUse(
                f"--input: {file}: {error}", f"Check it with: pipeline-run validate {file}"
            ) from error
        names.append(run_input.pipeline_name)
        actions += [*needed_by(run_input), *TELLING]
    if not names:
        raise click.UsageError("No pipelines given. Name at least one or use --input FILE.")
    return list(dict.fromkeys(names)), [each for each in WITHOUT if each in set(actions)]

"""Find the deployment that a command uses, by name or by its exports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from codepipeline_orchestrator.aws.client_errors import answer_text, code_of, is_denied
from codepipeline_orchestrator.model.documents import json_object
from codepipeline_orchestrator.model.run_arn import run_arn, state_machine_arn_of
from pipeline_run.connection import Connection
from pipeline_run.errors import CommandError, WrongUse, aws_refusals
from pipeline_run.output import remark

# Two exports that only codepipeline-orchestrator's stacks have.
# Each export's name starts with the stack's name.
_MARKS = ("-StateMachineArn", "-CodePipelineJobFunctionName")
_OUTPUTS = {"StateMachineArn", "CodePipelineJobFunctionName"}
# The states that every version has. Their names are public, because the state machine is.
_STATES = {"AssumeRole", "StartExecution", "GetState", "ReportJobResult"}
_STATE_MACHINE = re.compile(r"arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:stateMachine:[^:\s]+")
_EXECUTION = re.compile(r"arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:execution:([^:\s]+):[^:\s]+")
_DEPLOY = "Find yours with --profile, --region and --stack, or create one with `make deploy`."
_NO_STACKS = (
    "Request this permission, use another --profile, or name the deployment with --state-machine "
    "ARN."
)


@dataclass(frozen=True)
class Deployment:
    """A deployment: its state machine and, if the stack can be read, its outputs and parameters."""

    state_machine: str
    stack: str | None = None
    outputs: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    unconfirmed: str = ""  # why it is not known to be codepipeline-orchestrator's state machine

    def listed(self, parameter: str) -> list[str]:
        """The items of a parameter that is a list."""
        return [each for each in self.parameters.get(parameter, "").split(",") if each]

    def command_to_add(self, item: str, parameter: str) -> str:
        """The command that adds an item to a parameter that is a list."""
        items = ",".join([*self.listed(parameter), item])
        return f'make deploy PARAMETERS="{parameter}={items}"'

    def run_arn(self, name: str) -> str:
        """The ARN of a run of this deployment."""
        return run_arn(self.state_machine, name)


def find(connection: Connection) -> Deployment:
    """The deployment that the user named, or the only one in the account and Region.

    Raises CommandError if there is none, or more than one.
    """
    if connection.state_machine:
        if not _STATE_MACHINE.fullmatch(connection.state_machine):
            raise WrongUse(
                f"{connection.state_machine!r} is not a state machine ARN.",
                "Use the stack's output StateMachineArn: arn:aws:states:REGION:ACCOUNT:"
                "stateMachine:NAME.",
            )
        found = from_definition(connection, connection.state_machine)
        if found is None:
            raise CommandError(
                f"{connection.state_machine} is not a state machine of codepipeline-orchestrator.",
                "Use the stack's output StateMachineArn.",
            )
        remark_if_unconfirmed(found)
        return found
    return _described(connection, connection.stack or _only(connection))


def stack_resources(connection: Connection, stack: str) -> dict[str, str]:
    """The physical IDs of a stack's resources by logical ID. Raises botocore's errors."""
    pages = connection.cloudformation.get_paginator("list_stack_resources").paginate(
        StackName=stack
    )
    return {
        each["LogicalResourceId"]: each["PhysicalResourceId"]
        for page in pages
        for each in page["StackResourceSummaries"]
    }


def from_definition(connection: Connection, state_machine: str) -> Deployment | None:
    """The deployment with this state machine, or None if its definition is another program's.

    The state machine's name and stack do not matter, so copies in other stacks are recognized.
    """
    client = connection.stepfunctions
    with aws_refusals("describe the state machine"):
        try:
            described = client.describe_state_machine(stateMachineArn=state_machine)
        except ClientError as error:
            if not is_denied(error) and not code_of(error).startswith("Kms"):
                raise
            return Deployment(state_machine, unconfirmed=answer_text(error))
    states = json_object(described.get("definition")).get("States")
    is_ours = isinstance(states, dict) and states.keys() >= _STATES
    return Deployment(state_machine) if is_ours else None


def remark_if_unconfirmed(where: Deployment) -> None:
    """Mention that the state machine may belong to another program."""
    if where.unconfirmed:
        remark(
            f"The definition of the state machine {where.state_machine} could not be read "
            f"({where.unconfirmed}). It is assumed to be codepipeline-orchestrator's if a run's "
            "input names a pipeline."
        )


def state_machine_of(execution_arn: str) -> str | None:
    """The ARN of the execution's state machine, or None if the text is not an execution's ARN."""
    return state_machine_arn_of(execution_arn) if _EXECUTION.fullmatch(execution_arn) else None


def _only(connection: Connection) -> str:
    with aws_refusals("list the CloudFormation exports", if_denied=_NO_STACKS):
        pages = connection.cloudformation.get_paginator("list_exports").paginate()
        names = [export["Name"] for page in pages for export in page["Exports"]]
    stacks = sorted(
        name.removesuffix(_MARKS[0])
        for name in names
        if name.endswith(_MARKS[0]) and name.removesuffix(_MARKS[0]) + _MARKS[1] in names
    )
    if not stacks:
        raise CommandError(f"No deployment found in {_place(connection)}.", _DEPLOY)
    if stacks[1:]:
        raise CommandError(
            f"Found {len(stacks)} deployments in {_place(connection)}: {', '.join(stacks)}.",
            f"Choose one, for example with --stack {stacks[0]}.",
        )
    return stacks[0]


def _described(connection: Connection, name: str) -> Deployment:
    with aws_refusals(f"describe the stack {name}", if_denied=_NO_STACKS):
        client = connection.cloudformation
        try:
            stack: Any = client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" not in answer_text(error):
                raise
            raise CommandError(
                f"There is no stack {name} in {_place(connection)}.", _DEPLOY
            ) from error
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
    if missing := sorted(_OUTPUTS - outputs.keys()):
        raise CommandError(
            f"The stack {name} ({stack['StackStatus']}) has no output {missing[-1]}. It is not a "
            "deployment of codepipeline-orchestrator, or it is not ready yet.",
            _DEPLOY,
        )
    parameters = {
        each["ParameterKey"]: each.get("ParameterValue", "") for each in stack.get("Parameters", [])
    }
    return Deployment(outputs["StateMachineArn"], name, outputs, parameters)


def _place(connection: Connection) -> str:
    try:
        account = f"account {connection.identity['Account']}"
    except CommandError:
        account = "this account"  # STS may be unreachable
    return f"{account}, {connection.session.region_name}"

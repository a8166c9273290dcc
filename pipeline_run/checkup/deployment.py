"""Check the caller's identity, the deployment's functions and its allowed targets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from codepipeline_orchestrator.input.mistakes import meant
from codepipeline_orchestrator.model.target import Place
from pipeline_run.checkup.finding import CheckVerdict, Finding
from pipeline_run.checkup.pipeline_names import ListNames, not_found
from pipeline_run.connection import Connection
from pipeline_run.deployment import Deployment
from pipeline_run.errors import CommandError, aws_refusals
from pipeline_run.input_document import pipeline_name, role_arn

_PROBED = {"AssumeRole", "GetState", "StartExecution", "RetryStage", "StopExecution"}
_READS_WAITS = "ReadEventCount"


@dataclass(frozen=True)
class StateMachine:
    """The functions and the table named in the state machine's definition."""

    functions: Mapping[str, str]  # keyed by state name
    waits_table: str


def check_identity(connection: Connection) -> Finding:
    """Show whose credentials are used. Raises CommandError if AWS rejects them."""
    arn = connection.identity["Arn"]
    return Finding(CheckVerdict.GOOD, "credentials", f"You are {arn}.")


def read_state_machine(connection: Connection, where: Deployment) -> StateMachine:
    """Read the state machine. Raises CommandError if that fails or if another program owns it."""
    with aws_refusals("describe the state machine"):
        definition = connection.stepfunctions.describe_state_machine(
            stateMachineArn=where.state_machine
        )["definition"]
    states: dict[str, Any] = json.loads(definition)["States"]
    if not states.keys() >= {*_PROBED, _READS_WAITS}:
        raise CommandError(
            f"{where.state_machine} is not a state machine of codepipeline-orchestrator, or it is "
            "from a different version.",
            "Use the stack's output StateMachineArn, or update the stack with `make deploy`.",
        )
    functions = {name: states[name]["Arguments"]["FunctionName"] for name in _PROBED}
    return StateMachine(functions, states[_READS_WAITS]["Arguments"]["TableName"])


def check_reach(
    where: Deployment, document: dict[str, Any], list_names: ListNames
) -> Iterator[Finding]:
    """If the deployment's parameters are known, check that they allow the target."""
    role, name = role_arn(document), pipeline_name(document) or ""
    if not where.parameters:
        return
    parameter = "AllowedTargetRoleArns" if role else "LocalPipelineNames"
    listed = where.listed(parameter)
    wanted = role or name
    scheduled = [] if role else [where.parameters.get("SchedulePipelineName", "")]
    if any(fnmatchcase(wanted, pattern) for pattern in (*listed, *scheduled)):
        yield Finding(CheckVerdict.GOOD, parameter, f"allows {wanted}.")
        return
    here = Place.of(where.state_machine)
    place = replace(here, region=document.get("region") or here.region)
    names = None if role else list_names(place.region)
    if names is not None and name not in names:
        yield Finding(CheckVerdict.BAD, "pipeline", not_found(name, place, names))
        return
    hint = "" if role or names else meant(name, listed)
    yield Finding(
        CheckVerdict.BAD,
        parameter,
        f"lists {', '.join(listed) or 'nothing'} but not {wanted}{hint}. To add it:",
        commands=(where.command_to_add(wanted, parameter),),
    )

"""Start a run in the user's name, and follow it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Any

import click

from pipeline_run.caller import person_in, run_name
from pipeline_run.connection import Connection
from pipeline_run.deployment import Deployment
from pipeline_run.errors import CommandError, aws_refusals
from pipeline_run.follow import follow_to_the_end
from pipeline_run.output import remark, say, say_json

detach_option = click.option(
    "--detach", is_flag=True, help="Print the run's name and exit without following it."
)


def start_as_user(connection: Connection, where: Deployment, document: Mapping[str, Any]) -> str:
    """Start a run and return its ARN. The run's name shows who started it.

    With a name, a request that the SDK repeats does not start a second run.
    """
    try:
        person = own_name(connection)
    except CommandError:
        person = "unknown"  # STS may be unreachable, and the name is only a label
    name = run_name(secrets.token_hex(6), person)
    with aws_refusals("start the run"):
        return connection.stepfunctions.start_execution(
            stateMachineArn=where.state_machine, name=name, input=json.dumps(document)
        )["executionArn"]


def own_name(connection: Connection) -> str:
    """The user's name, as it appears in the names of the runs that they start."""
    return person_in(connection.identity["Arn"])


def follow_or_detach(
    connection: Connection, arn: str, *, detach: bool, notifies: bool, as_json: bool
) -> None:
    """Follow the new run to the end, or only print its name."""
    name = arn.rpartition(":")[2]
    if not detach:
        remark(f"Started run {name}.")
        follow_to_the_end(connection, [arn], notifies=notifies, as_json=as_json)
    elif as_json:
        say_json({"run": arn, "name": name})
    else:
        say(name)
        remark(f"Follow it with: {connection.command(f'watch {name}')}")

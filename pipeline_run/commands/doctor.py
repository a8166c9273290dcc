"""The command `pipeline-run doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

import click
import yaml

from codepipeline_orchestrator.model.target import Place
from pipeline_run import deployment
from pipeline_run.checkup.deployment import check_identity, check_reach, read_state_machine
from pipeline_run.checkup.events import check_events
from pipeline_run.checkup.finding import CheckVerdict, Finding
from pipeline_run.checkup.pipeline_names import ListNames, list_names
from pipeline_run.checkup.prober import Prober
from pipeline_run.checkup.schedule import check_schedule
from pipeline_run.checkup.simulation import simulate
from pipeline_run.checkup.target import check_target
from pipeline_run.connection import Connection, asks_aws, json_option, target_profile_option
from pipeline_run.environment import environment
from pipeline_run.exits import Exit
from pipeline_run.input_document import role_arn
from pipeline_run.input_options import document_of, input_options
from pipeline_run.output import say, say_json


@click.command("doctor")
@input_options
@target_profile_option("to query IAM")
@json_option
@asks_aws
def command(
    *,
    connection: Connection,
    pipeline: str | None,
    given: str | None,
    target_profile: str | None,
    as_json: bool,
    **fields: Any,
) -> None:
    """Check the deployment and, if given, the target PIPELINE.

    Does not start anything. Prints the policy to add for denied permissions. Exits with 1 if a run
    with this input would fail.

    \b
    Examples:
      pipeline-run doctor
      pipeline-run doctor deploy-shop --role-arn arn:aws:iam::222233334444:role/target
      pipeline-run doctor --input @input.json
    """  # noqa: D301 - \b keeps click from rewrapping a paragraph
    asks = (
        pipeline is not None or given or any(value not in {None, ()} for value in fields.values())
    )
    document = document_of(pipeline, given, fields) if asks else None
    findings = []
    for finding in _findings(connection, document, target_profile):
        findings.append(finding)
        if not as_json:
            _print_finding(finding)
    if as_json:
        say_json([asdict(finding) for finding in findings])
    is_bad = any(finding.verdict is CheckVerdict.BAD for finding in findings)
    raise click.exceptions.Exit(Exit.BAD if is_bad else Exit.GOOD)


def _findings(
    connection: Connection, document: dict[str, Any] | None, target_profile: str | None
) -> Iterator[Finding]:
    yield check_identity(connection)
    where = deployment.find(connection)
    machine = read_state_machine(connection, where)
    yield Finding(
        CheckVerdict.GOOD, "deployment", f"{where.stack or ''} {where.state_machine}".strip()
    )
    yield from check_schedule(connection, where)
    if document is None:
        return
    there = connection.with_profile(target_profile)
    role = role_arn(document)
    is_here = role is None or Place.of(role).account == Place.of(where.state_machine).account
    names: ListNames = partial(list_names, there) if is_here or target_profile else _unknown_names
    reach = list(check_reach(where, document, names))
    yield from reach
    if any(finding.verdict is CheckVerdict.BAD for finding in reach):
        told = "not checked because of the problem above."
        yield Finding(CheckVerdict.UNTRIED, "target", told)
        return
    prober = Prober(connection, machine.functions, where.run_arn("doctor"))
    now = environment().now()
    yield from check_target(
        prober,
        where,
        document,
        now,
        simulate=partial(simulate, there),
        list_names=names,
        check_events=partial(check_events, connection, machine.waits_table, where, now),
    )


def _unknown_names(_region: str) -> None:
    """The caller has no credentials for the target's account, so its pipelines are unknown."""


def _print_finding(finding: Finding) -> None:
    say(f"{finding.verdict:>8}  {finding.about}: {finding.told}")
    if finding.add:
        text = yaml.safe_dump(finding.add, sort_keys=False, width=120)
        for line in text.splitlines():
            say(f"{'':>10}  {line}")
    for line in finding.commands:
        say(f"{'':>10}  {line}")

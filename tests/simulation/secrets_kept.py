"""Promises about secrets: no history, log, event, message or token contains a credential."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from moto.dynamodb.models import dynamodb_backends
from moto.sts.models import sts_backends

from codepipeline_sandbox.codepipeline.models import codepipeline_backends
from playground.company import REGION, SECOND, THIRD, TOOLS
from tests.simulation.runs import all_runs

if TYPE_CHECKING:
    from moto.dynamodb.models.dynamo_type import Item
    from moto.dynamodb.models.table import Table

    from tests.simulation.scene import SimulatedWorld

_ACCOUNTS = (TOOLS, SECOND, THIRD)


def no_credential_is_written(world: SimulatedWorld) -> Iterator[str]:
    """The credentials of jobs and role sessions are never written anywhere."""
    written = "\n".join(_written(world))
    for secret in _credentials():
        if (at := written.find(secret)) >= 0:
            yield f"a credential can be read: {written[max(0, at - 80) : at]}..."
            return  # one violation is enough


def no_secret_of_a_job_is_written(world: SimulatedWorld) -> Iterator[str]:
    """A job's secret is written only to the jobs table and to continuation tokens."""
    written = "\n".join(_written(world))
    for item in dynamodb_backends[TOOLS][REGION].tables.values():
        for each in _items(item):
            secret = each.attrs.get("secret")
            if secret is not None and secret.value in written:
                yield "the secret of a job can be read"
                return


def _items(table: Table) -> Iterator[Item]:
    for each in table.items.values():
        yield from each.values() if isinstance(each, dict) else (each,)


def _credentials() -> Iterator[str]:
    for job in codepipeline_backends[TOOLS][REGION].jobs.values():
        yield from job.credentials.values()
    for account in _ACCOUNTS:
        for backend in sts_backends[account].values():
            for role in backend.assumed_roles:
                yield from (role.access_key_id, role.secret_access_key, role.session_token)


def _written(world: SimulatedWorld) -> Iterator[str]:
    yield from (line.text for line in world.cloud.functions.log_lines)
    yield from (json.dumps(entry.document) for entry in world.observer.events)
    for effect in world.observer.effects:
        yield json.dumps({k: v for k, v in effect.body.items() if k != "continuationToken"})
    for run in all_runs():
        yield run.execution.input
        yield from (json.dumps(event.details) for event in run.events())

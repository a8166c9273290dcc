"""Writes the pages that the browser tests load: python -m tests.page.samples DIRECTORY."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from codepipeline_orchestrator.model.snapshot import Snapshot
from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.codepipeline import Act
from pipeline_run import runs
from pipeline_run.connection import Connection
from pipeline_run.environment import Environment
from pipeline_run.program import program
from pipeline_run.snapshots import TimedSnapshot
from pipeline_run.timeline.model import Bar, Row, RowKind, Timeline
from pipeline_run.timeline.page import page
from pipeline_run.timeline.read_timeline import read_timeline
from playground.company import REGION, SECOND, TOOLS, Action, Company

ATTACK = "\"'><script>window.attacked = 1</script><img src=x onerror='window.attacked = 1'>"
_START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def failed() -> str:
    """Return the page of a run whose target fails, is retried and fails again."""
    build = f"https://{REGION}.console.aws.amazon.com/codesuite/codebuild/projects/Rollout/build/1"
    message = f"no capacity in eu-west-1a: RESOURCE:ENI {ATTACK}"
    acts = tuple(
        Act(seconds, "Failed", "JobFailed", message, external_url=build) for seconds in (60, 140)
    )
    stages = {
        "Build": [Action("Compile", (Act(90),)), Action("Lint", (Act(30),))],
        "Test": [Action("Integration", (Act(400),)), Action("Browser", (Act(300),))],
        "Deploy": [Action("Rollout", acts)],
    }
    asks = {"pipelineName": "web", "maxStageRetries": 1}
    return _played(stages, asks, minutes=30)


def running() -> str:
    """Return the page of a run whose target has been waiting for an approval for hours."""
    stages = {
        "Build": [Action("Compile", (Act(5400),))],
        "Approve": [Action("ByOperations", (), "Manual")],
        "Deploy": [Action("Rollout")],
    }
    return _played(stages, {"pipelineName": "web"}, minutes=300)


def elsewhere() -> str:
    """Return the page of a run whose target cannot be read. It shows the run's polls."""
    stages = {"Build": [Action("Compile", (Act(200),))], "Deploy": [Action("Rollout", (Act(90),))]}
    asks = {"pipelineName": "web", "roleArn": f"arn:aws:iam::{SECOND}:role/"}
    return _played(stages, asks, minutes=30, account=SECOND)


def hostile() -> str:
    """Return a page on which an attacker controls every text and link."""
    end = _START + timedelta(minutes=9)
    run = runs.Run(
        {
            "executionArn": f"arn:aws:states:{REGION}:{TOOLS}:execution:machine:{ATTACK}",
            "name": ATTACK,
            "status": "RUNNING",
            "startDate": _START,
            "input": "{}",
        }
    )
    bar = Bar(
        ATTACK,
        _START,
        end,
        "Failed",
        ((ATTACK, ATTACK),),
        ((ATTACK, "https://example.com/\"onfocus='window.attacked = 1'"),),
    )
    rows = [Row(kind, ATTACK, (bar,)) for kind in (RowKind.STAGE, RowKind.ACTION)]
    link = "javascript:window.attacked = 1"
    return page(
        Timeline(
            run,
            end,
            ATTACK,
            Snapshot("web", "Failed", link=link),
            TimedSnapshot(),
            rows,
            [],
            f"{ATTACK} {link}",
        )
    )


def _played(
    stages: dict[str, list[Action]],
    asks: Mapping[str, object],
    *,
    minutes: int,
    account: str = TOOLS,
) -> str:
    with Cloud(seed=7) as cloud:
        company = Company(cloud, targets=(SECOND,), LocalPipelineNames="web")
        if "roleArn" in asks:
            asks = {**asks, "roleArn": company.target_roles[SECOND]}
        company.add_pipeline("web", stages, account=account)
        company.add_pipeline("release", {"Web": [company.waiting_action("StartWeb", asks)]})
        company.start("release")
        cloud.world.run(until=cloud.world.now + 60 * minutes)
        around = Environment(
            now=lambda: datetime.fromtimestamp(cloud.world.now, UTC),
            session=lambda profile, region: cloud.session(profile or TOOLS, region or REGION),
        )
        with click.Context(program, obj=around):
            connection = Connection()
            return page(read_timeline(connection, runs.named(connection, None), None))


PAGES: dict[str, Callable[[], str]] = {
    each.__name__: each for each in (failed, running, elsewhere, hostile)
}

if __name__ == "__main__":
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        (directory / f"{name}.html").write_text(make(), encoding="utf-8")

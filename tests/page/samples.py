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
from pipeline_run.run_search import named
from pipeline_run.snapshots import TimedSnapshot
from pipeline_run.timeline.model import Bar, Row, RowKind, Timeline
from pipeline_run.timeline.page import page
from pipeline_run.timeline.read_timeline import read_timeline
from playground.company import REGION, SECOND, TOOLS, Action, Company

ATTACK = "\"'><script>window.attacked = 1</script><img src=x onerror='window.attacked = 1'>"
_ROLE = "the target role"
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
    """Return the page of a run whose running target cannot be read. It shows the run's polls."""
    stages = {"Build": [Action("Compile", (Act(200),))], "Deploy": [Action("Rollout", (Act(90),))]}
    asks = {"pipelineName": "web", "roleArn": _ROLE}
    return _played(stages, asks, minutes=4, account=SECOND)


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
            f"{ATTACK} {link} 2026-99-99 99:99 UTC",
        )
    )


def succeeded() -> str:
    """Return the page of a run whose target succeeds in two hours."""
    stages = {
        "Build": [Action("Compile", (Act(7200),)), Action("Lint", (Act(3),))],
        "Deploy": [Action("Rollout", (Act(20),))],
    }
    return _played(stages, {"pipelineName": "web"}, minutes=150)


def rejected() -> str:
    """Return the page of a run whose target ends because someone rejects its approval."""
    stages = {"Approve": [Action("ByOperations", (), "Manual")], "Deploy": [Action("Rollout")]}
    return _played(stages, {"pipelineName": "web"}, minutes=10, meanwhile=_reject)


def unassumable() -> str:
    """Return the page of a run whose role does not exist."""
    asks = {"pipelineName": "web", "roleArn": f"arn:aws:iam::{SECOND}:role/missing"}
    return _played({"Build": [Action("Compile")]}, asks, minutes=10, account=SECOND)


def timed_out() -> str:
    """Return the page of a run whose target is slower than the run's deadline."""
    stages = {
        "Build": [Action("Compile", (Act(60),))],
        "Deploy": [Action("Migrate", (Act(90),)), Action("Rollout", (Act(3000),))],
    }
    return _played(stages, {"pipelineName": "web", "timeoutMinutes": 5}, minutes=10)


def superseded() -> str:
    """Return the page of a run whose target is superseded while another execution deploys."""
    stages = {"Build": [Action("Compile")], "Deploy": [Action("Rollout", (Act(900),))]}
    return _played(
        stages,
        {"pipelineName": "web"},
        minutes=10,
        before=lambda company: company.start("web"),
        meanwhile=lambda company: company.start("web"),
    )


def aborted() -> str:
    """Return the page of a run that someone stopped in Step Functions."""
    return _played(
        {"Build": [Action("Compile", (Act(900),))]},
        {"pipelineName": "web"},
        minutes=10,
        meanwhile=_stop,
    )


def longest() -> str:
    """Return the page of a run with the longest names that AWS allows, and a long message."""
    acts = (Act(40), Act(80, "Failed", "C" * 60, "m" * 900))
    stages = {
        f"Stage{number}-{'a' * 93}": [Action(f"Action{number}-{'b' * 92}", (act,))]
        for number, act in enumerate(acts, start=1)
    }
    return _played(stages, {"pipelineName": "web-" * 25}, minutes=10)


def crowded() -> str:
    """Return the page of a run whose target has sixty actions."""
    stages = {
        f"Wave{wave}": [
            Action(f"Deploy-{wave}-{number}", (Act(20 + number),)) for number in range(10)
        ]
        for wave in range(6)
    }
    return _played(stages, {"pipelineName": "web"}, minutes=20)


def _reject(company: Company) -> None:
    pipelines = company.codepipeline()
    state = pipelines.get_pipeline_state(name="web")
    (approval,) = state["stageStates"][1]["actionStates"]
    pipelines.put_approval_result(
        pipelineName="web",
        stageName="Approve",
        actionName="ByOperations",
        result={"status": "Rejected", "summary": "The release notes are missing."},
        token=approval["latestExecution"]["token"],
    )


def _stop(company: Company) -> None:
    (run,) = company.stepfunctions().list_executions(stateMachineArn=company.state_machine)[
        "executions"
    ]
    company.stepfunctions().stop_execution(
        executionArn=run["executionArn"], error="Mistake", cause="wrong branch"
    )


def _nothing(_company: Company) -> object:
    return None


def _played(
    stages: dict[str, list[Action]],
    asks: Mapping[str, object],
    *,
    minutes: int,
    account: str = TOOLS,
    before: Callable[[Company], object] = _nothing,
    meanwhile: Callable[[Company], object] = _nothing,
) -> str:
    """Return the page of a run, `minutes` after it begins. `meanwhile` happens after two."""
    name = str(asks["pipelineName"])
    with Cloud(seed=7) as cloud:
        company = Company(cloud, targets=(SECOND,), LocalPipelineNames="*")
        if asks.get("roleArn") == _ROLE:
            asks = {**asks, "roleArn": company.target_roles[SECOND]}
        company.add_pipeline(name, stages, account=account)
        company.add_pipeline("release", {"Web": [company.waiting_action("StartWeb", asks)]})
        before(company)
        begun = cloud.world.now
        company.start("release")
        cloud.world.run(until=begun + 120)
        meanwhile(company)
        cloud.world.run(until=begun + 60 * minutes)
        around = Environment(
            now=lambda: datetime.fromtimestamp(cloud.world.now, UTC),
            session=lambda profile, region: cloud.session(profile or TOOLS, region or REGION),
            call_each=map,
        )
        with click.Context(program, obj=around):
            connection = Connection()
            return page(read_timeline(connection, named(connection), None))


PAGES: dict[str, Callable[[], str]] = {
    each.__name__: each
    for each in (
        *(succeeded, failed, rejected, unassumable, timed_out, superseded, aborted, running),
        *(elsewhere, longest, crowded, hostile),
    )
}

if __name__ == "__main__":
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        (directory / f"{name}.html").write_text(make(), encoding="utf-8")

"""The text that the server prints when it is ready: its address, and commands to try."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from codepipeline_sandbox.patches.sessions import administrator_key
from playground.company import REGION, TOOLS
from playground.server import scene

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playground.scenarios.model import Pipeline, PipelineKey, Scenario
    from playground.scenarios.play import Play

_STATE = (
    "stageStates[].actionStates[].{action: actionName, status: latestExecution.status, "
    "percent: latestExecution.percentComplete, summary: latestExecution.summary, "
    "error: latestExecution.errorDetails.message}"
)

_TIMELINE = (
    "Show what the newest run did and, if it failed, where and why. --html writes a page.",
    "pipeline-run timeline",
)


def settings(url: str) -> list[str]:
    """Shell lines that make the AWS CLI use the sandbox as the tools account's administrator."""
    found = shutil.which("aws") and shutil.which("pipeline-run")
    here = shlex.quote(str(Path(sys.executable).parent))
    return [
        *([] if found else [f"export PATH={here}:$PATH"]),
        f"export AWS_ENDPOINT_URL={url} AWS_REGION={REGION} AWS_DEFAULT_REGION={REGION} AWS_PAGER=",
        f"export AWS_ACCESS_KEY_ID={administrator_key(TOOLS)} AWS_SECRET_ACCESS_KEY=administrator",
        # Otherwise clients would send StartSyncExecution and TestState to sync-127.0.0.1.
        "export AWS_DISABLE_HOST_PREFIX_INJECTION=true",
        "unset AWS_SESSION_TOKEN AWS_PROFILE",
    ]


def commands(served: Scenario, state_machine: str) -> list[tuple[str, str]]:
    """Commands to try one after another, each with a description."""
    pipeline = scene.main_pipeline(served)
    if pipeline is None:
        return []
    return [*_of_a_pipeline(served, pipeline), *_of_a_run(served, state_machine)]


def _of_a_pipeline(served: Scenario, pipeline: Pipeline) -> list[tuple[str, str]]:
    key, started = pipeline.key, scene.started_by(served, pipeline)
    state = f"{_aws(key)} get-pipeline-state --name {key.name}"
    elsewhere = [each.key for each in started.values() if each.key.account != key.account]
    return [
        (
            f"Start {key.name}.{_consequence(started)}",
            f"{_aws(key)} start-pipeline-execution --name {key.name}",
        ),
        (
            "Show its progress. Each action's summary shows the progress of its target.",
            f"{state} --query {shlex.quote(_STATE)}",
        ),
        *([_TIMELINE] if started else []),
        *_of_a_retry(pipeline, started, state),
        (
            "List the executions of its actions, with their output variables.",
            f"{_aws(key)} list-action-executions --pipeline-name {key.name}",
        ),
        *(
            (
                f"List the executions of {other.name} in another account.",
                f"{_aws(other)} list-pipeline-executions --pipeline-name {other.name}",
            )
            for other in elsewhere[-1:]
        ),
    ]


def _consequence(started: Mapping[str, Pipeline]) -> str:
    """A sentence about the pipelines that this pipeline starts."""
    if not started:
        return ""
    fails = {
        key: ", which fails the first time" for key in started if scene.fails_at_first(started[key])
    }
    named = [
        f"{each.key.name} in account {each.key.account}{fails.get(stage, '')}"
        for stage, each in started.items()
    ]
    return f" It starts {', and then '.join(named)}."


def _of_a_retry(
    pipeline: Pipeline, started: Mapping[str, Pipeline], state: str
) -> Iterator[tuple[str, str]]:
    """A command that retries a stage whose first attempt fails, if there is such a stage."""
    failing = [stage for stage, each in started.items() if scene.fails_at_first(each)]
    stage = next(iter(failing), scene.fails_at_first(pipeline))
    if stage is None:
        return
    query = f"stageStates[?stageName=='{stage}'].latestExecution.pipelineExecutionId"
    execution = f'"$({state} --output text --query "{query}")"'
    name = pipeline.key.name
    failed = f"--stage-name {stage} --retry-mode FAILED_ACTIONS"
    retry = f"{_aws(pipeline.key)} retry-stage-execution --pipeline-name {name} {failed}"
    description = f"After it has failed, retry stage {stage}."
    yield description, f"{retry} --pipeline-execution-id {execution}"


def _of_a_run(served: Scenario, state_machine: str) -> Iterator[tuple[str, str]]:
    target = scene.started_directly(served)
    if target is not None:
        start = f"aws stepfunctions start-execution --state-machine-arn {state_machine}"
        asked = f"""--input '{{"pipelineName": "{target}"}}' --query executionArn --output text"""
        yield (
            f"Start a run in Step Functions. It starts {target} and follows it.",
            f"RUN=$({start} {asked})",
        )
        yield (
            "Show its status and, when it has ended, its result.",
            'aws stepfunctions describe-execution --execution-arn "$RUN"',
        )
    yield (
        "List all runs, including those that pipelines started.",
        f"aws stepfunctions list-executions --state-machine-arn {state_machine}",
    )


def _aws(key: PipelineKey) -> str:
    """The AWS CLI command for CodePipeline, as the administrator of the pipeline's account."""
    other = f"AWS_ACCESS_KEY_ID={administrator_key(key.account)} " if key.account != TOOLS else ""
    region = f" --region {key.region}" if key.region != REGION else ""
    return f"{other}aws{region} codepipeline"


def introduction(played: Play, url: str, speed: float) -> str:
    """The text that is printed when the server is ready."""
    served, company = played.scenario, scene.company_of(played)
    lines = [
        f"The sandbox is ready at {url}, Region {REGION}. Press Ctrl-C to stop it.",
        f"Its clock runs at {speed:g} times real time. What happens is printed here, in UTC.",
        f"The orchestrator is deployed in account {TOOLS}. Each account's administrator has the",
        "access key ID AKIA<account id>ROOT and the secret access key administrator.",
        *(["", served.about] if served.about else []),
        "",
        "In another terminal, with the AWS CLI:",
        "",
        *settings(url),
    ]
    for what, command in commands(served, company.state_machine):
        lines += ["", f"# {what}", command]
    return "\n".join([*lines, ""])

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

_OF_A_RUN = (
    ("After a few seconds, follow the run that its first action starts.", "pipeline-run watch"),
    (
        "Show what the run did and, if it failed, where and why. --html writes a page.",
        "pipeline-run timeline",
    ),
)


def settings(url: str) -> list[str]:
    """Shell lines that make clients use the sandbox as the tools account's administrator.

    The reader's own settings, such as a profile or a proxy, have no effect in that shell.
    """
    found = shutil.which("aws") and shutil.which("pipeline-run")
    here = shlex.quote(str(Path(sys.executable).parent))
    return [
        *([] if found else [f"export PATH={here}:$PATH"]),
        r"unset AWS_PROFILE $(env | grep -oE '^AWS_\w+|^PIPELINE_RUN_\w+')",
        f"export AWS_ENDPOINT_URL={url} AWS_REGION={REGION} AWS_DEFAULT_REGION={REGION}",
        f"export AWS_ACCESS_KEY_ID={administrator_key(TOOLS)} AWS_SECRET_ACCESS_KEY=administrator",
        "export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_PAGER=",
        # Host prefixes would send StartSyncExecution and TestState to sync-127.0.0.1.
        "export AWS_DISABLE_HOST_PREFIX_INJECTION=true no_proxy=127.0.0.1",
    ]


def commands(served: Scenario) -> list[tuple[str, str]]:
    """Commands to try one after another, each with a description."""
    pipeline = scene.main_pipeline(served)
    if pipeline is None:
        return []
    return [*_of_a_pipeline(served, pipeline), *_of_a_run(served)]


def _of_a_pipeline(served: Scenario, pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    started = scene.started_by(served, pipeline)
    aws, name = _aws(pipeline.key), pipeline.key.name
    start = f"{aws} start-pipeline-execution --name {name}"
    yield (
        f"Start {name}.{_consequence(started)}",
        f"EXECUTION=$({start} --output text --query pipelineExecutionId)",
    )
    if started:
        yield from _OF_A_RUN
    failing = [stage for stage, each in started.items() if scene.fails_at_first(each)]
    stage = next(iter(failing), scene.fails_at_first(pipeline))
    if stage is not None:
        retry = f"{aws} retry-stage-execution --pipeline-name {name} --stage-name {stage}"
        yield (
            f"After it has failed, retry stage {stage}.",
            f'{retry} --retry-mode FAILED_ACTIONS --pipeline-execution-id "$EXECUTION"',
        )


def _of_a_run(served: Scenario) -> Iterator[tuple[str, str]]:
    target = scene.started_directly(served)
    if target is not None:
        yield f"Start a run that starts {target}, and follow it.", f"pipeline-run start {target}"
    yield "List all runs, including those that pipelines started.", "pipeline-run list"


def _consequence(started: Mapping[str, Pipeline]) -> str:
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


def _aws(key: PipelineKey) -> str:
    other = f"AWS_ACCESS_KEY_ID={administrator_key(key.account)} " if key.account != TOOLS else ""
    region = f" --region {key.region}" if key.region != REGION else ""
    return f"{other}aws{region} codepipeline"


def introduction(played: Play, url: str, speed: float) -> str:
    """The text that is printed when the server is ready."""
    served = played.scenario
    lines = [
        f"The sandbox is ready at {url}, Region {REGION}. Press Ctrl-C to stop it.",
        f"Its clock runs at {speed:g} times real time. What happens is printed here, in UTC.",
        f"The orchestrator is deployed in account {TOOLS}. Each account's administrator has the",
        "access key ID AKIA<account id>ROOT and the secret access key administrator.",
        *(["", served.about] if served.about else []),
        "",
        "In another terminal:",
        "",
        *settings(url),
    ]
    for what, command in commands(served):
        lines += ["", f"# {what}", command]
    return "\n".join([*lines, ""])

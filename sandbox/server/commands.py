"""What the server prints when it is up: where it is, and commands to try."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.company import REGION, SECOND, TOOLS
from sandbox.server.scene import DATABASE, LOCAL, RELEASE, WEB
from sandbox.sessions import administrator_key

if TYPE_CHECKING:
    from sandbox.company import Company

_STATE = (
    "stageStates[].actionStates[].{action: actionName, status: latestExecution.status, "
    "summary: latestExecution.summary, error: latestExecution.errorDetails.message}"
)
_FAILED_ACTIONS = "--stage-name Database --retry-mode FAILED_ACTIONS"
_EXECUTION = "stageStates[?stageName=='Database'].latestExecution.pipelineExecutionId"


def settings(url: str) -> list[str]:
    """The lines that point the AWS CLI to the sandbox, with the tools account's administrator."""
    aws = shutil.which("aws")
    here = shlex.quote(str(Path(sys.executable).parent))
    return [
        *([] if aws else [f"export PATH={here}:$PATH"]),
        f"export AWS_ENDPOINT_URL={url} AWS_REGION={REGION} AWS_DEFAULT_REGION={REGION} AWS_PAGER=",
        f"export AWS_ACCESS_KEY_ID={administrator_key(TOOLS)} AWS_SECRET_ACCESS_KEY=administrator",
        "unset AWS_SESSION_TOKEN AWS_PROFILE",
    ]


def commands(company: Company) -> list[tuple[str, str]]:
    """Commands to try one after the other, each with what it does."""
    return [*_of_the_release(), *_of_a_run(company.state_machine)]


def _of_the_release() -> list[tuple[str, str]]:
    state = f"aws codepipeline get-pipeline-state --name {RELEASE}"
    execution = f'"$({state} --output text --query "{_EXECUTION}")"'
    retry = f"aws codepipeline retry-stage-execution --pipeline-name {RELEASE} {_FAILED_ACTIONS}"
    elsewhere = f"AWS_ACCESS_KEY_ID={administrator_key(SECOND)}"
    return [
        (
            f"Start a release. It starts {DATABASE} in the third account, which fails at first.",
            f"aws codepipeline start-pipeline-execution --name {RELEASE}",
        ),
        (
            "See how it stands, with the message of each action. Repeat it.",
            f"{state} --query {shlex.quote(_STATE)}",
        ),
        (
            f"When it has failed, retry the stage. It goes on with {WEB} in the second account.",
            f"{retry} --pipeline-execution-id {execution}",
        ),
        (
            "The executions of its actions, with their output variables.",
            f"aws codepipeline list-action-executions --pipeline-name {RELEASE}",
        ),
        (
            f"The same in another account: what has become of {WEB} there.",
            f"{elsewhere} aws codepipeline list-pipeline-executions --pipeline-name {WEB}",
        ),
    ]


def _of_a_run(state_machine: str) -> list[tuple[str, str]]:
    start = f"aws stepfunctions start-execution --state-machine-arn {state_machine}"
    arguments = f"""--input '{{"pipelineName": "{LOCAL}"}}' --query executionArn --output text"""
    return [
        (
            f"Start a run on Step Functions: it starts {LOCAL} and follows it.",
            f"RUN=$({start} {arguments})",
        ),
        (
            "How it stands, and when it has ended, its result.",
            'aws stepfunctions describe-execution --execution-arn "$RUN"',
        ),
        (
            "All runs, those of the release too.",
            f"aws stepfunctions list-executions --state-machine-arn {state_machine}",
        ),
    ]


def introduction(company: Company, url: str, speed: float, *, empty: bool) -> str:
    """What is printed when the server is up."""
    lines = [
        f"An embedded AWS is up at {url}, Region {REGION}. Ctrl-C ends it.",
        f"Its clock runs {speed:g} times as fast as yours; what happens is printed here, in UTC.",
        f"The orchestrator is deployed in account {TOOLS}. An account's administrator has the",
        "access key id AKIA<account id>ROOT and the secret access key administrator.",
        "",
        "In another terminal, with the AWS CLI:",
        "",
        *settings(url),
    ]
    if not empty:
        for what, command in commands(company):
            lines += ["", f"# {what}", command]
    return "\n".join([*lines, ""])

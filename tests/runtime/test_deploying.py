from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.http.served import ROOT, Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACCOUNT = "444455556666"
STACK = "rehearsed"


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as served:
        yield served


def make_deploy(served: Served, directory: Path, parameters: str) -> str:
    settings = directory / "samconfig.toml"
    shutil.copy(ROOT / "samconfig.toml", settings)
    done = subprocess.run(  # noqa: S603 - our own program
        [
            "/usr/bin/env",
            "make",
            "--old-file=.venv/installed",  # tests must not install anything
            "--old-file=.venv-sam/installed",
            "deploy",
            f"STACK_NAME={STACK}",
            f"SAMCONFIG={settings}",
            f"PARAMETERS={parameters}",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{served.port}",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": f"AKIA{ACCOUNT}ROOT",
            "AWS_SECRET_ACCESS_KEY": "administrator",
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.rule("G5")
def test_make_deploy_creates_and_updates_the_stack(served: Served, tmp_path: Path) -> None:
    stacks = served.client("cloudformation", ACCOUNT)

    def status() -> str:
        (stack,) = stacks.describe_stacks(StackName=STACK)["Stacks"]
        return str(stack["StackStatus"])

    created = make_deploy(served, tmp_path, "LocalPipelineNames=web"), status()
    updated = make_deploy(served, tmp_path, "LocalPipelineNames=web,database"), status()
    repeated = make_deploy(served, tmp_path, "LocalPipelineNames=web,database")
    stacks.delete_stack(StackName=STACK)

    assert "StateMachineArn" in created[0]
    assert (created[1], updated[1]) == ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    assert "No changes to deploy" in repeated
    left = [stack["StackName"] for stack in stacks.describe_stacks()["Stacks"]]
    assert left == ["aws-sam-cli-managed-default"]

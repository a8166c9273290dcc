from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"

# Each of these modules takes tens of milliseconds to import, and the hot path needs none of them.
_HEAVY = (
    "boto3",
    "pydantic",
    "aws_lambda_powertools.utilities.data_classes",
    "codepipeline_orchestrator.input.fields",
)
_ANSWERS = (
    "codepipeline_orchestrator.job.answer_from_run",
    "codepipeline_orchestrator.result.document",
)

_LOADED = "import sys, {module}; print(*sys.modules, sep='\\n')"


def loaded_by(module):
    command = [sys.executable, "-c", _LOADED.format(module=module)]
    environment = {"AWS_DEFAULT_REGION": "eu-west-1"}
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=FUNCTIONS, env=environment, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "function, needless",
    [
        ("get_state", _HEAVY),
        ("report_job_result", (*_HEAVY, "codepipeline_orchestrator.job.renewal")),
        ("codepipeline_job", (*_HEAVY, *_ANSWERS, "codepipeline_orchestrator.job.first_job")),
    ],
)
def test_the_hot_path_does_not_load_unneeded_modules(function, needless):
    loaded = loaded_by(function)

    assert {"botocore.session", "codepipeline_orchestrator.aws.clients"} <= loaded
    assert loaded & set(needless) == set()

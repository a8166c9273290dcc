"""Every pipeline-run command line in the documentation works."""

from __future__ import annotations

import json
import shlex
import tempfile

import pytest

from codepipeline_sandbox.codepipeline import Act
from playground.company import ROOT, SECOND, Action
from tests.pipeline_run.pages import SHOWN

RUNS = {
    "MyFirstApproved": "5b7c2e10-8a0e-4c4b-9e0b-6f1f6a9f3f10",
    "MyFirstRejected": "9e41aa07-8a0e-4c4b-9e0b-6f1f6a9f3f10",
    "MyFirstSlow": "3f0c9a51-8a0e-4c4b-9e0b-6f1f6a9f3f10",
}
INPUT = '{"pipelineName": "web"}'


@pytest.fixture
def prepared(shared_company, around, tmp_path, monkeypatch):
    """Create the files, the pipelines and the run that the documentation mentions."""
    for name in ("user-parameters.json", "input.json", "other.json"):
        (tmp_path / name).write_text(INPUT)
    (tmp_path / "cdk.out").mkdir()
    for name in ("template.yaml", "cdk.out/release.template.yaml"):
        (tmp_path / name).write_text((ROOT / "template.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    stages = {"Deploy": [Action("Rollout", (Act(20),))]}
    shared_company.add_pipeline("deploy-shop", stages, account=SECOND)
    variable = [{"name": "IMAGE", "defaultValue": "shop:1.3"}]
    for name in ("web", "MyFirstPipeline"):
        shared_company.add_pipeline(name, stages, variables=variable)
    shared_company.add_pipeline("MyFirstSlow", {"Deploy": [Action("Rollout", (Act(90_000),))]})
    for name in ("MyFirstApproved", "MyFirstRejected"):
        shared_company.add_pipeline(name, {"Deploy": [Action("Approve", (), "Manual")]})
    for name, run in RUNS.items():
        shared_company.stepfunctions().start_execution(
            stateMachineArn=shared_company.state_machine,
            name=run,
            input=json.dumps({"pipelineName": name}),
        )
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    around.sleep(60)


def test_every_documented_command_line_succeeds(typed, prepared):
    for line in dict.fromkeys(SHOWN):
        result = typed(*shlex.split(line), stdin=INPUT)

        assert result.exit_code == 0, f"{line}: {result.output}"

from __future__ import annotations

import json

from playground.company import SECOND
from tests.statemachine.reading import executions


def test_the_session_that_started_a_target_leads_to_its_run(cloud, company, target, run):
    name = run(target())["name"]

    # CloudTrail in the target's account would show this session.
    (started,) = executions(company, "deploy", SECOND)
    session = started["trigger"]["triggerDetail"].rpartition("/")[2]

    lines = [line.text for line in cloud.functions.log_lines if line.text.startswith("{")]
    found = [line for line in map(json.loads, lines) if line.get("session") == session]
    assert [line["run"] for line in found] == [name]
    assert found[0]["role"] == company.target_roles[SECOND]
    # The session that all runs share was used only for reading.
    shared = {
        one.action for one in cloud.access.decisions if one.principal.endswith("orchestrator-reads")
    }
    assert "codepipeline:GetPipelineState" in shared
    reads = ("codepipeline:Get", "codepipeline:List")
    assert [action for action in shared if not action.startswith(reads)] == []

"""Text from other people cannot forge a line in any command's output."""

from __future__ import annotations

import json

import pytest

from codepipeline_sandbox.codepipeline import Act
from pipeline_run.program import COMMANDS
from playground.company import Action
from tests.pipeline_run.hostile import HOSTILE, MARK, STARTS_LIKE_A_COMMAND, forged

_TERMINAL = {"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "80"}


@pytest.fixture(scope="module")
def hostile_runs(shared_company, around, typed):
    """The names of runs with hostile text in every place that others can write to."""
    codepipeline, states = shared_company.codepipeline(), shared_company.stepfunctions()
    found = []

    def start(document):
        text = document if isinstance(document, str) else json.dumps(document)
        arn = states.start_execution(stateMachineArn=shared_company.state_machine, input=text)
        around.sleep(30)
        found.append(arn["executionArn"].rpartition(":")[2])
        return arn["executionArn"]

    for text in (HOSTILE, STARTS_LIKE_A_COMMAND):
        start({"pipelineName": text, text: text, "roleArn": MARK})
    start({"pipelineName": {HOSTILE: HOSTILE}, "roleArn": [MARK], "region": [MARK]})
    failures = tuple(_failure(text) for text in (HOSTILE, STARTS_LIKE_A_COMMAND))
    shared_company.add_pipeline("MyFirstFailure", {"Live": [Action("Go", failures)]})
    for _ in failures:
        start({"pipelineName": "MyFirstFailure"})
    shared_company.add_pipeline("MyFirstApproval", {"Ask": [Action("People", (), "Manual")]})
    start({"pipelineName": "MyFirstApproval"})
    (state,) = [
        each["actionStates"][0]["latestExecution"]
        for each in codepipeline.get_pipeline_state(name="MyFirstApproval")["stageStates"]
        if each["stageName"] == "Ask"
    ]
    codepipeline.put_approval_result(
        pipelineName="MyFirstApproval",
        stageName="Ask",
        actionName="People",
        result={"summary": HOSTILE[:512], "status": "Rejected"},
        token=state["token"],
    )
    around.sleep(60)
    shared_company.add_pipeline("MyFirstSlow", {"Go": [Action("Do", (Act(90_000),))]})
    shared_company.add_pipeline("MyFirstOpen", {"Go": [Action("Do", (Act(300),))]})
    start({"pipelineName": "MyFirstSlow"})
    (execution,) = codepipeline.list_pipeline_executions(pipelineName="MyFirstSlow")[
        "pipelineExecutionSummaries"
    ]
    codepipeline.stop_pipeline_execution(
        pipelineName="MyFirstSlow",
        pipelineExecutionId=execution["pipelineExecutionId"],
        abandon=True,
        reason=HOSTILE[:200],
    )
    around.sleep(60)
    stopped = start({"pipelineName": "MyFirstSlow"})
    states.stop_execution(executionArn=stopped, error=HOSTILE[:256], cause=HOSTILE)
    start({"pipelineName": "MyFirstOpen"})  # has not ended
    return found


def _failure(text):
    said = {"error_code": text[:100], "error_message": text, "summary": text}
    return Act(5, "Failed", **said, external_url=f"https://example.com/{text}")


UNKNOWN = f"{HOSTILE}unknown"  # HOSTILE itself is a pipeline's name
# Arguments with which each command shows the texts. RUN stands for each of the runs.
SHOWING = {
    "validate": [["FILE"]],
    "start": [["--input", "INPUT"], ["--input", HOSTILE]],
    "watch": [["RUN"], [UNKNOWN]],
    "rerun": [["RUN", "--detach"], [UNKNOWN]],
    "stop": [["RUN", "--reason", HOSTILE], [UNKNOWN]],
    "list": [[], ["--json"]],
    "show": [["RUN"], ["RUN", "--json"], [UNKNOWN]],
    "timeline": [["RUN"], ["RUN", "--json"], ["RUN", "--html", "PAGE"], [UNKNOWN]],
    "logs": [["RUN"], ["RUN", "--json"], [UNKNOWN]],
    "open": [["RUN"], ["RUN", "--json"], [UNKNOWN]],
    "approve": [["RUN", "--action", HOSTILE], [UNKNOWN]],
    "reject": [["RUN", "--comment", HOSTILE], [UNKNOWN, "--comment", "no"]],
    "doctor": [["--input", "INPUT"], [HOSTILE]],
    "role": [["--input", "FILE"], [HOSTILE]],
}


def test_every_command_is_tried():
    assert SHOWING.keys() == COMMANDS.keys()


@pytest.mark.parametrize("name", SHOWING)
def test_texts_of_others_forge_no_output(typed, hostile_runs, name, tmp_path):
    file, page = tmp_path / "input.json", tmp_path / "page.html"
    file.write_text(json.dumps({"pipelineName": HOSTILE, HOSTILE: STARTS_LIKE_A_COMMAND}))
    outputs = []

    for words in SHOWING[name]:
        for run in hostile_runs if "RUN" in words else [""]:
            known = {"RUN": run, "INPUT": f"@{file}", "FILE": str(file), "PAGE": str(page)}
            for surrounding in ({}, _TERMINAL) if words == ["RUN"] else ({},):
                result = typed(name, *[known.get(each, each) for each in words], **surrounding)
                assert "bug in pipeline-run" not in result.stderr
                outputs += [result.stdout, result.stderr]
            outputs += [page.read_text(encoding="utf-8")] if page.exists() else []

    assert any(MARK in each for each in outputs)
    assert [line for each in outputs for line in forged(each)] == []


@pytest.mark.parametrize("name", SHOWING)
def test_a_terminal_that_shows_only_ascii_is_enough(typed, hostile_runs, name):
    words = [[hostile_runs[3]] if each == ["RUN"] else each for each in SHOWING[name]]

    results = [typed(name, *each, charset="ascii", **_TERMINAL) for each in words]

    assert all(each.stdout_bytes.isascii() and each.stderr_bytes.isascii() for each in results)
    assert not any("bug in pipeline-run" in each.stderr for each in results)

"""The commands that continue from a run: rerun, open, logs, approve and reject."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from botocore.exceptions import ClientError

from codepipeline_sandbox.codepipeline import Act
from playground.company import REGION, SECOND, Action

GROUP, STREAM = "/aws/codepipeline/shop", "5b7c/Rollout 1"
LOG = f"arn:aws:logs:{REGION}:{SECOND}:log-group:{GROUP}:log-stream:{STREAM.replace(' ', '-')}"
BUILD = "5d2f7a3c-1b1e-4f0a-9c5d-0a1b2c3d4e5f"
CODEBUILD = f"https://{REGION}.console.aws.amazon.com/codesuite/codebuild/projects/shop/build"


@pytest.fixture
def opened():
    return []


@pytest.fixture
def browsing(type_, around, opened):
    """Return a function that runs a command line with a browser."""
    browse = lambda url: opened.append(url) or True  # noqa: E731 - a stand-in for webbrowser.open
    return partial(type_, obj=replace(around, browse=browse))


@pytest.fixture(scope="module")
def failed(typed, target, around, shared_cloud):
    """A run whose target failed in an action with a log."""
    name, *words = target(Act(20, "Failed", "JobFailed", "exit status 1", log_stream_arn=LOG))
    run = typed("start", name, *words, "--client-request-token", "night", "--detach").stdout.strip()
    around.sleep(120)
    logs = shared_cloud.session(SECOND, REGION).client("logs")
    logs.create_log_group(logGroupName=GROUP)
    for stream in (STREAM.replace(" ", "-"), "other"):
        logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        time = int(around.now().timestamp() * 1000)
        events = [
            {"timestamp": time + n, "message": f"{stream} {text}\n"}
            for n, text in enumerate(("compiling", "\x1b[31mno space left"))
        ]
        logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)
    return run


def test_logs_shows_the_failed_action_and_the_functions(typed, failed):
    result = typed("logs", failed, "--target-profile", SECOND, "--limit", "2")

    assert result.exit_code == 0
    first, compiling, space, functions, polled, ended = result.stdout.splitlines()
    assert first == "The log of Deploy/Rollout:"
    assert compiling.endswith("  5b7c/Rollout-1 compiling")
    assert space.endswith("  5b7c/Rollout-1 \\u001b[31mno space left")
    assert functions == f"The functions' log of run {failed}:"
    assert "  GetState  INFO  polled the target  status=Failed" in polled
    assert "  ReportJobResult  INFO  the run has ended  outcome=Failed" in ended


def test_logs_without_access_to_the_target_shows_the_functions_and_the_link(typed, failed):
    result = typed("logs", failed, "--json")

    assert "Use --target-profile with a profile for the target's account." in result.stderr
    assert "\nSee https://eu-west-1.console.aws.amazon.com/cloudwatch/home" in result.stderr
    document = json.loads(result.stdout)
    assert document["actionLog"] is None
    lines = [line["message"] for line in document["functionsLog"]]
    assert {line["run"] for line in lines} == {failed}
    assert lines[0]["message"] == "assuming the target's role"


def test_logs_of_an_action_without_a_known_log_shows_its_link_once(typed, failed, monkeypatch):
    monkeypatch.setattr("pipeline_run.commands.logs.log_of_failure", lambda _failure: None)

    result = typed("logs", failed)

    assert "No CloudWatch log is known for the failed action.\nSee https://" in result.stderr
    assert result.stderr.count("https://") == 1


def test_logs_without_a_stack_has_nothing_to_show(typed, failed, shared_company):
    result = typed("logs", failed, "--state-machine", shared_company.state_machine)

    assert result.exit_code == 3
    assert "Use --stack with the deployment's name." in result.stderr


def test_rerun_starts_another_run_with_the_same_input(typed, failed, around):
    result = typed("rerun", failed, "--detach", "--json")

    around.sleep(120)
    before, after = (
        json.loads(typed("show", name, "--json").stdout)
        for name in (failed, json.loads(result.stdout)["name"])
    )
    assert before["input"].pop("clientRequestToken") == "night"
    assert after["input"] == before["input"]
    assert after["outcome"] == "Failed"
    executions = [each["result"]["pipelineExecutionId"] for each in (before, after)]
    assert executions[0] != executions[1]
    assert "The new run has no clientRequestToken" in result.stderr


def test_rerun_follows_the_new_run_like_start(typed, failed):
    result = typed("rerun", failed)

    assert result.exit_code == 1
    assert "Failed after" in result.stdout


def test_a_run_with_an_invalid_input_cannot_be_repeated(typed, shared_company):
    shared_company.stepfunctions().start_execution(
        stateMachineArn=shared_company.state_machine,
        name="invalid",
        input='{"pipelineNam": "a\\nb"}',
    )

    result = typed("rerun", "invalid")

    assert result.exit_code == 2
    assert (
        "Run invalid cannot be repeated, because its input is invalid: pipelineNam" in result.stderr
    )
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words, page",
    [
        ((), "/codesuite/codepipeline/pipelines/deploy"),
        (("--run",), "/states/home?region=eu-west-1#/v2/executions/details/arn:aws:states:"),
    ],
)
def test_open_opens_the_console_and_prints_the_url(browsing, opened, failed, words, page):
    result = browsing("open", failed, *words)

    assert page in result.stdout
    assert opened == [result.stdout.strip()]


def test_open_writes_the_timeline_to_a_private_file(browsing, opened, failed):
    browsing("open", failed, "--page")

    file = Path(unquote(urlparse(opened[0]).path))
    assert failed in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o600
    file.unlink()


def test_open_without_a_browser_prints_the_url(typed, failed):
    result = typed("open", failed, "--json")

    assert json.loads(result.stdout)["opened"] is False
    assert typed("open", failed).stderr == "No browser was found. Open the URL yourself.\n"
    assert typed("open", failed, "--run", "--page").exit_code == 2


@pytest.fixture(scope="module")
def approvals(shared_company, typed, around):
    """Return a function that starts a run whose target waits for approvals."""
    numbers = count(1)

    def start(*actions, **more):
        name = f"approve{next(numbers)}"
        manual = [Action(each, (), "Manual") for each in actions]
        shared_company.add_pipeline(name, {"Approve": manual}, account=SECOND, **more)
        role = shared_company.target_roles[SECOND]
        run = typed("start", name, "--role-arn", role, "--detach").stdout.strip()
        around.sleep(60)
        return name, run

    return start


@pytest.mark.parametrize(
    "command, outcome, reason",
    [
        (("approve",), "Succeeded", ""),
        (("reject", "--comment", "not yet"), "Failed", "Approve/QA rejected by root: not yet"),
    ],
)
def test_an_approval_is_answered(typed, approvals, around, command, outcome, reason):
    name, run = approvals("QA")
    assert f"Approve it with: pipeline-run approve {run} --target-profile" in typed("show").stderr

    result = typed(*command, name, "--target-profile", SECOND, "--json")
    around.sleep(1200)

    answered = json.loads(result.stdout)
    assert (answered["name"], answered["stage"], answered["action"]) == (run, "Approve", "QA")
    (shown,) = typed("list", "--pipeline", name).stdout.splitlines()[1:]
    assert outcome in shown
    assert shown.endswith(reason)


def test_one_of_several_approvals_is_chosen(typed, approvals):
    name, _ = approvals("QA", "Security")
    words = ("approve", name, "--target-profile", SECOND)

    unclear, wrong = typed(*words), typed(*words, "--action", "Ops")
    chosen = typed(*words, "--action", "Approve/Security")
    again = typed(*words, "--action", "Security")

    assert (unclear.exit_code, wrong.exit_code, again.exit_code) == (2, 2, 2)
    assert "Several approvals are waiting: Approve/QA, Approve/Security." in unclear.stderr
    assert "--action: Ops is not waiting for an approval. Waiting: Approve/QA" in wrong.stderr
    assert chosen.stdout.startswith(f"Approved Approve/Security of {name}, execution ")
    assert "Waiting: Approve/QA." in again.stderr


def test_an_approval_of_a_parallel_pipeline_is_answered(typed, approvals):
    name, run = approvals("QA", "Security", executionMode="PARALLEL")
    words = ("approve", run, "--target-profile", SECOND)

    assert typed(*words, "--action", "QA").stdout.startswith(f"Approved Approve/QA of {name}")
    assert typed(*words).stdout.startswith(f"Approved Approve/Security of {name}")
    assert "is not waiting for an approval" in typed(*words).stderr


def test_credentials_for_another_account_are_refused(typed, approvals):
    result = typed("approve", approvals("QA")[0])

    assert result.exit_code == 3
    assert "is in account 222233334444, but your credentials are for account" in result.stderr


def test_a_target_that_waits_for_no_approval_is_reported(typed, failed):
    result = typed("approve", failed, "--target-profile", SECOND)

    assert result.exit_code == 3
    assert "is not waiting for an approval" in result.stderr


@pytest.mark.parametrize(
    "code, message",
    [
        ("AccessDeniedException", "You may not answer Approve/QA of approve"),
        ("ApprovalAlreadyCompletedException", "Could not answer Approve/QA of approve"),
    ],
)
def test_a_refused_answer_is_explained(typed, around, approvals, request, code, message):
    name, _ = approvals("QA")

    def refuse(**_):
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "PutApprovalResult")

    events, call = around.session(SECOND, None).events, "before-call.codepipeline.PutApprovalResult"
    events.register(call, refuse)
    request.addfinalizer(lambda: events.unregister(call, refuse))

    result = typed("approve", name, "--target-profile", SECOND)

    assert result.exit_code == 3
    assert message in result.stderr
    assert f"{code}: no." in result.stderr

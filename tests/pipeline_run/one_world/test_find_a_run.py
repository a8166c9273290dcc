"""How commands find the run that a person means, and refuse executions of other programs."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from codepipeline_sandbox.codepipeline import Act
from pipeline_run import run_search
from playground.accounts import TOOLS
from playground.company import SECOND, Action

FAILED = Act(20, "Failed", "JobFailed", "exit status 1 \x1b[2J\nrun-9  Succeeded  web")
SCHEDULED = json.dumps(
    {
        "pipelineName": "nothing\nrun",
        "clientRequestToken": f"arn:aws:scheduler:eu-west-1:{TOOLS}:schedule/group/night 09:00",
    }
)
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SNAPSHOTS = Path(__file__).parent / "terminal"
WAIT = {
    "StartAt": "Go",
    "QueryLanguage": "JSONata",
    "States": {
        "Go": {"Type": "Wait", "Seconds": 90_000, "Next": "End"},
        "End": {"Type": "Succeed"},
    },
}


@pytest.fixture(scope="module")
def world(shared_company, shared_cloud, around, typed):
    """A pipeline whose action started a failed run, and a run that a person started."""
    company = shared_company
    for name, acts in (("shop", (FAILED,)), ("web", (Act(20), Act(9_000)))):
        company.add_pipeline(name, {"Deploy": [Action("Rollout", acts)]}, account=SECOND)
    asks = {"pipelineName": "shop", "roleArn": company.target_roles[SECOND]}
    company.add_pipeline("release", {"Shop": [company.waiting_action("DeployShop", asks)]})
    found = {"invoking": company.start("release")}
    around.sleep(300)
    role = ("--role-arn", company.target_roles[SECOND])
    found["started"] = typed("start", "web", *role, "--detach").stdout.strip()
    around.sleep(300)
    found["running"] = typed("start", "web", *role, "--detach").stdout.strip()
    around.sleep(120)
    for name, document in (("nightly-1", SCHEDULED), ("nightly-2", "[]")):
        company.stepfunctions().start_execution(
            stateMachineArn=company.state_machine, name=name, input=document
        )
    around.sleep(30)
    for run in json.loads(typed("list", "--json").stdout):
        if run["pipeline"] == "shop":
            found |= {"failed": run["name"], "arn": run["run"]}
            found["target"] = run["result"]["pipelineExecutionId"]
    executions = company.codepipeline(SECOND).list_pipeline_executions(pipelineName="web")
    newest = executions["pipelineExecutionSummaries"][0]
    return {**found, "running target": newest["pipelineExecutionId"]}


@pytest.fixture(scope="module")
def other(shared_company):
    """An execution of another program's state machine."""

    def start(definition, document="{}", name="other"):
        client = shared_company.stepfunctions()
        machine = client.create_state_machine(
            name=name,
            definition=json.dumps(definition),
            roleArn=f"arn:aws:iam::{TOOLS}:role/other",
        )["stateMachineArn"]
        return client.start_execution(stateMachineArn=machine, input=document)["executionArn"]

    return start


@pytest.mark.parametrize(
    "reference, found",
    [
        ("started", "started"),
        ("started:13", "started"),
        ("started:14", "started"),
        ("arn", "failed"),
        ("failed", "failed"),
        ("failed:4", "failed"),
        ("target", "failed"),
        ("target:8", "failed"),
        ("invoking", "failed"),
        ("invoking:9", "failed"),
        ("running target", "running"),
    ],
)
def test_a_run_is_found_by_names_and_ids_and_their_beginnings(typed, world, reference, found):
    name, _, length = reference.partition(":")

    shown = json.loads(typed("show", world[name][: int(length or 999)], "--json").stdout)

    assert shown["name"] == world[found]


@pytest.mark.parametrize(
    "pipeline, found", [("shop", "failed"), ("release", "failed"), ("web", "running")]
)
@pytest.mark.parametrize("command", ["show", "timeline"])
def test_a_pipeline_means_its_newest_run(typed, world, command, pipeline, found):
    assert json.loads(typed(command, pipeline, "--json").stdout)["name"] == world[found]


def test_several_runs_are_an_error_that_names_them(typed, world):
    result = typed("show", "nightly-")

    assert result.exit_code == 3
    assert result.stderr == (
        "pipeline-run: Several runs match 'nightly-': nightly-2 (?, Error), nightly-1 "
        "(nothing\\nrun, Error). Enter more of the run's name.\n"
    )


def test_a_search_without_a_result_is_an_error(typed, world):
    result = typed("watch", "shop\np")

    assert result.exit_code == 3
    assert result.stderr == (
        "pipeline-run: No run matches 'shop\\np' (did you mean shop?). "
        "List runs with `pipeline-run list`, or use a run's ARN.\n"
    )


def test_a_search_that_left_out_runs_states_its_bounds(typed, world, monkeypatch):
    monkeypatch.setattr(run_search, "RUNS_SEARCHED", 4)

    assert (
        "No run matches 'release'. Searched the names of the newest 5 runs and the pipelines and "
        "executions of the newest 4."
    ) in typed("watch", "release").stderr


@pytest.mark.parametrize("command", ["show", "watch", "timeline", "stop"])
def test_an_execution_of_another_program_is_refused(typed, other, shared_company, command):
    arn = other(WAIT, '{"pipelineName": "web"}', name=command)

    result = typed(command, arn)

    assert result.exit_code == 3
    assert f"belongs to the state machine {command}, which is not a deployment" in result.stderr
    described = shared_company.stepfunctions().describe_execution(executionArn=arn)
    assert described["status"] == "RUNNING"


def test_a_copy_of_the_state_machine_is_recognized_under_any_name(typed, other, shared_company):
    definition = shared_company.stepfunctions().describe_state_machine(
        stateMachineArn=shared_company.state_machine
    )["definition"]
    arn = other(json.loads(definition), '{"pipelineName": "web"}', name="copy")

    assert "for pipeline web" in typed("show", arn).stdout
    assert typed("list", "--state-machine", arn.replace("execution:copy", "x")).exit_code == 2


def test_the_state_machine_of_another_program_is_not_listed(typed, other):
    machine = other(WAIT, name="machine").replace(":execution:", ":stateMachine:")

    result = typed("list", "--state-machine", machine.rpartition(":")[0])

    assert result.exit_code == 3
    assert "is not a state machine of codepipeline-orchestrator" in result.stderr


@pytest.mark.parametrize(
    "words, found",
    [
        ((), ["nightly-2", "nightly-1", "running", "started", "failed"]),
        (("--limit", "2"), ["nightly-2", "nightly-1"]),
        (("--pipeline", "web"), ["running", "started"]),
        (("--outcome", "failed"), ["failed"]),
        (
            ("--outcome", "Error", "--outcome", "Running", "--limit", "2"),
            ["nightly-2", "nightly-1"],
        ),
        (("--since", "8m"), ["nightly-2", "nightly-1", "running", "started"]),
        (("--since", "2026-01-05T09:04:00+00:00", "--pipeline", "web"), ["running", "started"]),
        (("--mine",), ["running", "started"]),
        (("--mine", "--status", "RUNNING"), ["running"]),
        (("--pipeline", "release"), ["failed"]),
        (("--pipeline", "nothing"), []),
    ],
)
def test_list_filters_runs(typed, world, words, found):
    listed = json.loads(typed("list", *words, "--json").stdout)

    assert [run["name"] for run in listed] == [world.get(each, each) for each in found]


def test_a_list_without_a_result_suggests_the_nearest_pipeline(typed, world):
    assert typed("list", "--pipeline", "wbe").stdout == "No runs found (did you mean web?).\n"
    assert typed("list", "--pipeline", "web", "--outcome", "Idle").stdout == "No runs found.\n"


@pytest.mark.parametrize("words", [("list", "--pipeline"), ("show",)])
def test_a_search_by_a_pipeline_that_cannot_be_known_says_so(typed, world, shared_company, words):
    result = typed(*words, "release", "--state-machine", shared_company.state_machine)

    assert "The pipelines that started some of the runs could not be read." in result.stderr


def test_a_filtered_list_that_reaches_its_limit_says_so(typed, world):
    told = "Listed the newest 1. There may be more. Use --limit to list up to 100.\n"

    assert typed("list", "--mine", "--limit", "1").stderr == told
    assert typed("list", "--mine", "--limit", "2").stderr == ""
    assert typed("list", "--limit", "1").stderr == ""


def test_a_suggested_command_has_the_options_of_the_connection(typed, world):
    result = typed("stop", world["failed"], "--region", "eu-west-1", "--stack", "orchestrator")

    again = f"pipeline-run show {world['failed']} --region eu-west-1 --stack orchestrator\n"
    assert result.stderr.endswith(again)


def test_too_short_a_part_of_an_id_is_explained(typed, world):
    result = typed("show", world["target"][:7])

    assert "For an execution, enter at least 8 characters of its ID." in result.stderr


@pytest.mark.parametrize("command", ["show", "stop", "rerun", "approve"])
def test_an_empty_reference_is_not_the_newest_run(typed, world, command):
    result = typed(command, "")

    assert result.exit_code == 2
    assert result.stderr.startswith("pipeline-run: RUN is empty.")


def test_outcomes_are_offered_as_they_are_printed(typed):
    assert "'TimedOut', 'Started'" in typed("list", "--outcome", "timed").stderr


@pytest.mark.parametrize("since", ["yesterday", "2x", "2026-13-01", "999999w", ""])
def test_a_wrong_time_is_refused_with_examples(typed, since):
    result = typed("list", "--since", since)

    assert result.exit_code == 2
    assert "is not a period such as 30m, 2h, 3d or 1w, or a date such as" in result.stderr


def steady(text):
    """Replace the parts of names and IDs that differ from world to world."""
    text = re.sub(UUID, "3f0c9a51-8a0e-4c4b-9e0b-6f1f6a9f3f10", text)
    text = re.sub(r"(?m)^[0-9a-f]{8}(?= )", "3f0c9a51", text)
    text = re.sub(r"[0-9a-f]{12}(?=-by-)", "3f0c9a51b2e4", text)
    text = re.sub(r"(revision:\s+)[0-9a-f]{12}", r"\g<1>3f0c9a51b2e4", text)
    return re.sub(r"StateMachine-\w+", "StateMachine", text)


@pytest.mark.parametrize("width", ["80", "120"])
@pytest.mark.parametrize("command", ["list", "show shop", "show web"])
def test_the_terminal_shows(typed, world, command, width):
    shown = steady(typed(*command.split(), COLUMNS=width).stdout)

    file = SNAPSHOTS / f"{command.replace(' ', '-')}-{width}.txt"
    assert shown == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["list", "show web", "timeline web"])
def test_the_clock_of_the_computer_may_be_wrong(type_, around, world, command):
    wrong = replace(around, now=lambda: datetime(2025, 1, 1, tzinfo=UTC))

    shown = type_(*command.split(), obj=wrong).stdout

    assert shown == type_(*command.split(), obj=around).stdout
    assert world["running"] in shown

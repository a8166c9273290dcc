from __future__ import annotations

import ast
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

from codepipeline_sandbox.codepipeline import Act, settings
from codepipeline_sandbox.faults import CallFault, DeliveryFault
from playground.company import SECOND, TOOLS, Action
from tests.model.orders import JOB_ORDERS, WAIT_ORDERS
from tests.simulation.observer import Observer
from tests.simulation.runs import all_runs
from tests.statemachine.operating import start_run
from tests.statemachine.reading import executions

ROOT = Path(__file__).parents[2]
JOB_FUNCTION = "*CodePipelineJobFunction*"


@pytest.fixture
def observer(cloud, company):
    return Observer(cloud)


@pytest.fixture
def release(company):
    """Start a pipeline that invokes a target. Returns a function that reads the action."""

    def begin(*acts, **asked):
        company.add_pipeline("deploy", {"Go": [Action("Roll", acts)]}, account=SECOND)
        document = {"pipelineName": "deploy", "roleArn": company.target_roles[SECOND], **asked}
        company.add_pipeline("release", {"Go": [company.waiting_action("Wait", document)]})
        company.start("release")
        return lambda: company.action("release", "Wait")

    return begin


@pytest.mark.interleaving(3)
def test_a_repeated_event_starts_only_one_run(cloud, company, observer, release, world):
    # The first attempt cannot read the job. The second one dies after starting the run.
    cloud.faults.add(
        CallFault("unavailable", "codepipeline:GetJobDetails", function=JOB_FUNCTION, times=3),
        CallFault("killed-during", "stepfunctions:StartExecution", function=JOB_FUNCTION, times=1),
    )
    action = release(Act(300))
    world.run()

    starts = [each.body for each in observer.effects if each.operation == "StartExecution"]
    assert len(starts) == 2
    assert starts[0] == starts[1]
    assert len(all_runs()) == 1
    assert action()["status"] == "Succeeded"


@pytest.mark.interleaving(20)
def test_a_job_that_is_filed_while_its_run_is_stopped_is_answered(cloud, company, release, world):
    # An operator stops the run at the moment when its second job is filed.
    stopped: list[float] = []

    def stop(call, proceed):
        answer = proceed()
        if call.operation == "UpdateItem" and b"attribute_not_exists(#answer)" in call.request.body:
            is_filing = fnmatch(call.caller, JOB_FUNCTION)
            if is_filing and not stopped:
                stopped.append(world.now)
                (run,) = all_runs()
                company.stepfunctions().stop_execution(executionArn=run.execution.arn)
        return answer

    cloud.interceptors.append(stop)
    action = release(Act(3_600))
    world.run(until=world.now + 300)

    # close_job answers the job that it finds in the table.
    assert "was stopped in Step Functions" in said(action())
    assert action()["lastUpdateTime"].timestamp() - stopped[0] < 5


@pytest.mark.interleaving(7)
def test_a_job_that_arrives_hours_late_starts_nothing(cloud, company, release, world):
    cloud.faults.add(
        DeliveryFault("delayed", "invocation", function=JOB_FUNCTION, seconds=7_200, times=1)
    )
    action = release(Act(60))
    world.run()

    # CodePipeline has failed the action, and no target was started for it.
    assert "failed to return a result" in said(action())
    assert all_runs() == []
    assert executions(company) == []


@pytest.mark.interleaving(10)
def test_a_renewal_that_dies_before_its_answer_is_repeated(
    cloud, company, observer, release, world
):
    renewal = CallFault(
        "killed-before",
        "codepipeline:PutJobSuccessResult",
        function="*ReportJobResultFunction*",
        times=1,
    )
    cloud.faults.add(renewal)
    action = release(Act(300))
    world.run()

    # The run itself sends the final answer.
    assert cloud.faults.struck(renewal) == 1
    assert action()["status"] == "Succeeded"
    assert last_answer(observer).function == "ReportJobResult"


@pytest.mark.interleaving(22)
def test_codepipeline_fails_the_action_if_the_event_of_a_stopped_run_is_lost(
    cloud, company, release, world
):
    action = release(Act(900))
    world.run(until=world.now + 120)

    # The run is stopped, and the status event is lost.
    cloud.faults.add(DeliveryFault("dropped", "event", source="aws.states"))
    (run,) = all_runs()
    company.stepfunctions().stop_execution(executionArn=run.execution.arn)
    world.run()

    # CodePipeline fails the action after exactly 20 minutes.
    assert "failed to return a result" in said(action())
    assert world.now - world.began < 30 * 60


@pytest.mark.interleaving(23)
def test_at_the_deadline_on_timeout_applies_and_on_abort_does_not(company, release, world):
    action = release(Act(900), timeoutMinutes=2, onTimeout="leave", onAbort="stop")
    world.run()

    assert action()["status"] == "Failed"
    assert [each["status"] for each in executions(company)] == ["Succeeded"]


@pytest.mark.interleaving(30)
def test_a_run_continues_when_codepipeline_ends_its_action(company, observer, release, world):
    # CodePipeline fails actions after ten minutes instead of a day.
    settings.use(settings.Settings(job_limit=600))
    action = release(Act(900))
    world.run()

    # The run has continued to its end. Its answer was refused once.
    assert action()["status"] == "Failed"
    (run,) = all_runs()
    assert run.status == "SUCCEEDED"
    refused = [each for each in observer.effects if not each.accepted]
    assert len(refused) == 1


@pytest.mark.interleaving(31)
@pytest.mark.parametrize("if_running, number", [("start", 2), ("join", 1)])
def test_a_retried_action_starts_or_joins_as_configured(
    company, release, world, if_running, number
):
    # The action times out, but its target continues.
    action = release(Act(400), timeoutMinutes=3, ifRunning=if_running)
    world.run(until=world.now + 240)
    assert action()["status"] == "Failed"

    (execution,) = executions(company, "release", TOOLS)
    company.codepipeline().retry_stage_execution(
        pipelineName="release",
        stageName="Go",
        pipelineExecutionId=execution["pipelineExecutionId"],
        retryMode="FAILED_ACTIONS",
    )
    world.run()

    assert len(executions(company)) == number


@pytest.mark.interleaving(35)
def test_two_runs_that_start_the_same_target_get_separate_executions(company, world):
    company.add_pipeline("local", {"Go": [Action("Roll", [Act(30)])]}, executionMode="PARALLEL")
    for _ in range(2):
        start_run(company, {"pipelineName": "local"})
    world.run()

    followed = {(run.result or {})["pipelineExecutionId"] for run in all_runs()}
    assert len(followed) == 2


@pytest.mark.interleaving(38)
def test_a_run_that_failed_reports_the_same_result_when_it_is_redriven(company, world):
    company.add_pipeline("local", {"Go": [Action("Roll", [Act(30, "Failed"), Act(30)])]})
    stepfunctions = company.stepfunctions()
    arn = start_run(company, {"pipelineName": "local"})
    world.run()
    first = stepfunctions.describe_execution(executionArn=arn)

    stepfunctions.redrive_execution(executionArn=arn)
    world.run()

    second = stepfunctions.describe_execution(executionArn=arn)
    assert second["status"] == first["status"] == "FAILED"
    assert (second["error"], second["cause"]) == (first["error"], first["cause"])
    assert len(executions(company, "local", TOOLS)) == 1


def test_every_order_of_events_has_a_test():
    page = (ROOT / "docs" / "interleavings.md").read_text("utf-8")
    rows = {int(number) for number in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    cited = {
        row for path in (ROOT / "tests").rglob("test_*.py") for row in cited_in(path.read_text())
    }
    cited |= {each.row for each in JOB_ORDERS} | {each.row for each in WAIT_ORDERS}
    assert rows == set(range(1, 70))
    assert cited == rows


def cited_in(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.interleaving":
            numbers = (each for each in node.args if isinstance(each, ast.Constant))
            yield from (each.value for each in numbers)


def said(action):
    return action["output"]["executionResult"]["errorDetails"]["message"]


def last_answer(observer):
    return [each for each in observer.effects if each.operation.startswith("PutJob")][-1]

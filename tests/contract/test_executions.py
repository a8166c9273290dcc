from __future__ import annotations

import pytest

from tests.contract import shared
from tests.contract.aws import refusal
from tests.contract.machines import create_machine
from tests.contract.pipelines import Pipeline, ask, create, declaration, stage, variable, work

pytestmark = pytest.mark.aws_verified


@pytest.mark.rule("E7")
def test_creating_a_pipeline_starts_an_execution(aws):
    name = aws.name("pipeline")
    create(aws, declaration(aws, name, stage("Go", work())))
    client = aws.client("codepipeline")

    def executions():
        return client.list_pipeline_executions(pipelineName=name)["pipelineExecutionSummaries"]

    aws.wait(30)
    found = executions()
    aws.setting("create_starts_execution", bool(found))
    if found:
        assert found[0]["trigger"]["triggerType"] == "CreatePipeline"


@pytest.mark.rule("E7")
def test_a_new_execution_can_be_found(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    began = aws.now()
    execution = pipeline.start()
    aws.until(lambda: pipeline.status(execution), what="the execution can be found")

    aws.duration("execution_visible_after", aws.now() - began)


@pytest.mark.rule("E1", "E2", "E6", "E8")
def test_an_execution_shows_its_version_variables_and_trigger(aws):
    pipeline = Pipeline(aws, stage("Go", work()), variables=[variable("Color", "red")])
    execution = pipeline.start(variables={"Color": "blue"})
    pipeline.job()

    shown = pipeline.execution(execution)
    newest = pipeline.executions()[0]
    me = aws.client("sts").get_caller_identity()["Arn"]
    assert shown["status"] == "InProgress"
    assert shown["variables"] == [{"name": "Color", "resolvedValue": "blue"}]
    assert shown["trigger"] == {"triggerType": "StartPipelineExecution", "triggerDetail": me}
    assert (shown["executionMode"], shown["executionType"]) == ("SUPERSEDED", "STANDARD")
    assert shown["pipelineVersion"] == 1
    assert not {"startTime", "lastUpdateTime", "stage", "error"} & set(shown)
    assert newest["pipelineExecutionId"] == execution


@pytest.mark.rule("E3")
def test_the_same_token_starts_once(aws):
    pipeline = Pipeline(aws, stage("Go", work()), variables=[variable("Color", "red")])
    first = pipeline.start(clientRequestToken="token")

    assert pipeline.start(clientRequestToken="token") == first
    assert pipeline.start(clientRequestToken="other") != first
    other = refusal(lambda: pipeline.start(clientRequestToken="token", variables={"Color": "blue"}))
    assert other in {None, "ConflictException"}
    aws.setting("repeated_request", "ignored" if other is None else "conflict")


@pytest.mark.slow(minutes=27)
@pytest.mark.rule("E3")
def test_a_token_is_remembered(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    first = pipeline.start(clientRequestToken="token")
    kept = 0
    for minutes in (1, 5, 25):
        aws.wait((minutes - kept) * 60)
        if pipeline.start(clientRequestToken="token") != first:
            break
        kept = minutes

    aws.setting("client_request_token_window", None if kept == 25 else kept * 60.0)


@pytest.mark.rule("E4")
def test_variables_have_their_given_or_default_values(aws):
    declared = [variable("Color", "red"), variable("Size")]
    pipeline = Pipeline(aws, stage("Go", work()), variables=declared)
    without = refusal(pipeline.start)
    undeclared = refusal(lambda: pipeline.start(variables={"Size": "1", "Shape": "round"}))
    execution = pipeline.start(variables={"Size": "1"})
    aws.until(lambda: pipeline.status(execution))
    values = {
        each["name"]: each["resolvedValue"] for each in pipeline.execution(execution)["variables"]
    }

    assert without is not None
    assert values == {"Color": "red", "Size": "1"}
    aws.setting("undeclared_variables", "ignored" if undeclared is None else "refused")


@pytest.mark.rule("E5")
def test_source_revisions_must_name_source_actions(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    revision = {"actionName": "Nobody", "revisionType": "S3_OBJECT_VERSION_ID"}
    given = [{**revision, "revisionValue": "x"}]

    assert refusal(lambda: pipeline.start(sourceRevisions=given)) is not None


@pytest.mark.rule("E12", "E14")
def test_a_stop_waits_for_running_actions(aws):
    pipeline = Pipeline(aws, stage("Go", work()), stage("Next", work("Later")))
    execution = pipeline.start()
    job = pipeline.job()
    pipeline.stop(execution, reason="contract")
    stopping = pipeline.status(execution)
    second = refusal(lambda: pipeline.stop(execution))
    job.succeed()

    assert stopping == "Stopping"
    assert second == "DuplicatedStopRequestException"
    assert pipeline.ended(execution) == "Stopped"
    assert pipeline.actions(execution, "Later") == []
    ended = refusal(lambda: pipeline.stop(execution))
    assert ended == "PipelineExecutionNotStoppableException"


@pytest.mark.rule("E14")
def test_a_stop_can_be_changed_to_abandon(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    execution = pipeline.start()
    pipeline.job()
    pipeline.stop(execution)
    pipeline.stop(execution, abandon=True)

    assert pipeline.ended(execution) == "Stopped"
    assert pipeline.action(execution, "Work")["status"] == "Abandoned"


@pytest.mark.rule("E15", "S5")
def test_a_retry_continues_the_execution(aws):
    pipeline = Pipeline(aws, stage("Go", work("A"), work("B")))
    execution = pipeline.start()
    first, second = pipeline.job(), pipeline.job()
    first.fail()
    second.succeed()
    failed = pipeline.ended(execution)
    names = {each["actionName"]: each["status"] for each in pipeline.actions(execution)}
    broken = next(name for name in ("A", "B") if names[name] == "Failed")
    (before,) = pipeline.actions(execution, broken)
    pipeline.retry(execution, "Go")
    pipeline.job().succeed()

    assert failed == "Failed"
    assert pipeline.ended(execution) == "Succeeded"
    runs = pipeline.actions(execution, broken)
    ids = {each["actionExecutionId"] for each in runs}
    other = "B" if broken == "A" else "A"
    assert len(pipeline.actions(execution, other)) == 1
    assert pipeline.state("Go")["retryStageMetadata"]["manualStageRetryAttempt"] == 1
    aws.setting("retry_keeps_action_execution_id", ids == {before["actionExecutionId"]})


@pytest.mark.rule("E15")
def test_a_retry_of_all_actions_runs_all_of_them(aws):
    pipeline = Pipeline(aws, stage("Go", work("A"), work("B")))
    execution = pipeline.start()
    pipeline.job().fail()
    pipeline.job().succeed()
    pipeline.ended(execution)
    pipeline.retry(execution, "Go", "ALL_ACTIONS")
    pipeline.job().succeed()
    pipeline.job().succeed()

    assert pipeline.ended(execution) == "Succeeded"


@pytest.mark.rule("E16", "E17")
def test_a_stage_can_be_retried_if_it_failed_or_stopped_last(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    stopped = pipeline.start()
    pipeline.job()
    pipeline.stop(stopped, abandon=True)
    pipeline.ended(stopped)
    pipeline.retry(stopped, "Go")
    pipeline.job().succeed()
    succeeded = pipeline.ended(stopped)
    again = refusal(lambda: pipeline.retry(stopped, "Go"))
    failed = pipeline.start()
    pipeline.job().fail()
    pipeline.ended(failed)
    newer = pipeline.start()
    pipeline.job()

    assert succeeded == "Succeeded"
    assert again == "StageNotRetryableException"
    assert newer != failed
    old = refusal(lambda: pipeline.retry(failed, "Go"))
    assert old == "NotLatestPipelineExecutionException"


@pytest.mark.rule("E18")
def test_an_update_ends_the_execution_once_its_actions_have_ended(aws):
    pipeline = Pipeline(aws, stage("Go", work()), stage("Next", work("Later")))
    execution = pipeline.start()
    job = pipeline.job()
    pipeline.update()
    job.succeed()
    status = pipeline.ended(execution)

    assert pipeline.action(execution, "Work")["status"] == "Succeeded"
    assert pipeline.actions(execution, "Later") == []
    assert status != "Succeeded"
    aws.setting("status_after_update", status)


@pytest.mark.rule("E19", "A1")
def test_actions_run_in_the_order_of_their_run_orders(aws):
    pipeline = Pipeline(
        aws,
        stage(
            "Go",
            work("A", "#{codepipeline.PipelineExecutionId}", namespace="First"),
            work("B", "#{First.answer} #{variables.Color}", runOrder=2),
        ),
        variables=[variable("Color", "red")],
    )
    execution = pipeline.start()
    first = pipeline.job()
    together = pipeline.actions(execution, "B")
    first.succeed(outputVariables={"answer": "42"})
    second = pipeline.job()

    assert together == []
    assert first.text == execution
    assert second.text == "42 red"


@pytest.mark.rule("A2")
def test_a_reference_without_a_value_fails_the_action(aws):
    pipeline = Pipeline(
        aws,
        stage("Go", work("A", namespace="First"), ask("B", "#{First.missing}", runOrder=2)),
    )
    execution = pipeline.start()
    pipeline.job().succeed()

    aws.setting("unresolved_reference_code", pipeline.code(execution, "B"))


@pytest.mark.rule("A11")
def test_a_configuration_that_is_too_large_fails_the_action(aws):
    pipeline = Pipeline(
        aws,
        stage("Go", work("A", namespace="First"), ask("B", "#{First.large}", runOrder=2)),
    )
    execution = pipeline.start()
    pipeline.job().succeed(outputVariables={"large": "x" * 110_000})

    aws.setting("oversized_configuration_code", pipeline.code(execution, "B"))


@pytest.mark.rule("J10")
def test_output_variables_that_are_too_large_are_refused(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    pipeline.start()
    job = pipeline.job()
    large = {"large": "x" * 122_880}

    error = refusal(lambda: job.succeed(outputVariables=large))
    assert error == "OutputVariablesSizeExceededException"


@pytest.mark.rule("E21", "V6")
def test_a_stage_starts_when_the_previous_one_ends(aws):
    pipeline = Pipeline(aws, stage("Go", work()), stage("Next", work("Later")))
    execution = pipeline.start()
    pipeline.job().succeed()
    pipeline.job().succeed()
    ended = pipeline.action(execution, "Work")["lastUpdateTime"]
    began = pipeline.action(execution, "Later")["startTime"]

    assert pipeline.ended(execution) == "Succeeded"
    aws.duration("between_stages", (began - ended).total_seconds())


@pytest.mark.rule("E8", "E9", "E10")
def test_lists_are_sorted_and_paginated(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    started: list[str] = []
    for _ in range(2):
        started.insert(0, pipeline.start())
        pipeline.job().succeed()
        pipeline.ended(started[0])
    pages = pipeline.client.list_pipeline_executions
    first = pages(pipelineName=pipeline.name, maxResults=1)
    token = first["nextToken"]
    second = pages(pipelineName=pipeline.name, maxResults=1, nextToken=token)
    listed = [
        page["pipelineExecutionSummaries"][0]["pipelineExecutionId"] for page in (first, second)
    ]
    runs = pipeline.client.list_action_executions(pipelineName=pipeline.name, maxResults=1)
    invalid = refusal(lambda: pages(pipelineName=pipeline.name, nextToken="invalid"))

    assert listed == started
    assert runs["actionExecutionDetails"][0]["actionName"] == "Work"
    assert invalid == "InvalidNextTokenException"


@pytest.mark.rule("E23")
def test_a_source_revision_can_be_reported(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    revision = {"revisionId": "r1", "revisionChangeId": "c1", "created": aws.now()}
    answer = pipeline.client.put_action_revision(
        pipelineName=pipeline.name,
        stageName="Source",
        actionName="Checkout",
        actionRevision=revision,
    )

    assert "pipelineExecutionId" in answer
    aws.until(lambda: pipeline.status(answer["pipelineExecutionId"]))


@pytest.mark.rule("M1", "M2", "M3", "S4")
def test_one_execution_waits_and_the_next_one_supersedes_it(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    inside = pipeline.start()
    job = pipeline.job()
    waiting = pipeline.start()
    aws.until(lambda: inbound(pipeline, "Go") == [waiting], what="an execution waits")
    newest = pipeline.start()
    superseded = pipeline.ended(waiting)
    alone = pipeline.actions(newest, "Work")
    job.succeed()

    assert superseded == "Superseded"
    assert alone == []
    assert pipeline.ended(inside) == "Succeeded"
    pipeline.job().succeed()
    assert pipeline.ended(newest) == "Succeeded"


def inbound(pipeline, name):
    shown = pipeline.state(name)
    several = shown.get("inboundExecutions", [])
    return [each["pipelineExecutionId"] for each in several]


@pytest.mark.rule("M4")
def test_in_a_queue_executions_run_in_the_order_in_which_they_arrived(aws):
    pipeline = Pipeline(
        aws,
        stage("Go", work(text="#{codepipeline.PipelineExecutionId}")),
        executionMode="QUEUED",
    )
    started = [pipeline.start() for _ in range(3)]
    worked = []
    for _ in started:
        job = pipeline.job()
        worked.append(job.text)
        job.succeed()

    assert worked == started


@pytest.mark.rule("M5")
def test_a_parallel_pipeline_shows_no_stage_states(aws):
    pipeline = Pipeline(aws, stage("Go", work()), executionMode="PARALLEL")
    both = [pipeline.start(), pipeline.start()]
    jobs = [pipeline.job(), pipeline.job()]
    stages = pipeline.client.get_pipeline_state(name=pipeline.name)["stageStates"]

    assert not any("latestExecution" in each for each in stages)
    aws.setting("parallel_stage_states", "bare" if stages else "none")
    for job in jobs:
        job.succeed()
    assert [pipeline.ended(each) for each in both] == ["Succeeded", "Succeeded"]


@pytest.mark.rule("M6")
def test_the_number_of_executions_in_progress_is_limited(aws):
    pipeline = Pipeline(aws, stage("Go", work()), executionMode="QUEUED")
    started = 0
    error = None
    while error is None and started < 60:
        error = refusal(pipeline.start)
        started += error is None

    assert error == "ConcurrentPipelineExecutionsLimitExceededException"
    aws.setting("concurrent_executions", started)


@pytest.mark.rule("M7")
def test_a_parallel_execution_runs_a_limited_number_of_actions(aws):
    several = [work(name) for name in "ABCDEFG"]
    pipeline = Pipeline(aws, stage("Go", *several), executionMode="PARALLEL")
    execution = pipeline.start()
    aws.until(pipeline.polled, within=180)
    aws.wait(20)

    running = [each for each in pipeline.actions(execution) if each["status"] == "InProgress"]
    aws.setting("parallel_actions", len(running))


@pytest.mark.rule("S6")
def test_a_disabled_transition_keeps_parallel_executions_waiting(aws):
    pipeline = Pipeline(aws, stage("Go", work()), executionMode="PARALLEL")
    error = refusal(lambda: pipeline.transition("Go", open_=False))
    execution = pipeline.start()
    pipeline.action(execution, "Checkout")
    aws.wait(30)

    held = error is None and pipeline.actions(execution, "Work") == []
    aws.setting("parallel_heeds_transitions", held)


@pytest.mark.rule("S6", "S7", "S8")
def test_a_disabled_transition_keeps_executions_waiting(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    pipeline.transition("Go", open_=False)
    first = pipeline.start()
    aws.until(lambda: inbound(pipeline, "Go") == [first], what="an execution waits")
    second = pipeline.start()
    superseded = pipeline.ended(first)
    aws.wait(20)
    shown = pipeline.state("Go")["inboundTransitionState"]
    held = pipeline.status(second), pipeline.actions(second, "Work")
    pipeline.transition("Go", open_=True)
    pipeline.job().succeed()

    assert superseded == "Superseded"
    assert (shown["enabled"], shown["disabledReason"]) == (False, "contract")
    assert held == ("InProgress", [])
    assert pipeline.ended(second) == "Succeeded"


@pytest.mark.rule("S2", "S3", "S14")
def test_a_stage_shows_revisions_and_links_once_it_has_run(aws):
    pipeline = Pipeline(aws, stage("Go", work()), stage("Next", work("Later")))
    pipeline.start()
    pipeline.job()
    (source,) = pipeline.state("Source")["actionStates"]
    never = pipeline.state("Next")

    assert set(source["currentRevision"]) == {"revisionId"}
    assert "entityUrl" in source
    assert "latestExecution" not in never
    assert never["actionStates"] == [{"actionName": "Later"}]


@pytest.mark.rule("S1", "S9")
def test_each_stage_shows_its_latest_execution(aws):
    pipeline = Pipeline(aws, stage("Go", work()), stage("Next", work("Later")))
    pipeline.transition("Go", open_=False, kind="Outbound")
    first = pipeline.start()
    pipeline.job().succeed()
    aws.until(lambda: inbound(pipeline, "Next") == [first], what="the execution waits")
    second = pipeline.start()
    pipeline.job()

    def latest(name):
        return pipeline.state(name)["latestExecution"]["pipelineExecutionId"]

    assert latest("Go") == second
    assert pipeline.actions(first, "Later") == []
    pipeline.transition("Go", open_=True, kind="Outbound")
    pipeline.action(first, "Later", "InProgress")
    assert latest("Next") == first


@pytest.mark.rule("B1", "B2", "B3")
def test_a_rollback_runs_one_stage_again(aws):
    pipeline = Pipeline(
        aws,
        stage("Go", work(text="#{codepipeline.PipelineExecutionId} #{variables.Color}")),
        variables=[variable("Color", "red")],
    )
    good = pipeline.start(variables={"Color": "blue"})
    pipeline.job().succeed()
    pipeline.ended(good)
    rollback = pipeline.roll_back("Go", good)
    job = pipeline.job()
    identity, color = job.text.split()
    job.succeed()

    assert pipeline.ended(rollback) == "Succeeded"
    assert {each["stageName"] for each in pipeline.actions(rollback)} == {"Go"}
    assert color == "blue"
    shown = pipeline.execution(rollback)
    assert shown["executionType"] == "ROLLBACK"
    assert shown["rollbackMetadata"]["rollbackTargetPipelineExecutionId"] == good
    assert shown["trigger"]["triggerType"] == "ManualRollback"
    assert identity in {rollback, good}
    aws.setting("rollback_execution_id_variable", "own" if identity == rollback else "target")


@pytest.mark.rule("B4")
def test_source_stages_and_failures_are_not_targets_of_a_rollback(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    good = pipeline.start()
    pipeline.job().succeed()
    pipeline.ended(good)
    failed = pipeline.start()
    pipeline.job().fail()
    pipeline.ended(failed)
    codes = {
        refusal(lambda: pipeline.roll_back("Source", good)),
        refusal(lambda: pipeline.roll_back("Go", failed)),
    }

    assert codes == {"UnableToRollbackStageException"}


@pytest.mark.rule("B5")
def test_a_rollback_to_an_older_version_is_refused(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    good = pipeline.start()
    pipeline.job().succeed()
    pipeline.ended(good)
    pipeline.update()
    error = refusal(lambda: pipeline.roll_back("Go", good))

    names = {
        "UnableToRollbackStageException": "unable",
        "PipelineExecutionOutdatedException": "outdated",
    }
    assert error in names
    aws.setting("older_rollback_target", names[error])


@pytest.mark.rule("A8")
def test_a_pipeline_can_start_a_pipeline(aws):
    target = Pipeline(aws, stage("Go", work()))
    pipeline = Pipeline(aws, stage("Go", invoking(target.name)))
    execution = pipeline.start()
    target.job()
    aws.wait(30)
    (run,) = pipeline.actions(execution, "Start")

    aws.setting("pipeline_invoke_waits", run["status"] == "InProgress")


def invoking(name):
    type_id = {"category": "Invoke", "owner": "AWS", "provider": "CodePipeline", "version": "1"}
    return {"name": "Start", "actionTypeId": type_id, "configuration": {"PipelineName": name}}


@pytest.mark.rule("A9")
def test_a_pipeline_that_cannot_be_started_fails_the_action(aws):
    pipeline = Pipeline(aws, stage("Go", invoking(aws.name("missing"))))
    execution = pipeline.start()

    aws.setting("pipeline_not_started_code", pipeline.code(execution, "Start"))


@pytest.mark.slow(minutes=24 * 60 + 10)
@pytest.mark.rule("J6")
def test_an_action_fails_after_a_day(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    execution = pipeline.start()
    pipeline.job()
    assert pipeline.ended(execution, within=24 * 3600 + 300) == "Failed"
    run = pipeline.action(execution, "Work")

    aws.duration("job_limit", (run["lastUpdateTime"] - run["startTime"]).total_seconds())


@pytest.mark.rule("A6")
def test_a_state_machine_action_starts_one_execution(aws):
    arn = create_machine(aws, {"Done": {"Type": "Succeed"}})
    type_id = {"category": "Invoke", "owner": "AWS", "provider": "StepFunctions", "version": "1"}
    run = {"name": "Run", "actionTypeId": type_id, "configuration": {"StateMachineArn": arn}}
    pipeline = Pipeline(aws, stage("Go", run))
    execution = pipeline.start()

    assert pipeline.ended(execution) == "Succeeded"
    listed = aws.client("stepfunctions").list_executions(stateMachineArn=arn)["executions"]
    identity = pipeline.action(execution, "Run")["actionExecutionId"]
    assert [identity in each["name"] for each in listed].count(True) == 1


@pytest.mark.rule("P9")
def test_deleting_a_pipeline_that_does_not_exist_is_not_an_error(aws):
    name = aws.name("missing")

    assert refusal(lambda: aws.client("codepipeline").delete_pipeline(name=name)) is None


@pytest.mark.rule("A10", "A12")
def test_a_source_returns_the_variables_of_its_object(aws):
    bucket = shared.bucket(aws)
    pipeline = Pipeline(aws, stage("Go", work()))
    execution = pipeline.start()
    pipeline.job()
    output = pipeline.action(execution, "Checkout")["output"]["outputVariables"]

    assert (output["BucketName"], output["ObjectKey"]) == (bucket, shared.OBJECT)
    assert {"VersionId", "ETag"} <= set(output)

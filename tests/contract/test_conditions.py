from __future__ import annotations

import pytest

from tests.contract.aws import NotObserved, refusal
from tests.contract.pipelines import (
    Pipeline,
    check,
    condition,
    create,
    declaration,
    stage,
    variable,
    work,
)

pytestmark = pytest.mark.aws_verified

GO = [variable("Go", "yes")]
ON_YES = check("#{variables.Go}", "yes")
OUTPUTS = [{"name": "Built"}]


def succeeded(pipeline, **variables):
    execution = pipeline.start(variables=variables)
    pipeline.job().succeed()
    assert pipeline.ended(execution) == "Succeeded"
    return execution


def rollback(pipeline, within=60):
    """Wait for a rollback and return its id, or None if no rollback starts."""

    def started():
        return next(
            (
                each["pipelineExecutionId"]
                for each in pipeline.executions()
                if each.get("executionType") == "ROLLBACK"
            ),
            None,
        )

    try:
        return pipeline.aws.until(started, within=within)
    except NotObserved:
        return None


@pytest.mark.rule("C1", "C2")
def test_an_entry_condition_that_is_not_met_fails_the_stage(aws):
    pipeline = Pipeline(
        aws, stage("Go", work(), beforeEntry=condition("FAIL", ON_YES)), variables=GO
    )
    execution = pipeline.start(variables={"Go": "no"})

    assert pipeline.ended(execution) == "Failed"
    assert pipeline.actions(execution, "Work") == []
    (rule,) = pipeline.rules(execution)
    assert (rule["ruleName"], rule["status"]) == ("Compare", "Failed")
    shown = pipeline.state("Go")["beforeEntryConditionState"]
    assert shown["latestExecution"]["status"] == "Failed"
    succeeded(pipeline, Go="yes")


@pytest.mark.rule("C2", "C9")
def test_a_skipped_stage_provides_no_artifacts(aws):
    pipeline = Pipeline(
        aws,
        stage("Go", work(outputArtifacts=OUTPUTS), beforeEntry=condition("SKIP", ON_YES)),
        stage("Next", work("Later", inputArtifacts=OUTPUTS)),
        variables=GO,
        heard=True,
    )
    execution = pipeline.start(variables={"Go": "no"})
    code = pipeline.code(execution, "Later")

    assert pipeline.ended(execution) == "Failed"
    assert pipeline.actions(execution, "Work") == []
    assert pipeline.state("Go")["latestExecution"]["status"] == "Skipped"
    aws.setting("missing_artifact_code", code)
    pipeline.heard(execution, "FAILED")
    states = {
        event["detail"]["state"]
        for _, event in pipeline.events(execution)
        if event["detail"].get("stage") == "Go"
    }
    aws.setting("skipped_stages_tell", "SKIPPED" in states)


@pytest.mark.rule("C3", "C8")
def test_a_success_condition_rolls_the_stage_back(aws):
    rules = condition("ROLLBACK", ON_YES)
    pipeline = Pipeline(aws, stage("Go", work(), onSuccess=rules), variables=GO)
    good = succeeded(pipeline)
    bad = pipeline.start(variables={"Go": "no"})
    pipeline.job().succeed()
    ended = pipeline.ended(bad)
    second = rollback(pipeline)
    checks = second is not None

    assert checks
    shown = pipeline.execution(second)
    assert shown["rollbackMetadata"]["rollbackTargetPipelineExecutionId"] == good
    assert shown["trigger"]["triggerType"] == "AutomatedRollback"
    aws.setting("execution_after_rollback", ended)
    pipeline.job().succeed()
    assert pipeline.ended(second) == "Succeeded"
    aws.setting("rollbacks_check_conditions", bool(pipeline.rules(second)))


@pytest.mark.rule("B6")
def test_a_failure_rolls_the_stage_back(aws):
    pipeline = Pipeline(aws, stage("Go", work(), onFailure={"result": "ROLLBACK"}))
    good = succeeded(pipeline)
    bad = pipeline.start()
    pipeline.job().fail()

    assert pipeline.ended(bad) == "Failed"
    second = rollback(pipeline)
    assert second is not None
    shown = pipeline.execution(second)["rollbackMetadata"]
    assert shown["rollbackTargetPipelineExecutionId"] == good


@pytest.mark.rule("C4")
def test_an_unmet_failure_condition_rolls_the_stage_back(aws):
    pipeline = Pipeline(
        aws,
        stage("Go", work(), onFailure=condition("ROLLBACK", ON_YES)),
        variables=GO,
    )
    succeeded(pipeline)
    bad = pipeline.start(variables={"Go": "no"})
    pipeline.job().fail()
    pipeline.ended(bad)

    aws.setting("failure_result_engages", "met" if rollback(pipeline) is None else "unmet")


@pytest.mark.rule("C4")
def test_an_unmet_condition_does_not_count_as_a_failure(aws):
    pipeline = Pipeline(
        aws,
        stage(
            "Go",
            work(),
            beforeEntry=condition("FAIL", ON_YES),
            onFailure={"result": "ROLLBACK"},
        ),
        variables=GO,
    )
    succeeded(pipeline)
    bad = pipeline.start(variables={"Go": "no"})
    assert pipeline.ended(bad) == "Failed"

    aws.setting("unmet_condition_fails_stage", rollback(pipeline) is not None)


@pytest.mark.rule("C4")
def test_a_failure_condition_cannot_retry_the_stage(aws):
    declared = declaration(
        aws,
        aws.name("pipeline"),
        stage("Go", work(), onFailure=condition("RETRY", ON_YES)),
        variables=GO,
    )
    error = refusal(lambda: create(aws, declared))

    aws.setting("failure_results", "all" if error is None else "documented")


@pytest.mark.rule("C5")
def test_a_rule_that_cannot_be_evaluated_fails_the_stage(aws):
    rule = check("#{variables.Go}", "#{variables.Expression}", "MATCHES")
    pipeline = Pipeline(
        aws,
        stage("Go", work(), beforeEntry=condition("FAIL", rule)),
        variables=[*GO, variable("Expression", "[")],
    )
    execution = pipeline.start()

    assert pipeline.ended(execution) == "Failed"
    shown = pipeline.state("Go")["beforeEntryConditionState"]
    aws.setting("unevaluated_condition", shown["latestExecution"]["status"])


@pytest.mark.rule("C7")
def test_a_retry_does_not_check_the_entry_again(aws):
    rules = condition("FAIL", ON_YES)
    pipeline = Pipeline(aws, stage("Go", work(), beforeEntry=rules), variables=GO)
    execution = pipeline.start()
    pipeline.job().fail()
    pipeline.ended(execution)
    pipeline.retry(execution, "Go")
    pipeline.job().succeed()

    assert pipeline.ended(execution) == "Succeeded"
    aws.setting("retry_checks_entry_again", len(pipeline.rules(execution)) > 1)


@pytest.mark.rule("C10", "C11")
def test_a_condition_can_be_overridden(aws):
    rules = condition("FAIL", ON_YES)
    pipeline = Pipeline(aws, stage("Go", work(), beforeEntry=rules), variables=GO)
    execution = pipeline.start(variables={"Go": "no"})
    failed = pipeline.ended(execution)

    def override(kind):
        pipeline.client.override_stage_condition(
            pipelineName=pipeline.name,
            stageName="Go",
            pipelineExecutionId=execution,
            conditionType=kind,
        )

    other = refusal(lambda: override("ON_SUCCESS"))
    override("BEFORE_ENTRY")
    pipeline.job().succeed()

    assert failed == "Failed"
    assert other == "ConditionNotOverridableException"
    assert pipeline.ended(execution) == "Succeeded"
    shown = pipeline.state("Go")["beforeEntryConditionState"]
    assert shown["latestExecution"]["status"] == "Overridden"


@pytest.mark.rule("C12")
def test_rule_types_are_listed(aws):
    listed = aws.client("codepipeline").list_rule_types()["ruleTypes"]

    providers = {each["id"]["provider"] for each in listed}
    assert {"CloudWatchAlarm", "DeploymentWindow", "LambdaInvoke", "VariableCheck"} <= providers


@pytest.mark.rule("T1", "T2")
def test_a_failed_stage_is_retried_once_automatically(aws):
    pipeline = Pipeline(aws, stage("Go", work(), onFailure={"result": "RETRY"}), heard=True)
    execution = pipeline.start()
    pipeline.job().fail()
    job = pipeline.job()
    second, first = pipeline.actions(execution, "Work")
    job.fail()

    assert pipeline.ended(execution) == "Failed"
    assert len(pipeline.actions(execution, "Work")) == 2
    assert pipeline.state("Go")["retryStageMetadata"]["autoStageRetryAttempt"] == 1
    gap = second["startTime"] - first["lastUpdateTime"]
    aws.duration("automatic_retry_after", gap.total_seconds())
    pipeline.heard(execution, "RESUMED")
    pipeline.heard(execution, "FAILED")
    aws.wait(15)  # events may arrive in any order
    failures = states(pipeline, execution).count("FAILED")
    aws.setting("failure_shows_before_automatic_retry", failures > 1)


def states(pipeline, execution):
    found = [
        event
        for _, event in pipeline.events(execution)
        if event["detail-type"].startswith("CodePipeline Pipeline ")
    ]
    return [event["detail"]["state"] for event in found]

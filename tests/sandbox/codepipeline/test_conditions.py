from __future__ import annotations

import pytest

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline.declarations import (
    action,
    condition,
    rule,
    source,
    stage,
    variable_check,
)

UNMET = Act(outcome="Failed", error_message="too late")
V2 = {"pipelineType": "V2"}
AFTER = stage("After", action("Tell"))
ON_ENTRY = stage("Deploy", action("Ship"), beforeEntry=condition("FAIL"))
ON_SUCCESS = stage("Deploy", action("Ship"), onSuccess=condition("FAIL"))
ALL = {
    "beforeEntry": condition("FAIL"),
    "onSuccess": condition("FAIL"),
    "onFailure": condition("ROLLBACK"),
}


def names(runs):
    return [each.get("actionName") or each["ruleName"] for each in runs]


def statuses(pipeline):
    stages = pipeline.stages().values()
    return [state.get("latestExecution", {}).get("status") for state in stages]


@pytest.mark.rule("C1", "C3")
def test_conditions_that_are_met_do_not_hold_the_execution_back(target, world):
    # given
    pipeline = target(stage("Deploy", action("Ship"), **ALL), AFTER, **V2)

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert pipeline.condition("Deploy", "beforeEntry") == "Succeeded"
    assert pipeline.condition("Deploy", "onSuccess") == "Succeeded"
    assert "onFailureConditionState" not in pipeline.stages()["Deploy"]
    entry, leaving = pipeline.rules()
    ship = pipeline.action("Ship")
    assert entry["lastUpdateTime"] <= ship["startTime"]
    assert ship["lastUpdateTime"] <= leaving["startTime"]


@pytest.mark.rule("C2")
def test_an_unmet_entry_condition_fails_the_stage_without_its_actions(target, world, play_rule):
    # given
    play_rule("Deploy", "beforeEntry", UNMET)
    pipeline = target(ON_ENTRY, AFTER, **V2)

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Failed"
    assert statuses(pipeline) == ["Succeeded", "Failed", None]
    assert names(pipeline.actions()) == ["Checkout"]
    assert pipeline.condition("Deploy", "beforeEntry") == "Failed"


@pytest.mark.rule("C2", "C9")
@pytest.mark.parametrize("tell,states", [(False, ["STARTED"]), (True, ["STARTED", "SKIPPED"])])
def test_an_unmet_entry_condition_may_skip_the_stage(
    target, world, isolated_codepipeline, behave, play_rule, tell, states
):
    # given
    behave(skipped_stages_tell=tell)
    play_rule("Deploy", "beforeEntry", UNMET)
    skipped = stage("Deploy", action("Ship"), beforeEntry=condition("SKIP"))
    pipeline = target(skipped, AFTER, **V2)

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert statuses(pipeline) == ["Succeeded", "Skipped", "Succeeded"]
    assert names(pipeline.actions()) == ["Checkout", "Tell"]
    assert isolated_codepipeline.events.states("Stage", "Deploy") == states


@pytest.mark.rule("C2")
def test_a_skipped_stage_can_be_neither_retried_nor_rolled_back(target, world, play_rule, refused):
    # given
    play_rule("Deploy", "beforeEntry", Act(), UNMET)
    skipped = stage("Deploy", action("Ship"), beforeEntry=condition("SKIP"))
    pipeline = target(skipped, **V2)
    passed = pipeline.start()
    world.run()
    execution_id = pipeline.start()
    world.run()

    # when, then
    with refused("StageNotRetryableException", "Skipped"):
        pipeline.retry(execution_id, "Deploy")
    with refused("UnableToRollbackStageException", "skipped"):
        pipeline.roll_back("Deploy", passed)
    with refused("ConditionNotOverridableException", "SKIP"):
        pipeline.override(execution_id, "Deploy", "BEFORE_ENTRY")


@pytest.mark.rule("C2")
@pytest.mark.parametrize("code", ["ConfigurationError", "Mine"])
def test_an_artifact_missing_because_its_stage_was_skipped_fails_the_action_that_needs_it(
    target, world, play_rule, behave, code
):
    # given
    behave(missing_artifact_code=code)
    play_rule("Build", "beforeEntry", UNMET)
    build = action("Compile", outputArtifacts=[{"name": "Binary"}])
    pipeline = target(
        stage("Build", build, beforeEntry=condition("SKIP")),
        stage("Deploy", action("Ship", inputArtifacts=[{"name": "Binary"}])),
        **V2,
    )

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Failed"
    error = pipeline.action("Ship")["output"]["executionResult"]["errorDetails"]
    assert error["code"] == code


@pytest.mark.rule("C3")
def test_an_unmet_success_condition_may_fail_the_stage(target, world, play_rule):
    # given
    play_rule("Deploy", "onSuccess", UNMET)
    pipeline = target(ON_SUCCESS, AFTER, **V2)

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Failed"
    assert pipeline.action("Ship")["status"] == "Succeeded"
    assert statuses(pipeline) == ["Succeeded", "Failed", None]


@pytest.mark.rule("C3")
@pytest.mark.parametrize("ended", ["Failed", "Succeeded"])
def test_an_unmet_success_condition_may_roll_the_stage_back(
    target, world, behave, play_rule, ended
):
    # given
    behave(execution_after_rollback=ended)
    play_rule("Deploy", "onSuccess", Act(), UNMET, Act())
    rolled_back = stage("Deploy", action("Ship"), onSuccess=condition("ROLLBACK"))
    pipeline = target(rolled_back, AFTER, **V2)
    good = pipeline.start()
    world.run()

    # when
    bad = pipeline.start()
    world.run()

    # then
    rollback = pipeline.summaries()[0]
    assert pipeline.status(bad) == ended
    assert rollback["rollbackMetadata"]["rollbackTargetPipelineExecutionId"] == good
    assert rollback["status"] == "Succeeded"
    assert len(pipeline.actions(bad)) == 2


@pytest.mark.rule("C3")
def test_without_a_rollback_target_an_unmet_success_condition_leaves_the_stage_succeeded(
    target, world, play_rule, refused
):
    # given
    play_rule("Deploy", "onSuccess", UNMET)
    rolled_back = stage("Deploy", action("Ship"), onSuccess=condition("ROLLBACK"))
    pipeline = target(rolled_back, **V2)

    # when
    bad = pipeline.start()
    world.run()

    # then
    assert statuses(pipeline) == ["Succeeded", "Succeeded"]
    assert len(pipeline.summaries()) == 1
    assert pipeline.summaries(filter={"succeededInStage": {"stageName": "Deploy"}}) == []
    with refused("UnableToRollbackStageException", "has not succeeded"):
        pipeline.roll_back("Deploy", bad)


@pytest.mark.rule("C4")
@pytest.mark.parametrize(
    "engages,act,rolls_back",
    [
        ("unmet", UNMET, True),
        ("unmet", Act(), False),
        ("met", UNMET, False),
        ("met", Act(), True),
    ],
)
def test_a_failure_condition_may_roll_the_stage_back(
    target, world, behave, play, play_rule, engages, act, rolls_back
):
    # given
    behave(failure_result_engages=engages)
    play("Deploy", "Ship", Act(), Act(outcome="Failed"), Act())
    play_rule("Deploy", "onFailure", act)
    pipeline = target(stage("Deploy", action("Ship"), onFailure=condition("ROLLBACK")), **V2)
    pipeline.start()
    world.run()

    # when
    bad = pipeline.start()
    world.run()

    # then
    assert pipeline.status(bad) == "Failed"
    assert (pipeline.summaries()[0]["executionType"] == "ROLLBACK") is rolls_back


@pytest.mark.rule("C4")
@pytest.mark.parametrize("counts,executions", [(False, 2), (True, 3)])
def test_whether_an_unmet_condition_counts_as_a_failure_is_a_setting(
    target, world, behave, play_rule, counts, executions
):
    # given
    behave(unmet_condition_fails_stage=counts)
    play_rule("Deploy", "beforeEntry", Act(), UNMET, Act())
    guarded = {**ON_ENTRY, "onFailure": {"result": "ROLLBACK"}}
    pipeline = target(guarded, **V2)
    pipeline.start()
    world.run()

    # when
    bad = pipeline.start()
    world.run()

    # then
    assert pipeline.status(bad) == "Failed"
    assert len(pipeline.summaries()) == executions


@pytest.mark.rule("C2", "C4")
def test_an_unmet_condition_that_skips_is_never_a_failure(target, world, behave, play_rule):
    # given
    behave(unmet_condition_fails_stage=True)
    play_rule("Deploy", "beforeEntry", UNMET)
    skipped = {**ON_ENTRY, "beforeEntry": condition("SKIP"), "onFailure": {"result": "ROLLBACK"}}
    pipeline = target(skipped, **V2)

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert pipeline.stages()["Deploy"]["latestExecution"]["status"] == "Skipped"


@pytest.mark.rule("C4")
def test_a_failed_stage_can_optionally_be_skipped(target, world, behave, play):
    # given
    behave(failure_results="all")
    play("Deploy", "Ship", Act(outcome="Failed"))
    pipeline = target(stage("Deploy", action("Ship"), onFailure={"result": "SKIP"}), AFTER, **V2)

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert statuses(pipeline) == ["Succeeded", "Skipped", "Succeeded"]


@pytest.mark.rule("C4")
def test_a_met_failure_condition_can_optionally_fail_the_stage(target, world, behave, play):
    # given
    behave(failure_results="all")
    play("Deploy", "Ship", Act(outcome="Failed"))
    pipeline = target(stage("Deploy", action("Ship"), onFailure=condition("FAIL")), **V2)

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Failed"
    assert pipeline.condition("Deploy", "onFailure") == "Succeeded"


@pytest.mark.rule("C1")
def test_all_rules_of_a_condition_run_together_and_must_succeed(target, world, play_rule):
    # given
    play_rule("Deploy", "beforeEntry", Act(duration=60), rule="Slow")
    play_rule("Deploy", "beforeEntry", UNMET, rule="Quick")
    both = condition("FAIL", rule("Slow"), rule("Quick"))
    pipeline = target(stage("Deploy", action("Ship"), beforeEntry=both), **V2)

    # when
    execution_id = pipeline.start()
    world.run(world.now + 30)

    # then
    assert pipeline.condition("Deploy", "beforeEntry") == "InProgress"
    assert pipeline.status(execution_id) == "InProgress"
    world.run()
    assert pipeline.condition("Deploy", "beforeEntry") == "Failed"
    assert [each["status"] for each in pipeline.rules()] == ["Succeeded", "Failed"]


@pytest.mark.rule("C1")
@pytest.mark.parametrize(
    "operator,value,met",
    [
        ("EQ", "main", True),
        ("EQ", "mai", False),
        ("NE", "mai", True),
        ("NE", "main", False),
        ("CONTAINS", "ai", True),
        ("CONTAINS", "x", False),
        ("MATCHES", "m.*", True),
        ("MATCHES", "m", False),
    ],
)
def test_a_variable_check_compares_the_resolved_value(target, world, play, operator, value, met):
    # given
    play("Source", "Checkout", Act(output_variables={"Branch": "main"}))
    check = variable_check("#{SourceVariables.Branch}", operator, value)
    pipeline = target(
        stage("Deploy", action("Ship"), beforeEntry=condition("SKIP", check)),
        first=source(namespace="SourceVariables"),
        **V2,
    )

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert statuses(pipeline)[1] == ("Succeeded" if met else "Skipped")
    (checked,) = pipeline.rules()
    assert checked["input"]["configuration"]["Variable"] == "#{SourceVariables.Branch}"
    assert checked["input"]["resolvedConfiguration"]["Variable"] == "main"


@pytest.mark.rule("C5")
@pytest.mark.parametrize("status", ["Errored", "Failed"])
@pytest.mark.parametrize(
    "check,code",
    [
        (variable_check("#{SourceVariables.Nothing}", "EQ", "x"), "ConfigurationError"),
        (variable_check("main", "MATCHES", "("), "ConfigurationError"),
        (
            rule("Compare", "DeploymentWindow", configuration={"Cron": "*"}, timeoutInMinutes=5),
            "JobFailed",
        ),
    ],
)
def test_a_rule_that_cannot_be_evaluated_can_have_its_own_status(
    target, world, behave, play_rule, check, code, status
):
    # given
    behave(unevaluated_condition=status)
    if "timeoutInMinutes" in check:
        play_rule("Deploy", "beforeEntry", Act(duration=3600), rule="Compare")
    pipeline = target(
        stage("Deploy", action("Ship"), beforeEntry=condition("FAIL", check)),
        first=source(namespace="SourceVariables"),
        **V2,
    )

    # when
    execution_id = pipeline.start()
    world.run()

    # then
    assert pipeline.status(execution_id) == "Failed"
    assert pipeline.condition("Deploy", "beforeEntry") == status
    (ran,) = pipeline.rules()
    assert ran["status"] == "Failed"
    assert ran["output"]["executionResult"]["errorDetails"]["code"] == code


@pytest.mark.rule("C6")
def test_a_stop_waits_for_running_rules_and_ignores_their_result(target, world, play_rule):
    # given
    play_rule("Deploy", "beforeEntry", Act(duration=60))
    pipeline = target(ON_ENTRY, **V2)
    execution_id = pipeline.start()
    world.run(world.now + 10)

    # when
    pipeline.stop(execution_id)
    at_once = pipeline.status(execution_id)
    world.run()

    # then
    assert at_once == "Stopping"
    assert pipeline.status(execution_id) == "Stopped"
    assert pipeline.condition("Deploy", "beforeEntry") == "Cancelled"
    assert pipeline.rules()[0]["status"] == "Succeeded"
    assert names(pipeline.actions()) == ["Checkout"]


@pytest.mark.rule("C6")
def test_abandoning_an_execution_abandons_its_running_rules(target, world, play_rule):
    # given
    play_rule("Deploy", "onSuccess", Act(duration=60))
    pipeline = target(ON_SUCCESS, **V2)
    execution_id = pipeline.start()
    world.run(world.now + 10)

    # when
    pipeline.stop(execution_id, abandon=True)
    world.run()

    # then
    assert pipeline.status(execution_id) == "Stopped"
    assert pipeline.condition("Deploy", "onSuccess") == "Abandoned"
    assert pipeline.rules()[0]["status"] == "Abandoned"
    assert (
        pipeline.rules()[0]["startTime"].timestamp()
        <= world.now
        < 60 + (pipeline.rules()[0]["startTime"].timestamp())
    )


@pytest.mark.rule("C6")
def test_an_update_cancels_the_running_check(target, world, client, play_rule):
    # given
    play_rule("Deploy", "beforeEntry", Act(duration=60))
    pipeline = target(ON_ENTRY, **V2)
    execution_id = pipeline.start()
    world.run(world.now + 10)

    # when
    client.update_pipeline(pipeline=pipeline.declaration)
    world.run()

    # then
    assert pipeline.status(execution_id) == "Cancelled"
    assert pipeline.condition("Deploy", "beforeEntry") == "Cancelled"


@pytest.mark.rule("C6")
def test_deleting_the_pipeline_ends_the_running_check(
    target, world, client, play_rule, isolated_codepipeline
):
    # given
    play_rule("Deploy", "beforeEntry", Act(duration=60))
    pipeline = target(ON_ENTRY, **V2)
    pipeline.start()
    world.run(world.now + 10)

    # when
    client.delete_pipeline(name=pipeline.name)
    world.run()

    # then
    assert isolated_codepipeline.events.states("Pipeline") == ["STARTED", "CANCELED"]


@pytest.mark.rule("C7")
def test_a_retry_checks_an_unmet_entry_condition_again(target, world, play_rule):
    # given
    play_rule("Deploy", "beforeEntry", UNMET, Act())
    pipeline = target(ON_ENTRY, **V2)
    execution_id = pipeline.start()
    world.run()

    # when
    pipeline.retry(execution_id, "Deploy")
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert pipeline.condition("Deploy", "beforeEntry") == "Succeeded"
    assert [each["status"] for each in pipeline.rules()] == ["Failed", "Succeeded"]


@pytest.mark.rule("C7")
@pytest.mark.parametrize("mode,ships", [("FAILED_ACTIONS", 1), ("ALL_ACTIONS", 2)])
def test_a_retry_checks_the_success_condition_again(target, world, play_rule, mode, ships):
    # given
    play_rule("Deploy", "onSuccess", UNMET, Act())
    pipeline = target(ON_SUCCESS, **V2)
    execution_id = pipeline.start()
    world.run()

    # when
    pipeline.retry(execution_id, "Deploy", mode)
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert names(pipeline.actions()).count("Ship") == ships


@pytest.mark.rule("C7")
@pytest.mark.parametrize("again,checks", [(False, 1), (True, 2)])
def test_whether_a_retry_checks_the_entry_condition_again_is_a_setting(
    target, world, behave, play, again, checks
):
    # given
    behave(retry_checks_entry_again=again)
    play("Deploy", "Ship", Act(outcome="Failed"), Act())
    pipeline = target(ON_ENTRY, **V2)
    execution_id = pipeline.start()
    world.run()

    # when
    pipeline.retry(execution_id, "Deploy")
    world.run()

    # then
    assert pipeline.status(execution_id) == "Succeeded"
    assert len(pipeline.rules()) == checks


@pytest.mark.rule("C8")
@pytest.mark.parametrize("check,rules", [(True, 3), (False, 2)])
def test_whether_a_rollback_checks_conditions_is_a_setting(target, world, behave, check, rules):
    # given
    behave(rollbacks_check_conditions=check)
    pipeline = target(ON_ENTRY, **V2)
    old = pipeline.start()
    world.run()
    pipeline.start()
    world.run()

    # when
    pipeline.roll_back("Deploy", old)
    world.run()

    # then
    assert len(pipeline.rules()) == rules


@pytest.mark.rule("C1")
def test_parallel_executions_check_their_conditions_independently(target, world, play_rule):
    # given
    play_rule("Deploy", "beforeEntry", UNMET, Act())
    pipeline = target(ON_ENTRY, executionMode="PARALLEL", **V2)

    # when
    ids = [pipeline.start(), pipeline.start()]
    world.run()

    # then
    assert sorted(pipeline.status(each) for each in ids) == ["Failed", "Succeeded"]

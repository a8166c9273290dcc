"""Invariants that hold for random pipelines and random operations."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager, suppress
from random import Random

import botocore.session
import pytest
from botocore.exceptions import ClientError

from codepipeline_sandbox.codepipeline import Act
from tests.sandbox.codepipeline import histories
from tests.sandbox.codepipeline.clients import client_in
from tests.sandbox.codepipeline.declarations import REGION, action, condition, function, stage

MODES = ("SUPERSEDED", "QUEUED", "PARALLEL")
CHOICES = (
    *("start", "start", "stop", "retry", "update", "answer", "answer"),
    *("roll back", "override"),
    *("transition", "transition", "approve", "approve"),
)
ENDED = {"Succeeded", "Failed", "Stopped", "Superseded", "Cancelled"}
MODEL = botocore.session.get_session().get_service_model("codepipeline")


def random_stages(random, mode, *, checked):
    def actions():
        for number in range(random.randint(1, 4)):
            order = random.randint(1, 2)
            yield random.choice((action, function, approval))(f"A{number}", runOrder=order)

    return [
        stage(f"S{number}", *actions(), **(random_conditions(random, mode) if checked else {}))
        for number in range(random.randint(1, 3))
    ]


def random_conditions(random, mode):
    rolls_back = mode != "PARALLEL"
    retried = {"result": "RETRY"}
    choices = {
        "beforeEntry": [condition("FAIL"), condition("SKIP")],
        "onSuccess": [condition("FAIL"), *[condition("ROLLBACK")] * rolls_back],
        "onFailure": [
            retried,
            *[{"result": "ROLLBACK"}, condition("ROLLBACK")] * rolls_back,
        ],
    }
    return {kind: random.choice(each) for kind, each in choices.items() if random.random() < 0.6}


def approval(name, **more):
    return action(name, "Approval", "Manual", **more)


def random_act(random):
    outcome = random.choice(["Succeeded"] * 3 + ["Failed"])
    return Act(duration=random.choice([0, 1, 5, 60]), outcome=outcome)


def answer_jobs(random, cloud):
    jobs = cloud.functions.jobs
    cloud.functions.events.clear()
    for job in jobs:
        more = random.choice([{}, {"continuationToken": "t"}, {"continuationToken": "t"}])
        # The action may have been abandoned in the meantime.
        with suppress(ClientError):
            client_in(REGION).put_job_success_result(jobId=job["id"], **more)


def operate(random, pipeline, cloud):
    ids = [each["pipelineExecutionId"] for each in pipeline.summaries()]
    choice = random.choice(CHOICES)
    stages = [each["name"] for each in pipeline.declaration["stages"]]
    if choice == "start":
        pipeline.start()
    elif choice == "stop" and ids:
        pipeline.stop(random.choice(ids), abandon=random.random() < 0.5)
    elif choice == "retry" and ids:
        mode = random.choice(("FAILED_ACTIONS", "ALL_ACTIONS"))
        pipeline.retry(random.choice(ids), random.choice(stages), mode)
    elif choice == "roll back" and ids:
        pipeline.roll_back(random.choice(stages), random.choice(ids))
    elif choice == "override" and ids:
        kind = random.choice(("BEFORE_ENTRY", "ON_SUCCESS"))
        pipeline.override(random.choice(ids), random.choice(stages), kind)
    elif choice == "update" and random.random() < 0.2:
        pipeline.client.update_pipeline(pipeline=pipeline.declaration)
    elif choice == "transition":
        change_transition(random, pipeline)
    elif choice == "approve":
        answer_approvals(random, pipeline)
    elif choice == "answer":
        answer_jobs(random, cloud)


def change_transition(random, pipeline):
    names = [each["name"] for each in pipeline.declaration["stages"]]
    way = {
        "pipelineName": pipeline.name,
        "stageName": random.choice(names),
        "transitionType": random.choice(("Inbound", "Outbound")),
    }
    if random.random() < 0.5:
        pipeline.client.disable_stage_transition(**way, reason="because")
    else:
        pipeline.client.enable_stage_transition(**way)


def open_all_transitions(pipeline):
    for declared in pipeline.declaration["stages"]:
        for direction in ("Inbound", "Outbound"):
            pipeline.client.enable_stage_transition(
                pipelineName=pipeline.name,
                stageName=declared["name"],
                transitionType=direction,
            )


def answer_approvals(random, pipeline):
    for name, state in pipeline.stages().items():
        for each in state["actionStates"]:
            if "token" in each.get("latestExecution", {}) and random.random() < 0.7:
                pipeline.client.put_approval_result(
                    pipelineName=pipeline.name,
                    stageName=name,
                    actionName=each["actionName"],
                    result={"status": random.choice(("Approved", "Rejected")), "summary": ""},
                    token=each["latestExecution"]["token"],
                )


@contextmanager
def documented_errors():
    code: str | None = None
    documented: list[str | None] = [None]
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        errors = MODEL.operation_model(error.operation_name).error_shapes
        documented = [shape.name for shape in errors]
    assert code in documented


@pytest.mark.rule("M1", "M2", "M4", "R2")
@pytest.mark.parametrize("seed", range(9))
def test_the_rules_hold_under_random_operations(
    isolated_codepipeline, target, play, play_rule, behave, seed
):
    # given
    behave(skipped_stages_tell=True)  # otherwise, events do not show which stage an execution is in
    random = Random(seed)  # noqa: S311 - repeatable on purpose
    mode, checked = MODES[seed % 3], seed % 2 == 1
    pipeline = target(
        *random_stages(random, mode, checked=checked), pipelineType="V2", executionMode=mode
    )
    for declared in pipeline.declaration["stages"]:
        for kind in ("beforeEntry", "onSuccess", "onFailure"):
            play_rule(declared["name"], kind, *(random_act(random) for _ in range(5)))
        for each in declared["actions"]:
            if each["actionTypeId"]["provider"] == "CodeBuild":
                play(declared["name"], each["name"], *(random_act(random) for _ in range(5)))

    # when
    for number in range(40):
        with documented_errors():
            operate(random, pipeline, isolated_codepipeline)
        isolated_codepipeline.world.run(
            isolated_codepipeline.world.now + random.choice((0, 1, 10, 40))
        )
        if number % 8 == 0:
            check_what_is_shown(pipeline, mode)
    open_all_transitions(pipeline)
    isolated_codepipeline.world.run()

    # then
    history = histories.of(event for _, _, event in isolated_codepipeline.events.put_events)
    check_ends(pipeline, histories.check_edges(history))
    if mode != "PARALLEL":
        histories.check_locks(history)
        histories.check_superseding(history)
    if mode == "QUEUED":
        stages = [each["name"] for each in pipeline.declaration["stages"]]
        histories.check_queues(history, stages)


def check_what_is_shown(pipeline, mode):
    inside = defaultdict(set)
    for run in pipeline.actions():
        if run["status"] == "InProgress":
            inside[run["stageName"]].add(run["pipelineExecutionId"])
    if mode != "PARALLEL":
        assert all(len(ids) == 1 for ids in inside.values())
    if mode == "SUPERSEDED":
        for state in pipeline.stages().values():
            waiting = [each for each in state["inboundExecutions"] if each["status"] != "Stopped"]
            assert len(waiting) <= 1


def check_ends(pipeline, ends):
    shown = {each["pipelineExecutionId"]: each["status"] for each in pipeline.summaries()}
    assert shown
    assert set(shown.values()) <= ENDED
    assert ends == {
        execution: {"Cancelled": "CANCELED"}.get(status, status.upper())
        for execution, status in shown.items()
    }

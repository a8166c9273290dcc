"""Random pipelines and random operations: what must hold in every world."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from random import Random

import pytest
from botocore.exceptions import ClientError

from sandbox.codepipeline import Act
from tests.sandbox.codepipeline.clients import client_in
from tests.sandbox.codepipeline.declarations import REGION, action, condition, function, stage

MODES = ("SUPERSEDED", "QUEUED", "PARALLEL")
CHOICES = (
    *("start", "start", "stop", "retry", "update", "answer", "answer"),
    *("roll back", "override"),
    *("transition", "transition", "approve", "approve"),
)
ENDED = {"Succeeded", "Failed", "Stopped", "Superseded", "Cancelled"}
# What may follow on a state in the events of one execution; None is the beginning.
NEXT = {
    None: {"STARTED"},
    # A stage that retries itself resumes the execution without a failure that shows.
    "STARTED": {"RESUMED", "STOPPING", "SUCCEEDED", "FAILED", "STOPPED", "SUPERSEDED", "CANCELED"},
    "RESUMED": {"RESUMED", "STOPPING", "SUCCEEDED", "FAILED", "STOPPED", "SUPERSEDED", "CANCELED"},
    "STOPPING": {"STOPPED"},
    "FAILED": {"RESUMED"},
    "STOPPED": {"RESUMED"},
}


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
        # The action may have been abandoned meanwhile.
        with suppress(ClientError):
            client_in(REGION).put_job_success_result(jobId=job["id"], **more)


def operate(random, pipeline, cloud):
    """Do something to the pipeline that may be refused."""
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


def states_by(cloud, kind, *keys):
    """The states that the events tell, in order, of each thing of a kind."""
    told = defaultdict(list)
    for _, _, event in cloud.events.put_events:
        detail = event["detail"]
        if event["detail-type"] == f"CodePipeline {kind} Execution State Change":
            told[tuple(detail[key] for key in keys)].append(detail["state"])
    return told


@pytest.mark.rule("M1", "M2")
@pytest.mark.parametrize("seed", range(8))
def test_the_rules_hold_whatever_happens(cloud, target, play, play_rule, seed):
    # given
    random = Random(seed)  # noqa: S311 - repeatable on purpose
    mode = MODES[seed % 3]
    pipeline = target(
        *random_stages(random, mode, checked=seed >= 4), pipelineType="V2", executionMode=mode
    )
    for declared in pipeline.declaration["stages"]:
        for kind in ("beforeEntry", "onSuccess", "onFailure"):
            play_rule(declared["name"], kind, *(random_act(random) for _ in range(5)))
        for each in declared["actions"]:
            if each["actionTypeId"]["provider"] == "CodeBuild":
                play(declared["name"], each["name"], *(random_act(random) for _ in range(5)))

    # when
    for _ in range(40):
        with suppress(ClientError):
            operate(random, pipeline, cloud)
        cloud.world.run(cloud.world.now + random.choice((0, 1, 10, 40)))
        check_locks(pipeline, mode)
    open_all_transitions(pipeline)
    cloud.world.run()

    # then
    check_ends(pipeline, cloud)


def check_locks(pipeline, mode):
    """In a locked stage there is one execution; in SUPERSEDED at most one waits."""
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


def check_ends(pipeline, cloud):
    """No execution is lost, states follow the allowed edges, and events agree with the API."""
    told = states_by(cloud, "Pipeline", "execution-id")
    assert pipeline.summaries()
    for summary in pipeline.summaries():
        states = told[summary["pipelineExecutionId"],]
        assert summary["status"] in ENDED
        assert states[-1] == {"Cancelled": "CANCELED"}.get(
            summary["status"], summary["status"].upper()
        )
        for before, after in zip([None, *states], states, strict=False):
            assert after in NEXT[before]
    for states in states_by(cloud, "Action", "action-execution-id").values():
        assert states[0] == "STARTED"
        assert len(states) == 2
        assert states[1] in {"SUCCEEDED", "FAILED", "ABANDONED"}

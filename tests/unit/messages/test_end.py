"""What people read: how it ended, why, and what to do, word by word."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.messages.end import LONGEST_MESSAGE, end_message
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.state import Execution
from codepipeline_orchestrator.model.target import Target
from tests.unit.reports import run_end

DEADLINE = "2026-01-05T09:02:03.040000+00:00"
ID = "aaaaaaaa-1111-2222-3333-444444444444"
ROLE = "arn:aws:iam::222233334444:role/t"
TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", ROLE, None, "run-1")
SUBJECT = f"The pipeline deploy (account 222233334444, eu-west-1), execution {ID},"
NOBODY = "The pipeline deploy (account 222233334444, eu-west-1)"
AGAIN = (
    "When the cause is mended, retry the stage of the waiting pipeline (RetryStageExecution), or "
    "start another run: it starts the target anew."
)
RUN = "arn:aws-us-gov:states:us-gov-west-1:111122223333:execution:Runs:job-1"
FOLLOW = (
    "Allow more timeoutMinutes. To go on following it: aws stepfunctions start-execution "
    "--region us-gov-west-1 "
    "--state-machine-arn arn:aws-us-gov:states:us-gov-west-1:111122223333:stateMachine:Runs "
    f'--input \'{{"pipelineName": "deploy", "roleArn": "{ROLE}", "region": "eu-west-1", '
    f'"pipelineExecutionId": "{ID}"}}\''
)
WAIT = (
    "Allow more timeoutMinutes. In the target's account, this shows what runs: aws codepipeline "
    "list-pipeline-executions --region eu-west-1 --pipeline-name deploy --max-items 10"
)
LATEST = (
    "When the cause is mended, start the target or retry its stage; then retry the stage of the "
    "waiting pipeline (RetryStageExecution), or start another run: it follows the target's latest "
    "execution."
)
GIVEN = (
    "When the cause is mended, retry the target's stage, or let pipelineExecutionId name another "
    "execution; then retry the stage of the waiting pipeline (RetryStageExecution), or start "
    "another run."
)
RETRY = (
    'With ifRunning "join" or mode "latest" it follows a retry of the target itself, which is, in '
    "the target's account: aws codepipeline retry-stage-execution --region eu-west-1 "
    f"--pipeline-name deploy --stage-name S --pipeline-execution-id {ID} "
    "--retry-mode FAILED_ACTIONS"
)
RETRY_IT = f"A retry of the target's stage is, in its account:{RETRY.partition('account:')[2]}"
CANCELLED = "was cancelled: the pipeline's definition was changed while it ran"
IN = {"stage": "S", "action": "A"}


def said(outcome, execution_id=ID, *, target=TARGET, **known):
    execution = Execution(execution_id) if execution_id else None
    return end_message(run_end(RUN, target, execution, outcome, **known))


@pytest.mark.parametrize(
    "outcome, report, words",
    [
        (Outcome.SUCCEEDED, {}, "succeeded."),
        (Outcome.SUCCEEDED, {"rollbackOf": "x"}, "succeeded. It is a rollback to execution x."),
        (
            Outcome.SUCCEEDED,
            {"stageRetries": 1, "rollbackOf": "x"},
            (
                "succeeded. It is a rollback to execution x. The run had retried the failed stage "
                "once."
            ),
        ),
        (
            Outcome.SUCCEEDED,
            {"superseded": "x"},
            "succeeded. It was followed in place of execution x, which it superseded.",
        ),
        (
            Outcome.SUCCEEDED,
            {"stageRetries": 1},
            "succeeded. The run had retried the failed stage once.",
        ),
        (
            Outcome.SUCCEEDED,
            {"stageRetries": 2},
            "succeeded. The run had retried the failed stage 2 times.",
        ),
        (Outcome.STARTED, {}, "was started; it was not waited for."),
        (
            Outcome.SKIPPED,
            {"status": "InProgress"},
            "is InProgress; as ifRunning says, nothing was started.",
        ),
        (Outcome.SKIPPED, {}, "is in progress; as ifRunning says, nothing was started."),
        (
            Outcome.FAILED,
            {},
            (
                "failed. None of its actions failed: a condition of a stage did, or the pipeline "
                f"was edited while it ran. {AGAIN}"
            ),
        ),
        (
            Outcome.FAILED,
            {"actionsUnread": "denied", "statusSummary": "said so."},
            f"failed: said so. Which action failed is not known: denied. {AGAIN}",
        ),
        (
            Outcome.FAILED,
            {"failure": {"stage": "S", "condition": "BEFORE_ENTRY", "rule": "R", "message": "x"}},
            (
                "failed in stage S, whose condition BEFORE_ENTRY was not met, rule R: x. "
                f"{AGAIN} {RETRY}"
            ),
        ),
        (
            Outcome.FAILED,
            {"failure": IN, "notRetried": "no.", "retryRefused": True},
            f"failed in stage S, action A. The stage was not retried: no. {AGAIN}",
        ),
        (
            Outcome.FAILED,
            {"failure": IN, "followed": "latest"},
            f"failed in stage S, action A. {LATEST} {RETRY_IT}",
        ),
        (
            Outcome.FAILED,
            {"failure": IN, "followed": "given"},
            f"failed in stage S, action A. {GIVEN} {RETRY_IT}",
        ),
        (
            Outcome.STOPPED,
            {"followed": "latest"},
            (
                f"was stopped. {LATEST} In the target's account, a new start is: aws codepipeline "
                "start-pipeline-execution --region eu-west-1 --name deploy"
            ),
        ),
        (Outcome.CANCELLED, {"followed": "given"}, f"{CANCELLED}. {GIVEN}"),
        (Outcome.FAILED, {"failure": IN}, f"failed in stage S, action A. {AGAIN} {RETRY}"),
        (
            Outcome.FAILED,
            {
                "failure": {
                    **IN,
                    "code": "C",
                    "message": "why.",
                    "link": "https://a",
                    "logLink": "https://b",
                }
            },
            f"failed in stage S, action A: C: why. See https://a and https://b. {AGAIN} {RETRY}",
        ),
        (
            Outcome.FAILED,
            {"failure": {**IN, "code": "C"}, "notRetried": "changed."},
            f"failed in stage S, action A: C. The stage was not retried: changed. {AGAIN} {RETRY}",
        ),
        (
            Outcome.FAILED,
            {"failure": {**IN, "approver": "ann", "message": "no"}},
            f"was rejected in stage S, action A by ann: no. {AGAIN} {RETRY}",
        ),
        (Outcome.STOPPED, {}, f"was stopped. {AGAIN}"),
        (Outcome.STOPPED, {"stopReason": "x."}, f"was stopped: x. {AGAIN}"),
        (Outcome.STOPPED, {"statusSummary": "y"}, f"was stopped: y. {AGAIN}"),
        (
            Outcome.CANCELLED,
            {"statusSummary": "y"},
            f"{CANCELLED}: y. {AGAIN}",
        ),
        (
            Outcome.SUPERSEDED,
            {"supersededBy": "x"},
            (
                "was superseded by the newer execution x before it reached its end. With "
                f'onSuperseded "follow" the newer one is followed. {AGAIN}'
            ),
        ),
        (
            Outcome.SUPERSEDED,
            {"newerUnknown": True},
            (
                "was superseded by a newer execution before it reached its end. The newer one "
                f"could not be found, so it was not followed. {AGAIN}"
            ),
        ),
        (
            Outcome.SUPERSEDED,
            {"accepted": True},
            "was superseded by a newer execution before it reached its end.",
        ),
        (
            Outcome.TIMED_OUT,
            {
                "status": "InProgress",
                "deadline": DEADLINE,
                "progress": {"stage": "S", "actions": []},
            },
            (
                "was still InProgress at the run's deadline, 2026-01-05 09:02:03 UTC. It is in "
                f"stage S. It was left running. {FOLLOW}"
            ),
        ),
        (
            Outcome.TIMED_OUT,
            {"status": "unreadable", "progress": {"stage": "S", "actions": []}},
            (
                "could not be read any more at the run's deadline. It was last seen in stage S. It "
                f"was left running. {FOLLOW}"
            ),
        ),
        (
            Outcome.TIMED_OUT,
            {"status": "Failed"},
            (
                "had failed and was being retried at the run's deadline. It was left running. "
                f"{FOLLOW}"
            ),
        ),
        (
            Outcome.TIMED_OUT,
            {"stopped": True},
            (
                "was still in progress at the run's deadline. It is being stopped, as onTimeout "
                f"says. Allow more timeoutMinutes. {AGAIN}"
            ),
        ),
        (
            Outcome.TIMED_OUT,
            {"notStopped": "denied."},
            (
                "was still in progress at the run's deadline. It could not be stopped: denied. "
                f"{FOLLOW}"
            ),
        ),
    ],
)
def test_an_end_is_told_with_its_reason_and_what_to_do(outcome, report, words):
    assert said(outcome, **report) == f"{SUBJECT} {words}"


@pytest.mark.parametrize(
    "outcome, report, words",
    [
        (Outcome.IDLE, {}, "is idle: nothing runs in it."),
        (Outcome.IDLE, {"neverRun": True}, "has never run; as onNeverRun says, that is well."),
        (
            Outcome.TIMED_OUT,
            {"deadline": DEADLINE, "status": "InProgress", "waitedFor": ["x", "y"]},
            (
                "was not idle before the run's deadline, 2026-01-05 09:02:03 UTC; nothing was "
                f"started. Its newest executions in progress: x, y. {WAIT}"
            ),
        ),
        (
            Outcome.TIMED_OUT,
            {"status": "unreadable"},
            (
                "could not be reached by the run's deadline; it is not known to have been started. "
                f"{WAIT}"
            ),
        ),
        (
            Outcome.TIMED_OUT,
            {"status": "busy"},
            (
                "had as many executions in progress as CodePipeline allows until the run's "
                f"deadline; nothing was started. {WAIT}"
            ),
        ),
        (Outcome.FAILED, {"failure": IN}, f"failed in stage S, action A. {AGAIN}"),
    ],
)
def test_without_an_execution_the_pipeline_is_told_of(outcome, report, words):
    assert said(outcome, None, **report) == f"{NOBODY} {words}"


def test_an_external_id_is_needed_to_go_on():
    told = said(Outcome.TIMED_OUT, target=replace(TARGET, external_id="ours"))
    assert f'"roleArn": "{ROLE}", "externalId": "ours", "region"' in told


@pytest.mark.parametrize(
    "report, why",
    [
        ({"missingVariables": ["A.b"], "actionsUnread": "denied"}, "A.b; denied."),
        (
            {"missingVariables": [f"A.{n}" for n in range(5)], "actionsUnread": "denied"},
            "A.0, A.1, A.2, A.3, A.4; denied.",
        ),
        (
            {"missingVariables": [f"A.{n}" for n in range(6)], "actionsUnread": "denied"},
            "A.0, A.1, A.2, A.3, A.4 and 1 more; denied.",
        ),
        (
            {"missingVariables": [f"A.{n}" for n in range(7)]},
            (
                "A.0, A.1, A.2, A.3, A.4 and 2 more; no action of the target has made them, or "
                "they are too large."
            ),
        ),
    ],
)
def test_output_variables_that_do_not_come_are_named_with_the_reason(report, why):
    assert said(Outcome.SUCCEEDED, **report) == (
        f"{SUBJECT} succeeded. Of the outputVariables asked for, these are missing: {why}"
    )


def test_a_rule_that_aws_does_not_name_is_told_as_such():
    told = said(Outcome.FAILED, failure={"stage": "S", "condition": "ON_SUCCESS"})
    assert "whose condition ON_SUCCESS was not met, rule ?. " in told


def test_without_a_target_there_is_no_command():
    told = said(Outcome.TIMED_OUT, None, target=None)
    assert told.endswith("nothing was started. Allow more timeoutMinutes.")


def test_a_long_reason_is_cut_so_that_the_command_just_fits():
    told = said(Outcome.FAILED, failure={**IN, "message": "x" * 5_000})
    assert len(told) == LONGEST_MESSAGE


@given(st.text(max_size=6_000), st.text(max_size=3_000))
def test_the_command_stands_at_the_end_however_long_the_reason(text, link):
    told = said(Outcome.FAILED, failure={**IN, "message": text, "link": link})
    assert told.startswith(f"{SUBJECT} failed in stage S, action A")
    assert told.endswith(RETRY)
    assert len(told) <= LONGEST_MESSAGE

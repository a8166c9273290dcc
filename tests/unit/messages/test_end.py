"""What people read: how it ended, why, and what to do, word by word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.messages.end import LONGEST_MESSAGE, end_message, with_show_command
from codepipeline_orchestrator.model.documents import from_document, to_document
from codepipeline_orchestrator.model.outcome import Outcome
from codepipeline_orchestrator.model.request import Mode, Request
from codepipeline_orchestrator.model.state import Execution
from codepipeline_orchestrator.model.target import Target
from tests.unit.reports import run_end

BEGUN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
DEADLINE = datetime(2026, 1, 5, 9, 2, 3, tzinfo=UTC)
ID = "aaaaaaaa-1111-2222-3333-444444444444"
ROLE = "arn:aws:iam::222233334444:role/t"
TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", ROLE, None, "run-1")
REQUEST = Request(Mode.START, True, BEGUN, DEADLINE, has_job=True)
NOBODY = "The pipeline deploy (account 222233334444, eu-west-1)"
SUBJECT = f"{NOBODY}, execution {ID},"
RUN = "arn:aws-us-gov:states:us-gov-west-1:111122223333:execution:Runs:job-1"

AGAIN = "Retry the stage of the waiting pipeline or start another run. Both start the target again."
FIX = f"Fix the cause. {AGAIN}"
LATEST = (
    "Start the target, then retry the stage of the waiting pipeline or start another run to "
    "follow the latest execution."
)
GIVEN = (
    "Name another execution in pipelineExecutionId, then retry the stage of the waiting pipeline "
    "or start another run."
)
TOKEN = (
    "Start another run with another clientRequestToken. With this one, a run finds the same "
    "execution again."
)
MORE = "Allow more timeoutMinutes."
SHOW = "This shows the run:\npipeline-run show job-1"
FOLLOW = (
    "This starts a run that continues to follow it:\n"
    "aws stepfunctions start-execution --region us-gov-west-1 "
    "--state-machine-arn arn:aws-us-gov:states:us-gov-west-1:111122223333:stateMachine:Runs "
    f'--input \'{{"pipelineName": "deploy", "roleArn": "{ROLE}", "region": "eu-west-1", '
    f'"pipelineExecutionId": "{ID}"}}\''
)
WAIT = (
    "This shows what runs in the target:\n"
    "aws codepipeline list-pipeline-executions --region eu-west-1 --pipeline-name deploy "
    "--max-items 10"
)
COMMAND = (
    "aws codepipeline retry-stage-execution --region eu-west-1 --pipeline-name deploy "
    f"--stage-name S --pipeline-execution-id {ID} --retry-mode FAILED_ACTIONS"
)
RETRY = f"This retries the failed stage, in the target's account:\n{COMMAND}"
ASK = f"This asks for the approval again, in the target's account:\n{COMMAND}"
FAILED = {"stage": "S", "action": "A"}
REJECTED = {**FAILED, "approval": True, "approver": "ann", "message": "no"}


def requested(**fields):
    """The request of an input with more in it, in the input's spelling."""
    return from_document(Request, {**to_document(REQUEST), **fields})


def said(outcome, execution_id=ID, *, target=TARGET, request=REQUEST, **known):
    execution = Execution(execution_id) if execution_id else None
    end = run_end(RUN, target, execution, outcome, **known)
    return end_message(replace(end, request=request))


def lines(*parts):
    """A message: what is told, and each command on a line of its own."""
    return "\n".join([*parts, SHOW])


@pytest.mark.parametrize(
    "outcome, known, words",
    [
        (Outcome.SUCCEEDED, {}, "succeeded."),
        (Outcome.SUCCEEDED, {"rollbackOf": "x"}, "succeeded. It is a rollback to execution x."),
        (
            Outcome.SUCCEEDED,
            {"superseded": "x"},
            "succeeded. It was followed instead of execution x, which it superseded.",
        ),
        (
            Outcome.SUCCEEDED,
            {"restarted": "x"},
            (
                "succeeded. It replaced execution x, which an update of the pipeline's definition "
                "ended."
            ),
        ),
        (
            Outcome.SUCCEEDED,
            {
                "superseded": "x",
                "differences": [{"name": "variables.A", "asked": "b", "actual": None}],
            },
            (
                "succeeded. It was followed instead of execution x, which it superseded. It "
                "differs from the input: variables.A is none, not 'b'."
            ),
        ),
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
            {"stageRetries": 2},
            "succeeded. The run had retried the failed stage 2 times.",
        ),
        (
            Outcome.STARTED,
            {},
            "was started. The run did not wait for it because wait is false.",
        ),
        (
            Outcome.SUPERSEDED,
            {"accepted": True},
            "was superseded by a newer execution.",
        ),
    ],
)
def test_a_good_end_is_told_without_advice(outcome, known, words):
    assert said(outcome, **known) == lines(f"{SUBJECT} {words}")


@pytest.mark.parametrize(
    "outcome, known, words, commands",
    [
        (
            Outcome.FAILED,
            {},
            (
                "failed. None of its actions failed. Either a condition of a stage was not met, or "
                f"the pipeline was edited while it ran. {FIX}"
            ),
            [],
        ),
        (
            Outcome.FAILED,
            {"actionsUnread": "denied", "statusSummary": "said so."},
            f"failed: said so. It is unknown which action failed: denied. {FIX}",
            [],
        ),
        (
            Outcome.FAILED,
            {
                "failures": [
                    {"stage": "S", "condition": "BEFORE_ENTRY", "rule": "R", "message": "x"}
                ]
            },
            f"failed in stage S, whose condition BEFORE_ENTRY was not met (rule R): x. {FIX}",
            [RETRY],
        ),
        (
            Outcome.FAILED,
            {"failures": [{"stage": "S", "condition": "ON_SUCCESS"}]},
            f"failed in stage S, whose condition ON_SUCCESS was not met (rule ?). {FIX}",
            [RETRY],
        ),
        (Outcome.FAILED, {"failures": [FAILED]}, f"failed in stage S, action A. {FIX}", [RETRY]),
        (
            Outcome.FAILED,
            {"failures": [{**FAILED, "revision": "0123456789abcdef", "message": "x"}]},
            f"failed in stage S, action A: x. Revision 0123456789ab. {FIX}",
            [RETRY],
        ),
        (
            Outcome.FAILED,
            {"failures": [FAILED], "notRetried": "no.", "retryRefused": True},
            f"failed in stage S, action A. The stage was not retried: no. {FIX}",
            [],
        ),
        (
            Outcome.FAILED,
            {"failures": [FAILED], "rolledBackBy": "y"},
            (
                "failed in stage S, action A. CodePipeline rolls the stage back with execution y. "
                f"{FIX}"
            ),
            [],
        ),
        (
            Outcome.FAILED,
            {
                "failures": [
                    {
                        **FAILED,
                        "code": "C",
                        "message": "why.",
                        "link": "https://a",
                        "logLink": "https://b",
                    }
                ]
            },
            f"failed in stage S, action A: C: why. See https://a and https://b. {FIX}",
            [RETRY],
        ),
        (
            Outcome.FAILED,
            {"failures": [{**FAILED, "code": "C"}], "notRetried": "changed."},
            f"failed in stage S, action A: C. The stage was not retried: changed. {FIX}",
            [RETRY],
        ),
        (
            Outcome.FAILED,
            {"failures": [{**FAILED, "message": "x"}, {"stage": "S", "action": "B"}]},
            f"failed in stage S, action A: x. In stage S, action B failed too. {FIX}",
            [RETRY],
        ),
        (
            Outcome.FAILED,
            {"failures": [FAILED, REJECTED]},
            (f"failed in stage S, action A. In stage S, action A was rejected by ann: no. {AGAIN}"),
            [RETRY],
        ),
        (
            Outcome.FAILED,
            {"failures": [{"stage": "S", "action": f"A{n}"} for n in range(8)]},
            (
                "failed in stage S, action A0. In stage S, action A1 failed too. In stage S, "
                "action A2 failed too. In stage S, action A3 failed too. In stage S, action A4 "
                "failed too. In stage S, action A5 failed too. 2 more actions failed too. "
                f"{FIX}"
            ),
            [RETRY],
        ),
        (
            Outcome.FAILED,
            {"failures": [REJECTED]},
            f"was rejected in stage S, action A, by ann: no. {AGAIN}",
            [ASK],
        ),
        (
            Outcome.FAILED,
            {"failures": [{**FAILED, "approval": True, "message": "too late"}]},
            f"failed in stage S, action A: too late. {AGAIN}",
            [ASK],
        ),
        (Outcome.STOPPED, {}, f"was stopped. {AGAIN}", []),
        (Outcome.STOPPED, {"stopReason": "x."}, f"was stopped: x. {AGAIN}", []),
        (Outcome.STOPPED, {"statusSummary": "y"}, f"was stopped: y. {AGAIN}", []),
        (
            Outcome.CANCELLED,
            {"statusSummary": "y"},
            (
                "was cancelled because the pipeline's definition was changed while it ran: y. With "
                f"onRestarted follow, the run follows the execution that replaces it. {AGAIN}"
            ),
            [],
        ),
        (
            Outcome.SUPERSEDED,
            {"supersededBy": "x"},
            (
                "was superseded by the newer execution x. With onSuperseded follow, the run "
                f"follows the newer one. {AGAIN}"
            ),
            [],
        ),
        (
            Outcome.TIMED_OUT,
            {"status": "InProgress", "progress": {"stage": "S", "actions": []}},
            (
                "was still InProgress at the run's deadline, 2026-01-05 09:02:03 UTC. It is in "
                f"stage S. It was left running. {MORE}"
            ),
            [FOLLOW],
        ),
        (
            Outcome.TIMED_OUT,
            {"status": "unreadable", "progress": {"stage": "S", "actions": []}},
            (
                "could not be read at the run's deadline, 2026-01-05 09:02:03 UTC. It was last "
                f"seen in stage S. It was left running. {MORE}"
            ),
            [FOLLOW],
        ),
        (
            Outcome.TIMED_OUT,
            {
                "status": "unreadable",
                "cause": '{"errorMessage": "AWS answered: No.", "stackTrace": []}',
            },
            (
                "could not be read at the run's deadline, 2026-01-05 09:02:03 UTC. It was left "
                f"running. The last error was: AWS answered: No. {MORE}"
            ),
            [FOLLOW],
        ),
        (
            Outcome.TIMED_OUT,
            {"status": "Failed"},
            (
                "showed Failed at the run's deadline, 2026-01-05 09:02:03 UTC. There was no time "
                f"left to see whether it is being retried. It was left unchanged. {MORE}"
            ),
            [FOLLOW],
        ),
        (
            Outcome.TIMED_OUT,
            {"notStopped": "denied."},
            (
                "was still in progress at the run's deadline, 2026-01-05 09:02:03 UTC. It could "
                f"not be stopped: denied. {MORE}"
            ),
            [FOLLOW],
        ),
    ],
)
def test_a_bad_end_is_told_with_its_reason_and_what_to_do(outcome, known, words, commands):
    assert said(outcome, **known) == lines(f"{SUBJECT} {words}", *commands)


IN_S = {"stage": "S", "actions": ["A", "B"]}
TO_APPROVE = {"stage": "S", "actions": ["Ask"], "approval": {"action": "Ask"}}


@pytest.mark.parametrize(
    "policy, progress, words",
    [
        (
            "stop",
            IN_S,
            "It is being stopped, which waits for its running actions (A, B) to end.",
        ),
        ("stop", None, "It is being stopped, which waits for its running actions to end."),
        (
            "stop",
            TO_APPROVE,
            (
                "It is being stopped, which waits until somebody approves or rejects Ask. With "
                "onTimeout abandon, it does not wait."
            ),
        ),
        ("abandon", IN_S, "It is being stopped, and its running actions are abandoned."),
    ],
)
def test_a_stop_at_the_deadline_says_what_it_waits_for(policy, progress, words):
    told = said(
        Outcome.TIMED_OUT,
        request=requested(onTimeout=policy),
        stopped=True,
        status="InProgress",
        progress=progress,
    )
    assert told.endswith(lines(f" {words} {MORE} {AGAIN}"))


@pytest.mark.parametrize(
    "outcome, policy, known, words",
    [
        (
            Outcome.SUPERSEDED,
            {"onSuperseded": "follow"},
            {"newerUnknown": True},
            (
                "was superseded by a newer execution. The newer one could not be found, so it was "
                "not followed."
            ),
        ),
        (
            Outcome.CANCELLED,
            {"onRestarted": "follow"},
            {},
            "was cancelled because the pipeline's definition was changed while it ran.",
        ),
    ],
)
def test_a_policy_that_the_input_has_is_not_advised(outcome, policy, known, words):
    told = said(outcome, request=requested(**policy), **known)
    assert told == lines(f"{SUBJECT} {words} {AGAIN}")


@pytest.mark.parametrize(
    "request_, advice",
    [
        (requested(mode="latest"), LATEST),
        (requested(pipelineExecutionId=ID), GIVEN),
        (requested(hasToken=True), TOKEN),
        (requested(hasJob=False), "Start another run. It starts the target again."),
        (
            requested(hasJob=False, mode="latest"),
            "Start the target, then start another run to follow the latest execution.",
        ),
        (None, "Start another run."),
    ],
)
def test_the_advice_fits_who_asked_and_for_what(request_, advice):
    assert said(Outcome.STOPPED, request=request_) == lines(f"{SUBJECT} was stopped. {advice}")


@pytest.mark.parametrize(
    "mode, policy, words",
    [
        ("start", "skip", "is already Stopping. Nothing was started because ifRunning is skip."),
        (
            "start",
            "join",
            "is already Stopping. Nothing was started because ifRunning is join and wait is false.",
        ),
    ],
)
def test_a_run_that_starts_nothing_says_why(mode, policy, words):
    told = said(Outcome.SKIPPED, request=requested(mode=mode, ifRunning=policy), status="Stopping")
    assert told == lines(f"{SUBJECT} {words}")


EARLIER = (BEGUN - timedelta(minutes=9)).isoformat()
BEFORE = "before this run began, at 2026-01-05 08:51:00 UTC"


@pytest.mark.parametrize(
    "outcome, known, words",
    [
        (Outcome.SUCCEEDED, {}, f"succeeded {BEFORE}."),
        (Outcome.FAILED, {"failures": [FAILED]}, f"failed {BEFORE} in stage S, action A."),
        (
            Outcome.FAILED,
            {"failures": [REJECTED]},
            f"was rejected {BEFORE} in stage S, action A, by ann: no.",
        ),
        (Outcome.STOPPED, {}, f"was stopped {BEFORE}."),
        (Outcome.CANCELLED, {}, f"was cancelled {BEFORE} because the pipeline's definition"),
        (Outcome.SUPERSEDED, {}, f"was superseded {BEFORE} by a newer execution."),
    ],
)
@pytest.mark.parametrize("fields", [{"mode": "latest"}, {"hasToken": True}])
def test_an_end_before_the_run_is_told_as_such(outcome, known, words, fields):
    told = said(outcome, request=requested(**fields), endTime=EARLIER, **known)
    assert told.startswith(f"{SUBJECT} {words}")


def test_latest_says_when_the_execution_ran_and_how_to_wait_for_a_newer_one():
    start = (BEGUN - timedelta(minutes=12)).isoformat()
    told = said(
        Outcome.SUCCEEDED, request=requested(mode="latest"), startTime=start, endTime=EARLIER
    )
    assert told == lines(
        f"{SUBJECT} succeeded {BEFORE}. It ran from 2026-01-05 08:48:00 UTC to "
        "2026-01-05 08:51:00 UTC. With startedAfter, the run waits for an execution that begins "
        "later."
    )


UNCERTAIN = (
    "It is not certain that no other execution was in progress: a run reads 1,000 at most, and the "
    "pipeline has more, or AWS did not report the status of some."
)


def test_a_start_beside_what_may_have_been_running_says_so():
    told = said(Outcome.SUCCEEDED, request=requested(ifRunning="wait"), runningUnknown=True)
    assert told == lines(f"{SUBJECT} succeeded. {UNCERTAIN}")


def test_a_failure_that_only_the_state_shows_is_named_with_what_is_not_known():
    told = said(Outcome.FAILED, failures=[FAILED], actionsUnread="denied")
    assert "failed in stage S, action A. More details are unknown: denied. Fix" in told


def test_latest_that_waited_says_when_the_execution_ran():
    end = BEGUN.isoformat()
    told = said(Outcome.SUCCEEDED, request=requested(mode="latest"), endTime=end)
    assert told == lines(f"{SUBJECT} succeeded. It ran to 2026-01-05 09:00:00 UTC.")


@pytest.mark.parametrize(
    "outcome, known, words, commands",
    [
        (Outcome.IDLE, {}, "is idle: nothing is running.", []),
        (
            Outcome.IDLE,
            {"runningUnknown": True},
            (
                "seems to be idle: nothing is running among the executions that could be read. "
                f"{UNCERTAIN}"
            ),
            [],
        ),
        (
            Outcome.IDLE,
            {"neverRun": True},
            "has never run. That counts as success because onNeverRun is succeed.",
            [],
        ),
        (
            Outcome.TIMED_OUT,
            {"status": "InProgress", "waitedFor": ["x", "y"]},
            (
                "was not idle before the run's deadline, 2026-01-05 09:02:03 UTC. Nothing was "
                f"started. Execution x is InProgress. Also in progress: y. {MORE}"
            ),
            [WAIT],
        ),
        (
            Outcome.TIMED_OUT,
            {},
            (
                "was not idle before the run's deadline, 2026-01-05 09:02:03 UTC. Nothing was "
                f"started. {MORE}"
            ),
            [WAIT],
        ),
        (
            Outcome.TIMED_OUT,
            {"status": "unreadable"},
            (
                "could not be reached before the run's deadline, 2026-01-05 09:02:03 UTC. It may "
                f"or may not have been started. {MORE}"
            ),
            [WAIT],
        ),
        (
            Outcome.TIMED_OUT,
            {"status": "busy"},
            (
                "had as many executions in progress as CodePipeline allows until the run's "
                f"deadline, 2026-01-05 09:02:03 UTC. Nothing was started. {MORE}"
            ),
            [WAIT],
        ),
        (
            Outcome.TIMED_OUT,
            {"status": "not started"},
            (
                "had no execution that began after startedAfter before the run's deadline, "
                f"2026-01-05 09:02:03 UTC. {MORE}"
            ),
            [WAIT],
        ),
        (Outcome.FAILED, {"failures": [FAILED]}, f"failed in stage S, action A. {FIX}", []),
    ],
)
def test_without_an_execution_the_pipeline_is_told_of(outcome, known, words, commands):
    assert said(outcome, None, **known) == lines(f"{NOBODY} {words}", *commands)


def test_who_waits_for_idle_started_nothing_and_sees_what_it_waits_for():
    told = said(
        Outcome.TIMED_OUT,
        None,
        request=requested(mode="idle"),
        status="InProgress",
        waitedFor=["x"],
        progress={"stage": "S", "actions": ["Ask"], "approval": {"action": "Ask"}},
    )
    assert told.startswith(
        f"{NOBODY} was not idle before the run's deadline, 2026-01-05 09:02:03 UTC. Execution x is "
        "InProgress, in stage S: action Ask waits for somebody's approval. Allow"
    )


def test_an_external_id_is_needed_to_go_on():
    told = said(Outcome.TIMED_OUT, target=replace(TARGET, external_id="ours"))
    assert f'"roleArn": "{ROLE}", "externalId": "ours", "region"' in told


@pytest.mark.parametrize(
    "known, why",
    [
        ({"missingVariables": ["A.b"], "actionsUnread": "denied"}, "A.b (denied)."),
        (
            {"missingVariables": [f"A.{n}" for n in range(5)], "actionsUnread": "denied"},
            "A.0, A.1, A.2, A.3, A.4 (denied).",
        ),
        (
            {"missingVariables": [f"A.{n}" for n in range(6)], "actionsUnread": "denied"},
            "A.0, A.1, A.2, A.3, A.4 and 1 more (denied).",
        ),
        (
            {"missingVariables": [f"A.{n}" for n in range(7)]},
            (
                "A.0, A.1, A.2, A.3, A.4 and 2 more (no action of the target produced them, or "
                "they are too large)."
            ),
        ),
    ],
)
def test_output_variables_that_do_not_come_are_named_with_the_reason(known, why):
    words = f"{SUBJECT} succeeded. These outputVariables are missing: {why}"
    assert said(Outcome.SUCCEEDED, **known) == lines(words)


def test_without_a_target_there_is_no_command_for_it():
    assert said(Outcome.TIMED_OUT, None, target=None).endswith(
        lines(f"Nothing was started. {MORE}")
    )


def test_a_long_reason_is_cut_so_that_the_commands_just_fit():
    told = said(Outcome.FAILED, failures=[{**FAILED, "message": "x" * 5_000}])
    assert len(told) == LONGEST_MESSAGE == 4_500


def test_any_message_gets_the_command_that_shows_the_run():
    assert with_show_command("It broke.", RUN) == f"It broke.\n{SHOW}"
    assert with_show_command("It broke.", "job-1") == f"It broke.\n{SHOW}"
    assert len(with_show_command("x" * 9_999, RUN)) == LONGEST_MESSAGE


@given(st.text(max_size=6_000), st.text(max_size=3_000))
def test_the_commands_stand_at_the_end_however_long_the_reason(text, link):
    told = said(Outcome.FAILED, failures=[{**FAILED, "message": text, "link": link}])
    assert told.startswith(f"{SUBJECT} failed in stage S, action A")
    assert told.endswith(lines(RETRY))
    assert len(told) <= LONGEST_MESSAGE

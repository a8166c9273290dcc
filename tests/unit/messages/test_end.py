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
NOBODY = "Pipeline deploy (account 222233334444, eu-west-1)"
SUBJECT = f"{NOBODY}, execution {ID},"
RUN = "arn:aws-us-gov:states:us-gov-west-1:111122223333:execution:Runs:job-1"

AGAIN = "To start the target again, retry the stage of the waiting pipeline or start another run."
FIX = f"Fix the cause. {AGAIN}"
LATEST = (
    "Start the target, then retry the stage of the waiting pipeline or start another run to "
    "follow the latest execution."
)
GIVEN = (
    "Set pipelineExecutionId to another execution, then retry the stage of the waiting pipeline "
    "or start another run."
)
TOKEN = (
    "Start another run with a different clientRequestToken. The same token always finds the same "
    "execution."
)
MORE = "To wait longer, increase timeoutMinutes."
SHOW = "To see the run:\npipeline-run show job-1"
FOLLOW = (
    "To start a run that follows the same execution:\n"
    "aws stepfunctions start-execution --region us-gov-west-1 "
    "--state-machine-arn arn:aws-us-gov:states:us-gov-west-1:111122223333:stateMachine:Runs "
    f'--input \'{{"pipelineName": "deploy", "roleArn": "{ROLE}", "region": "eu-west-1", '
    f'"pipelineExecutionId": "{ID}"}}\''
)
WAIT = (
    "To list the target's executions:\n"
    "aws codepipeline list-pipeline-executions --region eu-west-1 --pipeline-name deploy "
    "--max-items 10"
)
COMMAND = (
    "aws codepipeline retry-stage-execution --region eu-west-1 --pipeline-name deploy "
    f"--stage-name S --pipeline-execution-id {ID} --retry-mode FAILED_ACTIONS"
)
RETRY = f"To retry the failed stage, in the target's account:\n{COMMAND}"
ASK = f"To request the approval again, in the target's account:\n{COMMAND}"
FAILED = {"stage": "S", "action": "A"}
REJECTED = {**FAILED, "approval": True, "approver": "ann", "message": "no"}
FIVE_MORE = "failed in stage S, action A0. " + " ".join(
    f"In stage S, action A{n} also failed." for n in range(1, 6)
)


def requested(**fields):
    return from_document(Request, {**to_document(REQUEST), **fields})


def message_of(outcome, execution_id=ID, *, target=TARGET, request=REQUEST, **known):
    execution = Execution(execution_id) if execution_id else None
    end = run_end(RUN, target, execution, outcome, **known)
    return end_message(replace(end, request=request))


def lines(*parts):
    return "\n".join([*parts, SHOW])


@pytest.mark.parametrize(
    "outcome, known, words",
    [
        (Outcome.SUCCEEDED, {}, "succeeded."),
        (Outcome.SUCCEEDED, {"rollbackOf": "x"}, "succeeded. It is a rollback to execution x."),
        (
            Outcome.SUCCEEDED,
            {"superseded": "x"},
            "succeeded. The run first followed execution x, which was superseded.",
        ),
        (
            Outcome.SUCCEEDED,
            {"restarted": "x"},
            (
                "succeeded. The run first followed execution x, which ended when the pipeline's "
                "definition was updated."
            ),
        ),
        (
            Outcome.SUCCEEDED,
            {
                "superseded": "x",
                "differences": [{"name": "variables.A", "asked": "b", "actual": None}],
            },
            (
                "succeeded. The run first followed execution x, which was superseded. "
                "The newer execution differs from the input: variables.A is none, not 'b'."
            ),
        ),
        (
            Outcome.SUCCEEDED,
            {"stageRetries": 1, "rollbackOf": "x"},
            ("succeeded. It is a rollback to execution x. The run retried the failed stage once."),
        ),
        (
            Outcome.SUCCEEDED,
            {"stageRetries": 2},
            "succeeded. The run retried the failed stage 2 times.",
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
def test_a_success_comes_without_advice(outcome, known, words):
    assert message_of(outcome, **known) == lines(f"{SUBJECT} {words}")


@pytest.mark.parametrize(
    "outcome, known, words, commands",
    [
        (
            Outcome.FAILED,
            {},
            (
                "failed. None of its actions failed. Either a stage condition was not met, or the "
                f"pipeline was edited during the execution. {FIX}"
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
            f"failed in stage S, action A: x. Source revision: 0123456789ab. {FIX}",
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
                "failed in stage S, action A. CodePipeline is rolling back the stage with "
                f"execution y. {FIX}"
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
            f"failed in stage S, action A: x. In stage S, action B also failed. {FIX}",
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
            {"failures": [{"stage": "S", "action": f"A{n}"} for n in range(6)]},
            f"{FIVE_MORE} {FIX}",
            [RETRY],
        ),
        (
            Outcome.FAILED,
            {"failures": [{"stage": "S", "action": f"A{n}"} for n in range(8)]},
            f"{FIVE_MORE} 2 more actions also failed. {FIX}",
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
                "was canceled because the pipeline's definition changed while it ran: y. To "
                f"follow the execution that replaces it, set onRestarted to 'follow'. {AGAIN}"
            ),
            [],
        ),
        (
            Outcome.SUPERSEDED,
            {"supersededBy": "x"},
            (
                "was superseded by the newer execution x. To follow the newer execution, set "
                f"onSuperseded to 'follow'. {AGAIN}"
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
                "cause": '{"errorMessage": "AWS returned an error: No.", "stackTrace": []}',
            },
            (
                "could not be read at the run's deadline, 2026-01-05 09:02:03 UTC. It was left "
                f"running. The last error was: AWS returned an error: No. {MORE}"
            ),
            [FOLLOW],
        ),
        (
            Outcome.TIMED_OUT,
            {"status": "Failed"},
            (
                "had status Failed at the run's deadline, 2026-01-05 09:02:03 UTC. There was no "
                "time left to check whether CodePipeline is retrying it. It was left unchanged. "
                f"{MORE}"
            ),
            [FOLLOW],
        ),
        (
            Outcome.TIMED_OUT,
            {"status": "Stopping"},
            (
                "was still Stopping at the run's deadline, 2026-01-05 09:02:03 UTC. It is being "
                f"stopped. {MORE}"
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
def test_a_failure_is_reported_with_its_reason_and_advice(outcome, known, words, commands):
    assert message_of(outcome, **known) == lines(f"{SUBJECT} {words}", *commands)


IN_S = {"stage": "S", "actions": ["A", "B"]}
TO_APPROVE = {"stage": "S", "actions": ["Ask"], "approval": {"action": "Ask"}}


@pytest.mark.parametrize(
    "policy, progress, words",
    [
        (
            "stop",
            IN_S,
            "It is being stopped, but CodePipeline first waits for its running actions (A, B).",
        ),
        (
            "stop",
            None,
            "It is being stopped, but CodePipeline first waits for its running actions.",
        ),
        (
            "stop",
            TO_APPROVE,
            (
                "It is being stopped, but CodePipeline first waits for someone to approve or "
                "reject Ask. To skip that wait, set onTimeout to 'abandon'."
            ),
        ),
        ("abandon", IN_S, "It is being stopped, and its running actions are abandoned."),
    ],
)
def test_a_stop_at_the_deadline_says_what_it_is_waiting_for(policy, progress, words):
    message = message_of(
        Outcome.TIMED_OUT,
        request=requested(onTimeout=policy),
        stopped=True,
        status="InProgress",
        progress=progress,
    )
    assert message.endswith(lines(f" {words} {MORE} {AGAIN}"))


@pytest.mark.parametrize(
    "outcome, policy, known, words",
    [
        (
            Outcome.SUPERSEDED,
            {"onSuperseded": "follow"},
            {"newerUnknown": True},
            (
                "was superseded by a newer execution. The run could not find the newer execution, "
                "so it did not follow it."
            ),
        ),
        (
            Outcome.CANCELLED,
            {"onRestarted": "follow"},
            {},
            "was canceled because the pipeline's definition changed while it ran.",
        ),
    ],
)
def test_a_policy_that_is_already_set_is_not_suggested(outcome, policy, known, words):
    message = message_of(outcome, request=requested(**policy), **known)
    assert message == lines(f"{SUBJECT} {words} {AGAIN}")


@pytest.mark.parametrize(
    "request_, advice",
    [
        (requested(mode="latest"), LATEST),
        (requested(pipelineExecutionId=ID), GIVEN),
        (requested(hasToken=True), TOKEN),
        (requested(hasJob=False), "To start the target again, start another run."),
        (
            requested(hasJob=False, mode="latest"),
            "Start the target, then start another run to follow the latest execution.",
        ),
        (None, "Start another run."),
    ],
)
def test_the_advice_depends_on_the_mode_and_on_who_started_the_run(request_, advice):
    assert message_of(Outcome.STOPPED, request=request_) == lines(
        f"{SUBJECT} was stopped. {advice}"
    )


@pytest.mark.parametrize(
    "policy, status, words",
    [
        ("skip", None, "is already InProgress. Nothing was started because ifRunning is 'skip'."),
        (
            "skip",
            "Stopping",
            "is already Stopping. Nothing was started because ifRunning is 'skip'.",
        ),
        (
            "join",
            "Stopping",
            (
                "is already Stopping. Nothing was started because ifRunning is 'join' and wait is "
                "false."
            ),
        ),
    ],
)
def test_a_run_that_started_nothing_says_why(policy, status, words):
    message = message_of(Outcome.SKIPPED, request=requested(ifRunning=policy), status=status)
    assert message == lines(f"{SUBJECT} {words}")


EARLIER = (BEGUN - timedelta(minutes=9)).isoformat()
BEFORE = "at 2026-01-05 08:51:00 UTC, before this run began"


@pytest.mark.parametrize(
    "outcome, known, words",
    [
        (Outcome.SUCCEEDED, {}, f"succeeded {BEFORE}."),
        (Outcome.FAILED, {"failures": [FAILED]}, f"failed {BEFORE}, in stage S, action A."),
        (
            Outcome.FAILED,
            {"failures": [REJECTED]},
            f"was rejected {BEFORE}, in stage S, action A, by ann: no.",
        ),
        (Outcome.STOPPED, {}, f"was stopped {BEFORE}."),
        (Outcome.CANCELLED, {}, f"was canceled {BEFORE}, because the pipeline's definition"),
        (Outcome.SUPERSEDED, {}, f"was superseded {BEFORE}, by a newer execution."),
    ],
)
@pytest.mark.parametrize("fields", [{"mode": "latest"}, {"hasToken": True}])
def test_an_execution_that_ended_before_the_run_is_reported_as_such(outcome, known, words, fields):
    message = message_of(outcome, request=requested(**fields), endTime=EARLIER, **known)
    assert message.startswith(f"{SUBJECT} {words}")


def test_latest_says_when_the_execution_ran_and_how_to_wait_for_a_newer_one():
    start = (BEGUN - timedelta(minutes=12)).isoformat()
    message = message_of(
        Outcome.SUCCEEDED, request=requested(mode="latest"), startTime=start, endTime=EARLIER
    )
    assert message == lines(
        f"{SUBJECT} succeeded {BEFORE}. The execution ran from 2026-01-05 08:48:00 UTC to "
        "2026-01-05 08:51:00 UTC. To wait for an execution that begins later, set "
        "startedAfter."
    )


UNCERTAIN = (
    "Another execution may have been in progress. Either the pipeline has more than the 1,000 "
    "executions that a run reads, or AWS did not report the status of some."
)


def test_the_message_warns_if_another_execution_may_have_been_started():
    message = message_of(
        Outcome.SUCCEEDED, request=requested(ifRunning="wait"), runningUnknown=True
    )
    assert message == lines(f"{SUBJECT} succeeded. {UNCERTAIN}")


def test_a_failure_without_details_says_what_is_unknown():
    message = message_of(Outcome.FAILED, failures=[FAILED], actionsUnread="denied")
    assert "failed in stage S, action A. More details are not available: denied. Fix" in message


def test_without_a_start_time_latest_only_says_when_the_execution_ended():
    end = BEGUN.isoformat()
    message = message_of(Outcome.SUCCEEDED, request=requested(mode="latest"), endTime=end)
    assert message == lines(f"{SUBJECT} succeeded. The execution ended at 2026-01-05 09:00:00 UTC.")


@pytest.mark.parametrize(
    "outcome, known, words, commands",
    [
        (Outcome.IDLE, {}, "is idle. No execution is in progress.", []),
        (
            Outcome.IDLE,
            {"runningUnknown": True},
            (
                "seems to be idle. None of the executions that could be read is in progress. "
                f"{UNCERTAIN}"
            ),
            [],
        ),
        (
            Outcome.IDLE,
            {"neverRun": True},
            "has never run. That counts as success because onNeverRun is 'succeed'.",
            [],
        ),
        (
            Outcome.TIMED_OUT,
            {"status": "InProgress", "waitedFor": ["x", "y", "z"]},
            (
                "did not become idle by the run's deadline, 2026-01-05 09:02:03 UTC. Nothing was "
                f"started. Execution x is InProgress. Also in progress: y, z. {MORE}"
            ),
            [WAIT],
        ),
        (
            Outcome.TIMED_OUT,
            {},
            (
                "did not become idle by the run's deadline, 2026-01-05 09:02:03 UTC. Nothing was "
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
                "still had as many executions in progress as CodePipeline allows at the "
                f"run's deadline, 2026-01-05 09:02:03 UTC. Nothing was started. {MORE}"
            ),
            [WAIT],
        ),
        (
            Outcome.TIMED_OUT,
            {"status": "not started"},
            (
                "did not start an execution between startedAfter and the run's deadline, "
                f"2026-01-05 09:02:03 UTC. {MORE}"
            ),
            [WAIT],
        ),
        (Outcome.FAILED, {"failures": [FAILED]}, f"failed in stage S, action A. {FIX}", []),
    ],
)
def test_without_an_execution_the_message_names_only_the_pipeline(outcome, known, words, commands):
    assert message_of(outcome, None, **known) == lines(f"{NOBODY} {words}", *commands)


def test_a_run_in_mode_idle_says_what_it_waits_for_and_that_it_started_nothing():
    message = message_of(
        Outcome.TIMED_OUT,
        None,
        request=requested(mode="idle"),
        status="InProgress",
        waitedFor=["x"],
        progress={"stage": "S", "actions": ["Ask"], "approval": {"action": "Ask"}},
    )
    assert message.startswith(
        f"{NOBODY} did not become idle by the run's deadline, 2026-01-05 09:02:03 UTC. Execution x "
        "is InProgress, in stage S: action Ask is waiting for approval. To wait longer"
    )


def test_the_command_to_continue_includes_the_external_id():
    message = message_of(Outcome.TIMED_OUT, target=replace(TARGET, external_id="ours"))
    assert f'"roleArn": "{ROLE}", "externalId": "ours", "region"' in message


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
                "A.0, A.1, A.2, A.3, A.4 and 2 more (none of the target's actions produced them, "
                "or they are too large)."
            ),
        ),
    ],
)
def test_missing_output_variables_are_listed_with_the_reason(known, why):
    words = f"{SUBJECT} succeeded. These outputVariables are missing: {why}"
    assert message_of(Outcome.SUCCEEDED, **known) == lines(words)


def test_a_message_without_a_request_omits_the_time_of_the_deadline():
    message = message_of(Outcome.TIMED_OUT, request=None, status="InProgress")
    words = "was still InProgress at the run's deadline. It was left running."
    assert message.startswith(f"{SUBJECT} {words} To wait longer")


def test_an_invisible_reason_is_omitted():
    cause = '{"errorMessage": "\\n", "stackTrace": []}'
    assert "last error" not in message_of(Outcome.TIMED_OUT, status="unreadable", cause=cause)


def test_a_message_without_a_target_has_no_command():
    message = message_of(Outcome.TIMED_OUT, None, target=None)
    assert message.startswith("The target pipeline did not become idle by")
    assert message.endswith(lines(f"Nothing was started. {MORE}"))


def test_a_long_reason_is_cut_so_that_the_commands_just_fit():
    message = message_of(Outcome.FAILED, failures=[{**FAILED, "message": "x" * 5_000}])
    assert len(message) == LONGEST_MESSAGE == 4_500


def test_every_message_includes_the_command_that_shows_the_run():
    assert with_show_command("It broke.", RUN) == f"It broke.\n{SHOW}"
    assert with_show_command("It broke.", "job-1") == f"It broke.\n{SHOW}"
    assert len(with_show_command("x" * 9_999, RUN)) == LONGEST_MESSAGE


@given(st.text(max_size=6_000), st.text(max_size=3_000))
def test_the_commands_come_last_even_after_a_long_reason(text, link):
    message = message_of(Outcome.FAILED, failures=[{**FAILED, "message": text, "link": link}])
    assert message.startswith(f"{SUBJECT} failed in stage S, action A")
    assert message.endswith(lines(RETRY))
    assert len(message) <= LONGEST_MESSAGE

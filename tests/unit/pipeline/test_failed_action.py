from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from codepipeline_orchestrator.aws.answers import ActionDetail, read_answer
from codepipeline_orchestrator.model.documents import to_document
from codepipeline_orchestrator.model.report import Approval, FailedAction, Revision
from codepipeline_orchestrator.pipeline.failed_action import approvals, failed_actions

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def detail(stage, action, status, minute, **result):
    return {
        "stageName": stage,
        "actionName": action,
        "status": status,
        "lastUpdateTime": START + timedelta(minutes=minute),
        "output": {"executionResult": result} if result else {},
    }


def read_all(details):
    return [read_answer(ActionDetail, each) for each in details]


def first(details):
    return next(iter(failed_actions(read_all(details))), None)


def test_the_action_that_failed_is_named_with_its_code_message_and_link():
    failure = first(
        [
            detail(
                "Deploy",
                "Rollout",
                "Failed",
                5,
                errorDetails={"code": "JobFailed", "message": "no capacity"},
                externalExecutionUrl="https://example.com/1",
            ),
            detail("Source", "Git", "Succeeded", 1),
        ]
    )
    assert failure == FailedAction(
        "Deploy", "Rollout", "JobFailed", "no capacity", link="https://example.com/1"
    )


def test_the_summary_of_the_action_is_used_when_there_are_no_error_details():
    failure = first(
        [detail("Build", "Build", "Failed", 2, externalExecutionSummary="exit status 1")]
    )
    assert failure is not None
    assert to_document(failure) == {
        "stage": "Build",
        "action": "Build",
        "message": "exit status 1",
    }


def test_a_failure_that_was_fixed_by_a_retry_does_not_count():
    assert (
        first([detail("Deploy", "A", "Succeeded", 9), detail("Deploy", "A", "Failed", 5)]) is None
    )


def test_the_parallel_action_that_failed_first_is_named():
    failure = first([detail("Deploy", "Late", "Failed", 9), detail("Deploy", "Early", "Failed", 5)])
    assert failure is not None
    assert failure.action == "Early"


def test_parallel_failures_are_listed_in_the_order_in_which_they_happened():
    both = [detail("Deploy", "Late", "Failed", 9), detail("Deploy", "Early", "Failed", 5)]
    found = failed_actions(read_all(both))
    assert [each.action for each in found] == ["Early", "Late"]


@pytest.mark.parametrize(
    "inputs, revisions, revision",
    [
        ([], [], None),
        ([], [("App", "abc")], "abc"),
        (["Built"], [("App", "abc")], "abc"),
        (["App"], [("App", "abc"), ("Config", "def")], "abc"),
        (["Built"], [("App", "abc"), ("Config", "def")], None),
        (["App", "Config"], [("App", "abc"), ("Config", "def")], None),
        (["App"], [("App", "")], None),
    ],
)
def test_the_revision_is_reported_only_if_it_is_unambiguous(inputs, revisions, revision):
    failed = detail("Build", "Build", "Failed", 1)
    failed["input"] = {"inputArtifacts": [{"name": name} for name in inputs]}
    (found,) = failed_actions(read_all([failed]), [Revision(*each) for each in revisions])
    assert found.revision == revision


def test_an_unanswered_approval_counts_as_an_approval():
    late = detail("Gate", "Ask", "Failed", 1)
    late["input"] = {"actionTypeId": {"category": "Approval"}}
    found = first([late])
    assert found is not None
    assert (found.approval, found.approver) == (True, None)


def test_a_failure_before_a_retry_of_all_actions_does_not_count():
    again = {**detail("Deploy", "Prepare", "Failed", 9), "startTime": START + timedelta(minutes=8)}
    before = {**detail("Deploy", "Rollout", "Failed", 5), "startTime": START + timedelta(minutes=3)}
    failure = first([again, before, detail("Deploy", "Prepare", "Succeeded", 2)])
    assert failure is not None
    assert failure.action == "Prepare"


def test_a_failure_counts_even_if_another_action_started_later():
    late = {**detail("Deploy", "Late", "Succeeded", 9), "startTime": START + timedelta(minutes=6)}
    failure = first([late, detail("Deploy", "Early", "Failed", 5)])
    assert failure is not None
    assert failure.action == "Early"


def test_an_action_that_failed_as_soon_as_it_started_counts_as_the_latest():
    at_once = detail("Deploy", "B", "Failed", 5) | {"startTime": START + timedelta(minutes=5)}
    failure = first([at_once, detail("Deploy", "A", "Failed", 1)])
    assert failure is not None
    assert failure.action == "B"


def test_a_message_from_the_target_account_is_cut():
    failure = first(
        [detail("S", "A", "Failed", 1, errorDetails={"code": "c", "message": "m" * 10_000})]
    )
    assert failure is not None
    assert failure.message is not None
    assert len(failure.message) == 2_000


def test_a_rejected_approval_names_who_rejected_it():
    rejected = detail("Gate", "Ask", "Failed", 1, externalExecutionSummary="no")
    rejected |= {"updatedBy": "arn:ann", "input": {"actionTypeId": {"category": "Approval"}}}
    failure = first([rejected])
    assert failure is not None
    assert to_document(failure) == {
        "stage": "Gate",
        "action": "Ask",
        "message": "no",
        "approval": True,
        "approver": "arn:ann",
    }


def test_the_user_who_changed_another_action_is_not_an_approver():
    failed = detail("Build", "Build", "Failed", 1) | {"updatedBy": "arn:ann"}
    failure = first([failed])
    assert failure is not None
    assert failure.approver is None


def test_the_log_of_the_action_is_linked():
    arn = "arn:aws:logs:eu-west-1:222233334444:log-group:/aws/b:log-stream:1"
    failure = first([detail("Build", "Build", "Failed", 1, logStreamARN=arn)])
    assert failure is not None
    assert failure.log_link is not None
    assert "/log-events/1" in failure.log_link


def test_a_link_stays_within_the_limit_of_codepipeline():
    url = f"https://a/{'x' * 2_048}"
    failure = first([detail("Build", "Build", "Failed", 1, externalExecutionUrl=url)])
    assert failure is not None
    assert failure.link is not None
    assert len(failure.link) == 2_048


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "https://a b", "", "\n", None]
)
def test_only_web_addresses_become_links(url):
    result = {} if url is None else {"externalExecutionUrl": url}
    failure = first([detail("Build", "Build", "Failed", 1, **result)])
    assert failure is not None
    assert failure.link is None


def test_approvals_are_listed_once_each_in_the_order_of_the_pipeline():
    def given(action, status, by):
        kind = {"actionTypeId": {"category": "Approval"}}
        return detail("Gate", action, status, 1) | {"updatedBy": by, "input": kind}

    found = approvals(
        read_all(
            [
                given("Second", "Succeeded", "arn:bob"),
                given("First", "Succeeded", "arn:ann"),
                given("First", "Failed", "arn:eve"),
                given("Third", "InProgress", "arn:eve"),
                given(None, "Succeeded", "arn:eve"),
                {**given("Nowhere", "Succeeded", "arn:eve"), "stageName": None},
                detail("Build", "Build", "Succeeded", 1),
            ]
        )
    )
    assert found == (
        Approval("Gate", "First", "arn:ann"),
        Approval("Gate", "Second", "arn:bob"),
    )

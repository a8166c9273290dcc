from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from codepipeline_orchestrator.aws.answers import ExecutionSummary, read_answer
from codepipeline_orchestrator.errors import TargetAccessDenied, TargetUnavailable
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.pipeline.executions import (
    is_rollback,
    just_failed,
    latest,
    replacements,
    rollback_of,
    started_by,
    successor,
    unfinished,
)
from codepipeline_orchestrator.pipeline.listing import (
    action_executions,
    declared_stages,
    executions_around,
    newest_executions,
    pipeline_state,
    read_status,
    recent_actions,
)

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", "arn", None, "run-1")


def at_minute(minute):
    return START + timedelta(minutes=minute)


def shown(name, status, minute=0, *, began=0, **more):
    return {
        "pipelineExecutionId": name,
        "status": status,
        "startTime": at_minute(began),
        "lastUpdateTime": at_minute(minute),
        **more,
    }


def execution(*args, **more):
    return read_answer(ExecutionSummary, shown(*args, **more))


def without(member, summary):
    return {name: value for name, value in summary.items() if name != member}


class Pages:
    def __init__(self, *pages, error=None, tokens=None):
        self.pages = pages
        self.tokens = tokens or [f"page {n}" for n in range(1, len(pages))]
        self.error = error
        self.asked: list[dict[str, Any]] = []

    def list_pipeline_executions(self, **asked):
        return self._page("pipelineExecutionSummaries", asked)

    def list_action_executions(self, **asked):
        return self._page("actionExecutionDetails", asked)

    def get_pipeline_execution(self, **_asked):
        return {"pipelineExecution": {"pipelineExecutionId": "id"}}

    def _page(self, member, asked):
        if self.error:
            raise self.error
        self.asked.append(asked)
        number = len(self.asked) - 1
        more = {"nextToken": self.tokens[number]} if number < len(self.tokens) else {}
        return {member: self.pages[min(number, len(self.pages) - 1)], **more}


def names(listed):
    return [each.pipeline_execution_id for each in listed.executions]


def hundreds(count):
    return [
        [shown(f"{page}-{n}", "Succeeded", began=100 * page + n) for n in range(100)]
        for page in range(count)
    ]


def test_executions_are_sorted_by_their_start(at):
    pages: Any = Pages(
        [shown("b", "Succeeded", began=1), without("startTime", shown("?", "Succeeded"))],
        [shown("c", "Succeeded", began=2), None, "odd"],
    )
    listed = newest_executions(TARGET, codepipeline=pages)
    assert names(listed) == ["c", "b", "?", None, None]
    assert listed.is_whole
    first = {"pipelineName": "deploy", "maxResults": 100}
    assert pages.asked == [first, {**first, "nextToken": "page 1"}]


def test_at_most_1000_executions_are_read_and_the_list_is_marked_incomplete(at):
    pages: Any = Pages(*hundreds(11))
    listed = newest_executions(TARGET, codepipeline=pages)
    assert (len(pages.asked), len(listed.executions), listed.is_whole) == (10, 1_000, False)


@pytest.mark.parametrize("seconds, read", [(0, 14), (0.8, 10)])
def test_a_list_reaches_back_to_a_time_but_ends_after_eight_seconds(at, seconds, read):
    # The executions on each page began one minute before those on the previous page.
    class Slow(Pages):
        def _page(self, member, asked):
            at(60 + seconds * (len(self.asked) + 1))
            return super()._page(member, asked)

    pages: Any = Slow(*([shown("x", "Succeeded", began=-n)] * 100 for n in range(20)))
    newest_executions(TARGET, codepipeline=pages, since=at_minute(-12))
    assert len(pages.asked) == read


def test_a_list_of_exactly_1000_executions_is_complete(at):
    pages: Any = Pages(*hundreds(10))
    assert newest_executions(TARGET, codepipeline=pages).is_whole


def test_a_repeated_token_ends_the_list_and_marks_it_incomplete(at):
    pages: Any = Pages([shown("a", "Succeeded")], tokens=["x", "x", "x"])
    listed = newest_executions(TARGET, codepipeline=pages)
    assert (len(pages.asked), listed.is_whole) == (2, False)


@pytest.mark.parametrize("page", [0, 3, 30, 49])
def test_a_search_finds_an_old_execution_and_reads_no_more_pages(at, page):
    pages: Any = Pages(*hundreds(60))
    listed = executions_around(TARGET, f"{page}-7", codepipeline=pages, alone=True)
    assert listed.execution(f"{page}-7") is not None
    assert len(pages.asked) == page + 1


def test_a_search_for_a_replacement_reads_at_least_1000_executions(at):
    pages: Any = Pages(*hundreds(60))
    assert executions_around(TARGET, "0-7", codepipeline=pages).execution("9-99") is not None
    assert len(pages.asked) == 10


def test_a_search_ends_after_5000_executions(at):
    pages: Any = Pages(*hundreds(60))
    assert executions_around(TARGET, "50-7", codepipeline=pages).execution("50-7") is None
    assert len(pages.asked) == 50


def test_a_search_ends_after_eight_seconds(at):
    class Slow(Pages):
        def _page(self, member, asked):
            at(60 + 4 * len(self.asked) + 4)
            return super()._page(member, asked)

    pages: Any = Slow(*hundreds(60))
    assert executions_around(TARGET, "50-7", codepipeline=pages).execution("50-7") is None
    assert len(pages.asked) == 2


def test_actions_are_sorted_by_their_start():
    first, second = ({"actionName": each, "startTime": at_minute(n)} for n, each in enumerate("ab"))
    pages: Any = Pages([first], [second, None])
    found = action_executions(TARGET, "id", codepipeline=pages)
    assert [each.action_name for each in found] == ["b", "a", None]
    page: Any = Pages([None, first, second])
    recent = recent_actions(TARGET, codepipeline=page)
    assert [each.action_name for each in recent] == ["b", "a", None]


@pytest.mark.parametrize(
    "code, kind", [("AccessDenied", TargetAccessDenied), ("Throttling", TargetUnavailable)]
)
def test_the_error_for_a_refused_list_names_the_action(at, code, kind):
    refused = ClientError({"Error": {"Code": code}}, "ListPipelineExecutions")
    pages: Any = Pages(error=refused)
    with pytest.raises(kind, match="ListPipelineExecutions"):
        newest_executions(TARGET, codepipeline=pages)


class Refusing:
    def __getattr__(self, _name):
        def call(**_asked):
            raise ClientError({"Error": {"Code": "Throttling"}}, "Call")

        return call


@pytest.mark.parametrize(
    "read, name",
    [
        (action_executions, "ListActionExecutions"),
        (recent_actions, "ListActionExecutions"),
        (read_status, "GetPipelineExecution"),
        (pipeline_state, "GetPipelineState"),
        (declared_stages, "GetPipeline"),
    ],
)
def test_the_error_for_a_throttled_call_names_the_action(read, name):
    more = () if read in {recent_actions, pipeline_state} else ("id",)
    with pytest.raises(TargetUnavailable, match=f"complete {name} for"):
        read(TARGET, *more, codepipeline=Refusing())


@pytest.mark.parametrize("page", [None, "odd", {}])
def test_an_answer_without_a_list_is_an_error(at, page):
    pages: Any = Pages(page)
    with pytest.raises(TargetUnavailable, match=r"ListPipelineExecutions .* lacks a list"):
        newest_executions(TARGET, codepipeline=pages)


def test_an_answer_without_a_status_is_an_error():
    pages: Any = Pages()
    with pytest.raises(TargetUnavailable, match=r"GetPipelineExecution .* lacks a status"):
        read_status(TARGET, "id", codepipeline=pages)


OLD = execution("old", "Superseded", 5, began=0)


@pytest.mark.parametrize(
    "newer, name",
    [
        ([execution("b", "InProgress", 9, began=2), execution("a", "InProgress", 4, began=1)], "a"),
        ([execution("a", "InProgress", 4, began=1), execution("b", "InProgress", 9, began=2)], "a"),
        ([execution("b", "InProgress", 9, began=2), execution("a", "Stopping", 4, began=1)], "a"),
        ([execution("a", "Succeeded", 9, began=1)], "a"),
        # The replacement was superseded within the same second.
        ([execution("b", "InProgress", 9, began=2), execution("a", "Superseded", 5, began=1)], "a"),
        # An execution that had already ended supersedes nothing.
        ([execution("b", "Succeeded", 9, began=2), execution("a", "Failed", 4, began=1)], "b"),
        ([execution("a", "Failed", 4, began=1)], None),
        # A rollback starts in the middle of the pipeline, so it supersedes nothing.
        ([execution("a", "InProgress", 9, began=1, executionType="ROLLBACK")], None),
        ([execution("a", "InProgress", 9, began=1, executionType="STANDARD")], "a"),
        # An execution whose start or id is unknown may be the oldest one.
        (
            [
                execution("b", "InProgress", began=2),
                execution("a", "InProgress", began=1, pipelineExecutionId=None),
            ],
            None,
        ),
        (
            [execution("b", "InProgress", began=2), execution("a", "InProgress", startTime=None)],
            None,
        ),
        ([execution("b", "InProgress", began=2), execution("a", "Failed", 4, startTime=None)], "b"),
        ([execution("a", "Succeeded", began=1, lastUpdateTime=None)], "a"),
        ([], None),
    ],
)
def test_the_successor_is_the_oldest_newer_execution_that_was_running_then(newer, name):
    older = execution("older", "InProgress", 9, began=-1)
    for listed in ([*newer, OLD, older], [older, OLD, *newer]):
        found = successor(listed, "old")
        assert (found and found.pipeline_execution_id) == name


def test_an_unlisted_execution_has_no_known_successor():
    assert successor([execution("a", "InProgress", 9)], "old") is None


def test_a_start_time_that_is_not_listed_can_be_passed_in():
    old = execution("old", "Superseded", 5, startTime=None)
    listed = [execution("b", "InProgress", began=2), old, execution("a", "InProgress", began=-2)]
    found = successor(listed, "old", START)
    assert found is listed[0]
    assert successor(listed, "old") is None


def test_the_latest_execution_is_the_one_that_started_last():
    listed = [execution("a", "Failed", began=1), execution("c", "Failed", began=3)]
    listed += [execution("b", "Failed", began=2), execution("x", "Failed", startTime=None)]
    assert latest(listed, None) is listed[1]
    assert latest(listed, at_minute(3)) is listed[1]
    assert latest(listed, at_minute(4)) is None
    assert latest([listed[3]], None) is listed[3]
    assert latest([execution("a", "Failed", pipelineExecutionId=None)], None) is None


def test_an_execution_without_a_known_end_counts_as_running():
    statuses = ["InProgress", "Stopping", "Stopped", "Succeeded", "Failed", "Superseded", "Paused"]
    found = unfinished([execution(status, status) for status in (*statuses, "Cancelled", None)])
    assert [each.status for each in found] == ["InProgress", "Stopping", "Paused"]


@pytest.mark.parametrize(
    "status, seconds, found", [("Failed", 9.9, 1), ("Failed", 10, 0), ("Succeeded", 1, 0)]
)
def test_a_failure_counts_as_fresh_for_ten_seconds(status, seconds, found):
    now = START + timedelta(seconds=seconds)
    assert len(just_failed([execution("a", status)], now)) == found


def test_a_failure_at_an_unknown_time_is_not_fresh():
    assert just_failed([execution("a", "Failed", lastUpdateTime=None)], START) == []


def trigger(kind, detail):
    return {"trigger": {"triggerType": kind, "triggerDetail": detail}}


@pytest.mark.parametrize(
    "more, is_ours",
    [
        (trigger("StartPipelineExecution", "arn:aws:sts::1:assumed-role/t/run-1"), True),
        (trigger("StartPipelineExecution", "arn:aws:sts::1:assumed-role/t/xrun-1"), False),
        (trigger("StartPipelineExecution", "arn:aws:sts::1:assumed-role/run-1/x"), False),
        (trigger("Webhook", "arn:aws:sts::1:assumed-role/t/run-1"), False),
        ({"trigger": {"triggerType": "StartPipelineExecution"}}, False),
        ({"trigger": "odd"}, False),
        ({}, False),
    ],
)
def test_the_trigger_shows_who_started_an_execution(more, is_ours):
    listed = [execution("theirs", "InProgress"), execution("ours", "InProgress", **more)]
    assert started_by(listed, "run-1") == (listed[1] if is_ours else None)


@pytest.mark.parametrize(
    "more, rolls_back",
    [
        ({"executionType": "ROLLBACK"}, True),
        (trigger("ManualRollback", "arn"), True),
        (trigger("AutomatedRollback", "{}"), True),
        ({"rollbackMetadata": {"rollbackTargetPipelineExecutionId": "x"}}, True),
        ({"executionType": "STANDARD", **trigger("Webhook", "x")}, False),
        ({}, False),
    ],
)
def test_a_rollback_is_recognized_by_any_of_its_signs(more, rolls_back):
    assert is_rollback(execution("a", "InProgress", **more)) is rolls_back


def test_an_automatic_rollback_names_the_failed_execution_in_its_trigger():
    rollback = execution("r", "InProgress", **trigger("AutomatedRollback", '{"of":"old"}'))
    by_hand = execution("m", "InProgress", **trigger("ManualRollback", "old"))
    assert rollback_of([by_hand, rollback, OLD], "old") == "r"
    assert rollback_of([by_hand, OLD], "old") is None


def test_replacements_start_after_the_execution_and_within_five_minutes_of_its_end():
    later = [execution(f"{n}", "InProgress", began=n) for n in (11, 10, 3, 1, 0, -1)]
    rollback = execution("r", "InProgress", began=2, executionType="ROLLBACK")
    gone = execution("x", "Succeeded", -1, startTime=None)
    listed = [rollback, gone, *later, OLD]
    found = replacements(listed, "old", began=START, ended=at_minute(5))
    assert [each.pipeline_execution_id for each in found] == ["1", "3", "10"]
    for odd in ({"startTime": None}, {"began": 2, "pipelineExecutionId": None}):
        listed.append(execution("odd", "InProgress", **odd))
        assert replacements(listed, "old", began=START, ended=at_minute(5)) == []
        listed.pop()

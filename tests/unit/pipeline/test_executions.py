"""Which execution of a list is meant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from codepipeline_orchestrator.errors import TargetAccessDenied
from codepipeline_orchestrator.model.target import Target
from codepipeline_orchestrator.pipeline.executions import (
    just_failed,
    started_by,
    successor,
    unfinished,
)
from codepipeline_orchestrator.pipeline.listing import newest_executions

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def execution(name, status, minute=0, **more):
    return {
        "pipelineExecutionId": name,
        "status": status,
        "lastUpdateTime": START + timedelta(minutes=minute),
        **more,
    }


TARGET = Target("deploy", "222233334444", "eu-west-1", "aws", "arn", None, "run-1")


class Pages:
    """A paginator of CodePipeline's with two pages, or with an error."""

    def __init__(self, error=None):
        self.error = error

    def get_paginator(self, operation):
        assert operation == "list_pipeline_executions"
        return self

    def paginate(self, **asked):
        self.asked = asked
        if self.error:
            raise self.error
        return [{"pipelineExecutionSummaries": [{"n": name}]} for name in ("b", "a")]


@pytest.mark.parametrize(
    "limit, config",
    [
        ({}, {"MaxItems": 1_000, "PageSize": 100}),
        ({"most": 1}, {"MaxItems": 1, "PageSize": 1}),
    ],
)
def test_no_more_executions_are_read_than_matter(limit, config):
    pages: Any = Pages()
    assert newest_executions(TARGET, codepipeline=pages, **limit) == [{"n": "b"}, {"n": "a"}]
    assert pages.asked == {"pipelineName": "deploy", "PaginationConfig": config}


def test_a_list_that_is_denied_names_the_action():
    denied = ClientError({"Error": {"Code": "AccessDenied"}}, "ListPipelineExecutions")
    pages: Any = Pages(denied)
    with pytest.raises(TargetAccessDenied, match="codepipeline:ListPipelineExecutions"):
        newest_executions(TARGET, codepipeline=pages)


OLD = execution("old", "Superseded", 5)


@pytest.mark.parametrize(
    "newer, name",
    [
        ([execution("b", "InProgress", 9), execution("a", "InProgress", 4)], "a"),
        ([execution("b", "InProgress", 9), execution("a", "Stopping", 4)], "a"),
        ([execution("a", "Succeeded", 9)], "a"),
        # superseded in its turn, in the same second
        ([execution("b", "InProgress", 9), execution("a", "Superseded", 5)], "a"),
        # what had ended before did not supersede anything
        ([execution("b", "Succeeded", 9), execution("a", "Failed", 4)], "b"),
        ([execution("a", "Failed", 4)], None),
        # a rollback begins in its stage and supersedes nothing
        ([execution("a", "InProgress", 9, executionType="ROLLBACK")], None),
        ([execution("a", "InProgress", 9, executionType="STANDARD")], "a"),
        ([], None),
    ],
)
def test_the_oldest_that_was_alive_at_that_moment_superseded(newer, name):
    older = execution("older", "InProgress", 9)
    found = successor([*newer, OLD, older], "old")
    assert (found and found["pipelineExecutionId"]) == name


def test_what_superseded_an_execution_that_is_not_listed_cannot_be_told():
    assert successor([execution("a", "InProgress", 9)], "old") is None


def test_what_is_in_progress_or_being_stopped_goes_on():
    statuses = ["InProgress", "Stopping", "Stopped", "Succeeded", "Failed", "Superseded"]
    found = unfinished([execution(status, status) for status in (*statuses, "Cancelled")])
    assert [each["status"] for each in found] == ["InProgress", "Stopping"]


@pytest.mark.parametrize(
    "status, seconds, found", [("Failed", 9.9, 1), ("Failed", 10, 0), ("Succeeded", 1, 0)]
)
def test_a_failure_is_fresh_for_ten_seconds(status, seconds, found):
    now = START + timedelta(seconds=seconds)
    assert len(just_failed([execution("a", status)], now)) == found


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
        ({}, False),
    ],
)
def test_the_trigger_tells_who_started(more, is_ours):
    listed = [execution("theirs", "InProgress"), execution("ours", "InProgress", **more)]
    assert started_by(listed, "run-1") == (listed[1] if is_ours else None)

"""Read the logs of a run's failed action and of the functions that worked on the run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from codepipeline_orchestrator.model.documents import json_object
from pipeline_run import deployment as deployments
from pipeline_run.connection import Connection
from pipeline_run.deployment import Deployment
from pipeline_run.errors import CommandError, aws_refusals
from pipeline_run.runs import Run

_AROUND = timedelta(minutes=15)  # functions may still work on a run after its end
# Links to a CloudWatch log stream, and to a CodeBuild build in both of its consoles.
_STREAM = re.compile(r"log-groups/log-group/(?P<group>[^/]+)/log-events/(?P<stream>[^/?&#]+)")
_BUILD = re.compile(r"/(?P<project>[A-Za-z0-9][A-Za-z0-9_-]+)(?::|%3A)(?P<build>[0-9a-f-]{36})")
_FUNCTION = re.compile(r"-(\w+)Function-\w+$")
# Fields that say nothing about the run, or that are shown elsewhere.
_HIDDEN = {"level", "location", "message", "timestamp", "service", "cold_start", "run"}
_REGION = re.compile(r"[?&]region=([a-z0-9-]+)")


@dataclass(frozen=True)
class LogLine:
    """A line of a log, and when it was written."""

    time: datetime
    text: str
    document: Mapping[str, Any]  # empty if the line is not a JSON object

    def __str__(self) -> str:
        """The line as text: the function, the level, the message and the other fields."""
        if not self.document:
            return self.text
        name = str(self.document.get("function_name", ""))
        function = _FUNCTION.search(name)
        fields = (
            f"{field}={_short(value)}"
            for field, value in self.document.items()
            if field not in _HIDDEN and not field.startswith("function_")
        )
        start = (self.document.get(each) for each in ("level", "message"))
        parts = (function[1] if function else name, *start, *fields)
        return "  ".join(str(each) for each in parts if each)


@dataclass(frozen=True)
class ActionLog:
    """The log stream of an action."""

    group: str
    stream: str
    region: str | None  # None if the link does not contain it


def log_of_failure(failure: Mapping[str, Any]) -> ActionLog | None:
    """The log of the failed action, from its links. None if the action has no known log."""
    log_link, link = (str(failure.get(name, "")) for name in ("logLink", "link"))
    if match := _STREAM.search(log_link):
        group, stream = (unquote(unquote(each.replace("$", "%"))) for each in match.groups())
        return ActionLog(group, stream, _region(log_link))
    if "codebuild" in link and (match := _BUILD.search(link)):
        # The default of a project. Its owner may have chosen another group.
        return ActionLog(f"/aws/codebuild/{match['project']}", match["build"], _region(link))
    return None


def read_action_log(
    connection: Connection, log: ActionLog, region: str, most: int
) -> list[LogLine]:
    """The last lines of an action's log. Raises CommandError if it cannot be read."""
    with aws_refusals(f"read the log stream {log.stream} in {log.group} (logs:GetLogEvents)"):
        answer = connection.client("logs", region_name=log.region or region).get_log_events(
            logGroupName=log.group, logStreamName=log.stream, limit=most, startFromHead=False
        )
    return [_line(event) for event in answer["events"]]


def read_function_logs(
    connection: Connection, where: Deployment, run: Run, most: int
) -> list[LogLine]:
    """The last lines that the deployment's functions logged for the run.

    Raises CommandError if they cannot be read.
    """
    more = {"endTime": _milliseconds(run.stopped + _AROUND)} if run.stopped else {}
    pages = connection.client("logs").get_paginator("filter_log_events")
    with aws_refusals("read the functions' logs (logs:FilterLogEvents)"):
        found = pages.paginate(
            logGroupName=f"/aws/lambda/{where.stack}/functions",
            startTime=_milliseconds(run.started - _AROUND),
            filterPattern=f'"{run.name}"',
            **more,
        )
        lines = [_line(event) for page in found for event in page["events"]]
    # The pattern also matches longer names. Metrics are not for people.
    of_run = [
        line
        for line in lines
        if line.document.get("run") == run.name and "_aws" not in line.document
    ]
    return sorted(of_run, key=lambda line: line.time)[-most:]


def deployment_of(connection: Connection, run: Run) -> Deployment:
    """The run's deployment with its stack. Raises CommandError if the stack is not known."""
    if not connection.state_machine:
        found = deployments.find(connection)
        if found.run_arn(run.name) == run.arn:
            return found
    raise CommandError(
        f"The stack of run {run.name} is not known, so the functions' logs were not read.",
        "Use --stack with the deployment's name.",
    )


def _short(value: Any) -> str:
    """The value. The lines after the first one are commands, which `show` prints."""
    return value.partition("\n")[0] if isinstance(value, str) else json.dumps(value)


def _region(link: str) -> str | None:
    match = _REGION.search(link)
    return match[1] if match else None


def _line(event: Mapping[str, Any]) -> LogLine:
    text = str(event["message"]).rstrip("\r\n")
    time = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return LogLine(time, text, json_object(text))


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)

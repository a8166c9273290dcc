"""A readable log of what happens in a cloud, with one entry for each status change.

The entries come from the events that CodePipeline and Step Functions send to the accounts' buses.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.cloud import Cloud

Tone = Literal["begins", "good", "bad", "said"]

_BEGINNINGS = {"STARTED", "RESUMED", "RUNNING"}
_BAD = {"FAILED", "STOPPED", "CANCELED", "SUPERSEDED", "ABANDONED", "TIMED_OUT", "ABORTED"}


_LINK = re.compile(r":?( Run:| See)? https://\S+")
_ROLE = re.compile(r"arn:[^:]*:iam::(\d{12}):role/")
_LONGEST = 260


@dataclass(frozen=True)
class Entry:
    """A log entry. `time` is in epoch seconds."""

    time: float
    account: str
    who: str  # the name of a pipeline or a run
    what: str
    tone: Tone = "said"
    # False for minor progress within an execution.
    headline: bool = True


class Chronicle:
    """Records every event of a cloud's services once, even if rules forward it."""

    def __init__(self, cloud: Cloud) -> None:
        self._new: list[Mapping[str, Any]] = []
        cloud.events.watch(self._new.append)

    def events(self) -> list[Mapping[str, Any]]:
        """Return the events since the last call."""
        new = self._new.copy()
        self._new.clear()
        return new


def entry(event: Mapping[str, Any]) -> Entry | None:
    """The entry for an event, or None if the event is not worth reporting."""
    match event["detail-type"]:
        case "CodePipeline Pipeline Execution State Change":
            return _entry(event, _pipeline(event["detail"]))
        case "CodePipeline Stage Execution State Change":
            if event["detail"]["state"] != "RESUMED":
                return None  # already covered by the events of the stage's actions
            return _entry(event, f"stage {event['detail']['stage']} is retried", headline=False)
        case "CodePipeline Action Execution State Change":
            return _entry(event, _action(event["detail"]), headline=_tells(event["detail"]))
        case "Step Functions Execution Status Change":
            return _run(event)
        case _:
            return None


def line(one: Entry) -> str:
    """Format an entry as a log line with columns."""
    return f"{clock(one.time)}  {one.account}  {one.who:<20}  {short(one.what)}"


def short(text: str) -> str:
    """Remove links from the text, and truncate it to fit a line."""
    bare = _LINK.sub("", text)
    return bare if len(bare) <= _LONGEST else f"{bare[:_LONGEST]}..."


def clock(time: float) -> str:
    """Format the time of day in UTC."""
    return f"{datetime.fromtimestamp(time, UTC):%H:%M:%S}"


def run_name(arn_or_name: str) -> str:
    """The short form of a run's name."""
    return f"run {arn_or_name.rpartition(':')[2][:13]}"


def asked(text: str) -> str:
    """Describe what a run with this input does."""
    try:
        document = json.loads(text)
        wanted = document["input"] if "job" in document else document
        pipeline = wanted.get("pipelineName") or wanted["targetname"]
        role = _ROLE.match(str(wanted.get("roleArn") or wanted.get("assumerolearn")))
    except (ValueError, TypeError, KeyError, AttributeError):
        return "invalid input"
    verb = "follows" if _only_follows(wanted) else "starts and follows"
    where = f" in {role[1]}" if role else ""
    for_whom = " for an action" if "job" in document else ""
    return f"{verb} {pipeline}{where}{for_whom}"


def _only_follows(wanted: Mapping[str, Any]) -> bool:
    if "targetname" in wanted:
        return str(wanted.get("trigger", False)).lower() != "true"
    return bool(wanted.get("mode") == "latest")


def _entry(event: Mapping[str, Any], what: str, *, headline: bool = True) -> Entry:
    detail = event["detail"]
    tone = _tone(detail["state"])
    return Entry(_time(event), event["account"], detail["pipeline"], what, tone, headline)


def _run(event: Mapping[str, Any]) -> Entry:
    detail = event["detail"]
    status = detail["status"]
    if status == "RUNNING":
        began = "continues after a redrive" if detail.get("redriveCount") else "began"
        what = f"{began}: {asked(detail['input'])}"
    else:
        error = f": {detail['error']}" if detail.get("error") else ""
        what = f"ended {status}{error}"
    return Entry(_time(event), event["account"], run_name(detail["name"]), what, _tone(status))


def _pipeline(detail: Mapping[str, Any]) -> str:
    if detail["state"] != "STARTED":
        return str(detail["state"].lower())
    by = str(detail["execution-trigger"]["trigger-detail"])
    if by.startswith('{"FailedPipelineExecutionId"'):
        return "started automatically to roll back a failed stage"
    if ":assumed-role/" in by:
        return f"started through the role {by.split('/')[1]}"
    return "started by the account's administrator" if by.endswith(":root") else f"started by {by}"


def _action(detail: Mapping[str, Any]) -> str:
    what = f"{detail['stage']}/{detail['action']} {detail['state'].lower()}"
    if detail["state"] not in _BAD:
        return what
    result = detail.get("execution-result", {})
    details = [result.get(key) for key in ("error-code", "external-execution-summary")]
    reason = ": ".join(text for text in details if text)
    return f"{what}: {reason}" if reason else what


def _tells(detail: Mapping[str, Any]) -> bool:
    ended = detail["state"] != "STARTED"
    return detail["state"] in _BAD or (ended and detail["type"]["category"] == "Invoke")


def _tone(state: str) -> Tone:
    if state in _BEGINNINGS:
        return "begins"
    if state in _BAD:
        return "bad"
    return "good" if state == "SUCCEEDED" else "said"


def _time(event: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(event["time"]).timestamp()

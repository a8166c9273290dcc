"""Checks that a pipeline's events follow each other as the rules allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ENDS = {"SUCCEEDED", "FAILED", "STOPPED", "CANCELED"}
PASSED = {"SUCCEEDED", "SKIPPED"}
# The states that may follow each state. None is the state before the first event. When a stage
# is retried automatically, its execution resumes without showing a failure.
PIPELINE = {
    None: {"STARTED"},
    "STARTED": {*ENDS, "RESUMED", "STOPPING", "SUPERSEDED"},
    "RESUMED": {*ENDS, "RESUMED", "STOPPING", "SUPERSEDED"},
    "STOPPING": {"STOPPED"},
    "FAILED": {"RESUMED"},
    "STOPPED": {"RESUMED"},
}
STAGE = {
    None: {"STARTED"},
    "STARTED": {*ENDS, "SKIPPED", "RESUMED", "STOPPING"},
    "RESUMED": {*ENDS, "SKIPPED", "RESUMED", "STOPPING"},
    "STOPPING": {"STOPPED"},
    "FAILED": {"RESUMED"},
    "STOPPED": {"RESUMED"},
}
ACTION = {None: {"STARTED"}, "STARTED": {"SUCCEEDED", "FAILED", "ABANDONED"}}
EDGES = {"Pipeline": PIPELINE, "Stage": STAGE, "Action": ACTION}
IDENTITIES = {
    "Pipeline": ("execution-id",),
    "Stage": ("execution-id", "stage"),
    "Action": ("action-execution-id",),
}


def of(events: Iterable[Mapping[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [(event["detail-type"].split()[1], event["detail"]) for event in events]


def check_edges(history: list[tuple[str, dict[str, Any]]]) -> dict[str, str]:
    """Check that states follow the allowed transitions. Return each execution's last state."""
    last: dict[tuple[str, ...], str] = {}
    for kind, detail in history:
        place = (kind, *(detail[name] for name in IDENTITIES[kind]))
        assert detail["state"] in EDGES[kind].get(last.get(place), set()), (place, detail)
        last[place] = detail["state"]
    assert all(state in {"SUCCEEDED", "FAILED", "ABANDONED"} for state in _of("Action", last))
    return {place[1]: state for place, state in last.items() if place[0] == "Pipeline"}


def _of(kind: str, last: Mapping[tuple[str, ...], str]) -> list[str]:
    return [state for place, state in last.items() if place[0] == kind]


def check_locks(history: list[tuple[str, dict[str, Any]]]) -> None:
    for detail, inside in _moves(history):
        if "stage" in detail and detail["state"] not in ENDS | PASSED:
            in_it = [each for each, stage in inside.items() if stage == detail["stage"]]
            assert in_it == [detail["execution-id"]], detail


def check_superseding(history: list[tuple[str, dict[str, Any]]]) -> None:
    """Check that only executions between stages are superseded, and only by newer ones."""
    started = [detail["execution-id"] for detail, _ in _moves(history) if _starts(detail)]
    for detail, inside in _moves(history):
        if detail["state"] == "SUPERSEDED":
            assert detail["execution-id"] not in inside, detail
            assert started[-1] != detail["execution-id"], detail


def _moves(
    history: list[tuple[str, dict[str, Any]]],
) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    inside: dict[str, str] = {}
    for kind, detail in history:
        if kind == "Action":
            continue
        execution = detail["execution-id"]
        if detail["state"] in {"STARTED", "RESUMED", "STOPPING"}:
            if kind == "Stage":
                inside[execution] = detail["stage"]
        elif detail["state"] != "SUPERSEDED":
            inside.pop(execution, None)
        yield detail, inside


def _starts(detail: Mapping[str, Any]) -> bool:
    return "stage" not in detail and detail["state"] == "STARTED"


def check_queues(history: list[tuple[str, dict[str, Any]]], stages: list[str]) -> None:
    queues: dict[str, list[str]] = {stage: [] for stage in stages}
    for kind, detail in history:
        execution, state = detail["execution-id"], detail["state"]
        if kind == "Pipeline" and state == "STARTED":
            if "Rollback" not in detail["execution-trigger"]["trigger-type"]:
                queues[stages[0]].append(execution)
        elif kind == "Pipeline" and state in {"STOPPING", "CANCELED", "FAILED"}:
            for queue in queues.values():
                queue[:] = [each for each in queue if each != execution]
        elif kind == "Stage" and state in PASSED and detail["stage"] != stages[-1]:
            queues[stages[stages.index(detail["stage"]) + 1]].append(execution)
        elif kind == "Stage" and state == "STARTED" and execution in queues[detail["stage"]]:
            assert queues[detail["stage"]].pop(0) == execution, detail
        assert state != "SUPERSEDED"

"""The measured cases, one for each task of each function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from benchmarks.coldstart.recording import Delivery

HOT, PARSING = 1.25, 1.6  # maximum time relative to the bare handler


@dataclass(frozen=True)
class Case:
    """One task of a function."""

    name: str
    delivery: Delivery
    limit: float | None = None


def cases(deliveries: Sequence[Delivery]) -> list[Case]:
    """Build every case from the recorded events."""

    def of(function: str, fits: Callable[[Delivery], Any] = bool) -> Delivery:
        all_of_it = [each for each in deliveries if each.handler == f"{function}.handler"]
        return [each for each in all_of_it if fits(each) and _is_undisturbed(each)][-1]

    return [
        Case("wake", of("wake", _wakes), HOT),
        Case("get_state", of("get_state", _is_plain_poll), HOT),
        Case("get_state_end", of("get_state", _finds_success)),
        Case("report_job_result", of("report_job_result", _answers_job), HOT),
        Case("report_job_result_renewal", of("report_job_result", _renews), HOT),
        Case("codepipeline_job_next", of("codepipeline_job", _is_next), HOT),
        Case("codepipeline_job_new", of("codepipeline_job", _begins), PARSING),
        Case("assume_role", of("assume_role"), PARSING),
        Case("start_execution", of("start_execution")),
        Case("retry_stage", of("retry_stage")),
        Case("stop_execution", of("stop_execution")),
        Case("close_job", of("close_job", _closes)),
    ]


def _is_undisturbed(delivery: Delivery) -> bool:
    """Whether every call succeeded. The bare handler cannot repeat a failed call."""
    return all(each.status == HTTPStatus.OK for each in delivery.exchanges)


def _wakes(delivery: Delivery) -> bool:
    return "SendTaskSuccess" in _operations(delivery)


def _is_plain_poll(delivery: Delivery) -> bool:
    in_progress = delivery.answer["ended"] is False
    return in_progress and _operations(delivery) == ["AssumeRole", "GetPipelineExecution"]


def _finds_success(delivery: Delivery) -> bool:
    answer = delivery.answer
    return bool(answer["ended"] and answer["report"]["outcome"] == "Succeeded")


def _answers_job(delivery: Delivery) -> bool:
    return _answers(delivery) and not _renews(delivery)


def _renews(delivery: Delivery) -> bool:
    return any("continuationToken" in each.parameters for each in delivery.exchanges)


def _answers(delivery: Delivery) -> bool:
    return bool({"PutJobSuccessResult", "PutJobFailureResult"} & {*_operations(delivery)})


def _is_next(delivery: Delivery) -> bool:
    """Whether this is a later job of an action whose run is in progress."""
    return "continuationToken" in delivery.event["CodePipeline.job"]["data"] and not _answers(
        delivery
    )


def _begins(delivery: Delivery) -> bool:
    return "continuationToken" not in delivery.event["CodePipeline.job"]["data"]


def _closes(delivery: Delivery) -> bool:
    return delivery.exchanges[-1].operation == "PutJobFailureResult"


def _operations(delivery: Delivery) -> list[str]:
    return [each.operation for each in delivery.exchanges]

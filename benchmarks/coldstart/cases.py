"""What is measured: each function, the branches of one that has two, and what is asked of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.coldstart.recording import Delivery

HOT, PARSING = 1.25, 1.6  # times the bare handler, at most


@dataclass(frozen=True)
class Case:
    """A function in one of its roles."""

    name: str
    delivery: Delivery
    limit: float | None = None


def cases(deliveries: Sequence[Delivery]) -> list[Case]:
    """All of them, of what was recorded."""

    def of(function: str, fits: Callable[[Delivery], Any] = bool) -> Delivery:
        all_of_it = [each for each in deliveries if each.handler == f"{function}.handler"]
        return [each for each in all_of_it if fits(each)][-1]

    return [
        Case("get_state", of("get_state", _is_plain_look), HOT),
        Case("report_job_result", of("report_job_result", _answers_job), HOT),
        Case("report_job_result_renewal", of("report_job_result", _renews), HOT),
        Case("codepipeline_job_continuation", of("codepipeline_job", _continues), HOT),
        Case("codepipeline_job_new", of("codepipeline_job", _begins), PARSING),
        Case("assume_role", of("assume_role"), PARSING),
        Case("start_execution", of("start_execution")),
        Case("retry_stage", of("retry_stage")),
        Case("stop_execution", of("stop_execution")),
        Case("close_job", of("close_job", _closes)),
    ]


def _is_plain_look(delivery: Delivery) -> bool:
    """One that finds the target in progress, and has nothing else to read."""
    return delivery.answer["ended"] is False and len(delivery.exchanges) == 2  # noqa: PLR2004 - AssumeRole, GetPipelineExecution


def _answers_job(delivery: Delivery) -> bool:
    return delivery.answer is not None and delivery.exchanges != []


def _renews(delivery: Delivery) -> bool:
    return "taskToken" in delivery.event


def _continues(delivery: Delivery) -> bool:
    return "continuationToken" in delivery.event["CodePipeline.job"]["data"]


def _begins(delivery: Delivery) -> bool:
    return not _continues(delivery)


def _closes(delivery: Delivery) -> bool:
    return delivery.exchanges[-1].operation == "PutJobFailureResult"

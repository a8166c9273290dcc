"""Compute the figures of a policy in a world, as stored in benchmarks/results/waiting.json."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, stdev
from typing import Any

from benchmarks.waiting import prices
from benchmarks.waiting.measured import Answered, Measured, percentile
from benchmarks.waiting.products import PRODUCTS
from benchmarks.waiting.worlds import Wait

BOUND = "bound"
Figures = Mapping[str, Any]
_POLLING = ("GetState",)  # the functions that poll targets


def hours(waits: Sequence[Wait]) -> float:
    """Sum the hours for which the targets of these waits are in progress."""
    return sum(wait.target.duration for wait in waits) / 3600


def figures(policy: str, world: str, waits: Sequence[Wait], measured: Measured) -> dict[str, Any]:
    """Compute all figures of a policy."""
    waited = hours(waits)
    answers, calls = measured.answers, sum(measured.calls.values())
    invocations = sum(measured.invocations.values())
    transitions = sum(answer.transitions for answer in answers)
    is_ours = policy in PRODUCTS
    memory = prices.MEMORY_GB if is_ours else prices.PEERS_MEMORY_GB
    cost = prices.dollars(invocations, transitions, measured.billed, memory=memory)
    return {
        "policy": policy,
        "world": world,
        "waits": len(answers),
        **_delays(answers),
        "polls_per_wait": round(fmean(answer.polls for answer in answers), 2),
        **_of_all_that_could_have_been(measured),
        "aws_calls_per_hour": round(calls / waited, 2),
        "lambda_invocations_per_hour": round(invocations / waited, 2),
        "state_transitions_per_hour": round(transitions / waited, 2),
        "gb_seconds_per_hour": round(prices.gb_seconds(invocations, memory=memory) / waited, 3),
        "dynamodb_writes_per_hour": round(measured.billed.writes / waited, 2),
        "dynamodb_reads_per_hour": round(measured.billed.reads / waited, 2),
        "forwarded_events_per_hour": round(measured.billed.forwarded / waited, 2),
        "usd_per_1000_hours": round(1000 * cost / waited, 2),
        "max_history_events": max(answer.events for answer in answers),
        "wrong_outcomes": sum(not answer.right for answer in answers),
        **(_of_polls(measured) if is_ours else {}),
    }


def _delays(answers: Sequence[Answered]) -> dict[str, float]:
    delays = [answer.delay for answer in answers]
    failed = [answer.delay for answer in answers if answer.failed]
    succeeded = [answer.delay for answer in answers if not answer.failed]
    return {
        "mean_delay_s": round(fmean(delays), 2),
        "standard_error_s": round(stdev(delays) / math.sqrt(len(delays)), 2),
        **{f"p{n}_delay_s": round(percentile(delays, n / 100), 2) for n in (50, 95, 99)},
        "mean_delay_of_successes_s": round(fmean(succeeded), 2) if succeeded else 0.0,
        "mean_delay_of_failures_s": round(fmean(failed), 2) if failed else 0.0,
    }


def _of_all_that_could_have_been(measured: Measured) -> dict[str, float]:
    """The computed means, which have no sampling error, unlike the means of the sample."""
    if measured.expected is None:
        return {}
    return {
        "mean_delay_s": round(measured.expected.delay, 2),
        "polls_per_wait": round(measured.expected.polls, 2),
        "standard_error_s": 0.0,
        "sampled_mean_delay_s": round(fmean(answer.delay for answer in measured.answers), 2),
    }


def _of_polls(measured: Measured) -> dict[str, Any]:
    polls = sum(measured.invocations[name] for name in _POLLING)
    of_polls = sum(n for (who, _), n in measured.calls.items() if who in _POLLING)
    others = sum(measured.calls.values()) - of_polls
    return {
        "aws_calls_per_poll": round(of_polls / polls, 3) if polls else 0.0,
        "other_aws_calls_per_wait": round(others / len(measured.answers), 2),
    }


def details(measured: Measured) -> list[str]:
    """Format the average number of each function's invocations and calls per wait."""
    count = len(measured.answers)
    invoked = [f"{n / count:8.2f}  {name} is invoked" for name, n in measured.invocations.items()]
    calls = sorted(measured.calls.items())
    return [*invoked, *(f"{n / count:8.2f}  {who} calls {what}" for (who, what), n in calls)]

"""The metrics of a world: those that functions write, and some that AWS records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.here import Cloud

_EMBEDDED = '{"_aws"'


@dataclass(frozen=True)
class Datapoint:
    """One value of a metric, as CloudWatch stores it."""

    time: float  # epoch seconds
    namespace: str
    name: str
    dimensions: Mapping[str, str]
    value: float
    unit: str


def datapoints(cloud: Cloud, account_id: str, region: str) -> list[Datapoint]:
    """List the account's metric values, in the order in which they were recorded.

    Functions write the embedded metric format to their logs
    (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html).
    The only AWS metrics are those for failed functions and for failed deliveries to targets of
    rules and schedules.
    """
    found = [
        *_written(cloud, f":{region}:{account_id}:"),
        *_of_functions(cloud, f":{region}:{account_id}:"),
        *_given_up(cloud, f":{region}:{account_id}:"),
    ]
    return sorted(found, key=lambda each: each.time)


def _written(cloud: Cloud, place: str) -> Iterator[Datapoint]:
    for line in cloud.functions.log_lines:
        if line.delivered and place in line.function_arn and line.text.startswith(_EMBEDDED):
            yield from _of(line.time, json.loads(line.text))


def _of(time: float, document: Mapping[str, Any]) -> Iterator[Datapoint]:
    for directive in document["_aws"]["CloudWatchMetrics"]:
        for metric in directive["Metrics"]:
            values = document[metric["Name"]]
            for names in directive["Dimensions"]:
                dimensions = {name: str(document[name]) for name in names}
                for value in values if isinstance(values, list) else [values]:
                    yield Datapoint(
                        time,
                        directive["Namespace"],
                        metric["Name"],
                        dimensions,
                        float(value),
                        metric.get("Unit", "None"),
                    )


def _of_functions(cloud: Cloud, place: str) -> Iterator[Datapoint]:
    """https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html."""
    for each in cloud.functions.mishaps:
        if place in each.function_arn:
            function = {"FunctionName": each.function_arn.split(":")[6]}
            yield Datapoint(each.time, "AWS/Lambda", each.metric, function, 1.0, "Count")


def _given_up(cloud: Cloud, place: str) -> Iterator[Datapoint]:
    for lost in cloud.events.undelivered:
        if place not in lost.source_arn:
            continue
        kind, *names = lost.source_arn.split(":", 5)[5].split("/")
        if kind == "rule":
            # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
            rule = {"RuleName": names[-1], **({"EventBusName": names[0]} if names[1:] else {})}
            yield Datapoint(lost.time, "AWS/Events", "FailedInvocations", rule, 1.0, "Count")
        elif kind == "schedule":
            group = {"ScheduleGroup": names[0]}
            yield Datapoint(
                lost.time, "AWS/Scheduler", "InvocationDroppedCount", group, 1.0, "Count"
            )


# The only AWS metrics that `datapoints` includes.
COUNTED = {
    ("AWS/Events", "FailedInvocations"),
    ("AWS/Lambda", "AsyncEventsDropped"),
    ("AWS/Lambda", "DestinationDeliveryFailures"),
    ("AWS/Lambda", "Errors"),
    ("AWS/Lambda", "Throttles"),
    ("AWS/Scheduler", "InvocationDroppedCount"),
}

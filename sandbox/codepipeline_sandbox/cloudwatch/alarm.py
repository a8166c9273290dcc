"""AWS::CloudWatch::Alarm, which moto's CloudFormation does not support."""

from __future__ import annotations

from typing import Any, Self

from moto.cloudwatch.models import (
    Dimension,
    Metric,
    MetricDataQuery,
    MetricStat,
    cloudwatch_backends,
)

from codepipeline_sandbox.kernel.stack_resource import StackResource

TYPE = "AWS::CloudWatch::Alarm"
PROPERTIES = frozenset(
    {
        "AlarmActions",
        "AlarmDescription",
        "AlarmName",
        "ComparisonOperator",
        "DatapointsToAlarm",
        "Dimensions",
        "EvaluationPeriods",
        "MetricName",
        "Metrics",
        "Namespace",
        "OKActions",
        "Period",
        "Statistic",
        "Threshold",
        "TreatMissingData",
    }
)


class AlarmResource(StackResource):
    """An alarm as a resource in a stack."""

    resource_type = TYPE
    backends = cloudwatch_backends
    name_property = "AlarmName"
    attributes = frozenset({"Arn"})

    @classmethod
    def create(cls, backend: Any, name: str, properties: dict[str, Any]) -> Self:
        """Create the alarm, or replace its settings."""
        alarm = backend.put_metric_alarm(name=name, **_settings(properties))
        return cls(name, Arn=alarm.alarm_arn)

    def delete_from(self, backend: Any) -> None:
        """Delete the alarm."""
        backend.delete_alarms([self.physical_resource_id])


def _settings(properties: dict[str, Any]) -> dict[str, Any]:
    datapoints = properties.get("DatapointsToAlarm")
    return {
        "namespace": properties.get("Namespace"),
        "metric_name": properties.get("MetricName"),
        "dimensions": properties.get("Dimensions", []),
        "statistic": properties.get("Statistic"),
        "period": int(properties["Period"]) if "Period" in properties else None,
        "metric_data_queries": [_query(each) for each in properties.get("Metrics", [])],
        "comparison_operator": properties["ComparisonOperator"],
        "threshold": float(properties["Threshold"]),
        "evaluation_periods": int(properties["EvaluationPeriods"]),
        "datapoints_to_alarm": None if datapoints is None else int(datapoints),
        "treat_missing_data": properties.get("TreatMissingData"),
        "description": properties.get("AlarmDescription"),
        "alarm_actions": properties.get("AlarmActions", []),
        "ok_actions": properties.get("OKActions", []),
    }


def _query(query: dict[str, Any]) -> MetricDataQuery:
    stat = None
    if metric_stat := query.get("MetricStat"):
        metric = metric_stat["Metric"]
        dimensions = [Dimension(each["Name"], each["Value"]) for each in metric["Dimensions"]]
        named = Metric(metric["MetricName"], metric["Namespace"], dimensions)
        stat = MetricStat(
            named, str(metric_stat["Period"]), metric_stat["Stat"], metric_stat.get("Unit")
        )
    return MetricDataQuery(
        query_id=query["Id"],
        label=query.get("Label"),
        period=query.get("Period"),
        return_data=query.get("ReturnData", True),
        expression=query.get("Expression"),
        metric_stat=stat,
    )

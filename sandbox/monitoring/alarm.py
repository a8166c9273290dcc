"""AWS::CloudWatch::Alarm, which moto's CloudFormation does not know."""

from __future__ import annotations

from typing import Any

from moto.cloudformation import parsing
from moto.cloudwatch.models import (
    Alarm,
    Dimension,
    Metric,
    MetricDataQuery,
    MetricStat,
    cloudwatch_backends,
)
from moto.core.common_models import CloudFormationModel

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


class AlarmResource(CloudFormationModel):  # type: ignore[misc]
    """An alarm as a resource of a stack."""

    def __init__(self, alarm: Alarm) -> None:
        self.physical_resource_id = alarm.name
        self._arn = alarm.alarm_arn

    @staticmethod
    def cloudformation_name_type() -> str:
        """The property that names the resource."""
        return "AlarmName"

    @staticmethod
    def cloudformation_type() -> str:
        """The resource's type."""
        return TYPE

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Whether Fn::GetAtt knows the attribute."""
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """The attribute's value. KeyError for one that there is not."""
        return str({"Arn": self._arn}[attribute_name])

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> AlarmResource:
        """Create the alarm."""
        backend = cloudwatch_backends[account_id][region_name]
        settings = _settings(cloudformation_json["Properties"])
        return cls(backend.put_metric_alarm(name=resource_name, **settings))

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: AlarmResource,
        new_resource_name: str,  # noqa: ARG003 - moto's signature
        cloudformation_json: dict[str, Any],
        account_id: str,
        region_name: str,
    ) -> AlarmResource:
        """Replace the alarm's settings."""
        name = original_resource.physical_resource_id
        return cls.create_from_cloudformation_json(
            name, cloudformation_json, account_id, region_name
        )

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the alarm."""
        cloudwatch_backends[account_id][region_name].delete_alarms([self.physical_resource_id])


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
    if told := query.get("MetricStat"):
        metric = told["Metric"]
        dimensions = [Dimension(each["Name"], each["Value"]) for each in metric["Dimensions"]]
        named = Metric(metric["MetricName"], metric["Namespace"], dimensions)
        stat = MetricStat(named, str(told["Period"]), told["Stat"], told.get("Unit"))
    return MetricDataQuery(
        query_id=query["Id"],
        label=query.get("Label"),
        period=query.get("Period"),
        return_data=query.get("ReturnData", True),
        expression=query.get("Expression"),
        metric_stat=stat,
    )


def install() -> None:
    """Let stacks have this resource."""
    parsing.get_model_map()[TYPE] = AlarmResource
    parsing.get_name_type_map()[TYPE] = AlarmResource.cloudformation_name_type()

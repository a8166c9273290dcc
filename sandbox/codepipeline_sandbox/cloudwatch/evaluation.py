"""Computes the state of an alarm from the world's metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import cloudwatch_backends

from codepipeline_sandbox.cloudwatch.expressions import NotCalculated, Series, calculate
from codepipeline_sandbox.cloudwatch.metrics import COUNTED, Datapoint, datapoints
from codepipeline_sandbox.kernel.here import current

if TYPE_CHECKING:
    from moto.cloudwatch.models import Alarm, MetricDataQuery


class NotEvaluated(Exception):
    """The sandbox cannot determine the state of this alarm."""


@dataclass(frozen=True)
class _Sum:
    """The sums of a metric over periods of `period` seconds."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    period: int

    def series(self, points: Sequence[Datapoint], periods: Sequence[float]) -> Series:
        """Return the sum of each period, or None for a period without a value."""
        return [
            sum(values) if values else None
            for start in periods
            for values in [[each.value for each in points if self._has(each, start)]]
        ]

    def _has(self, point: Datapoint, start: float) -> bool:
        return (
            start <= point.time < start + self.period
            and (point.namespace, point.name) == (self.namespace, self.name)
            and point.dimensions == self.dimensions
        )


def evaluate(account_id: str, region: str, name: str, *, at: float | None = None) -> str:
    """Update an alarm's state and return it: "OK" or "ALARM".

    The evaluation covers the periods up to `at` (epoch seconds, default: now). Only this function
    changes the state, and alarm actions are not run. Raises NotEvaluated for unsupported features.
    """
    alarm = cloudwatch_backends[account_id][region].alarms[name]
    asked = (alarm.comparison_operator, alarm.treat_missing_data)
    if asked != ("GreaterThanOrEqualToThreshold", "notBreaching"):
        raise NotEvaluated(f"{alarm.name}: the sandbox does not support {asked}.")
    now = current().world.now if at is None else at
    points = [each for each in datapoints(current(), account_id, region) if each.time <= now]
    values = _calculated(alarm, points, now)
    breaching = sum(1 for value in values if value is not None and value >= alarm.threshold)
    needed = alarm.datapoints_to_alarm or alarm.evaluation_periods
    state = "ALARM" if breaching >= needed else "OK"
    if state != alarm.state_value:
        alarm.update_state(f"{breaching} of {len(values)} datapoints {values}", "{}", state)
    return state


def _calculated(alarm: Alarm, points: Sequence[Datapoint], now: float) -> Series:
    queries: list[MetricDataQuery] = alarm.metric_data_queries
    if not queries:
        one = _sum_of(alarm, alarm, alarm.statistic, alarm.period)
        return one.series(points, _periods(now, one.period, alarm.evaluation_periods))
    sums = {
        each.id: _sum_of(alarm, stat.metric, stat.stat, stat.period)
        for each in queries
        if (stat := each.metric_stat) is not None
    }
    (expression,) = _the_one([each.expression for each in queries if each.expression], alarm)
    (period,) = _the_one({each.period for each in sums.values()}, alarm)
    periods = _periods(now, period, alarm.evaluation_periods)
    named = {name: one.series(points, periods) for name, one in sums.items()}
    try:
        return calculate(expression, named)
    except NotCalculated as error:
        raise NotEvaluated(f"{alarm.name}: {error}.") from error


def _sum_of(alarm: Alarm, metric: Any, statistic: str, period: Any) -> _Sum:
    named = (metric.namespace, metric.metric_name)
    if metric.namespace.startswith("AWS/") and named not in COUNTED:
        raise NotEvaluated(f"{alarm.name}: the sandbox does not record {named}.")
    if statistic != "Sum":
        raise NotEvaluated(f"{alarm.name}: the sandbox does not support {statistic!r}.")
    dimensions = {each.name: each.value for each in metric.dimensions}
    return _Sum(*named, dimensions, int(period))


def _the_one(found: Any, alarm: Alarm) -> Any:
    if len(found) != 1:
        raise NotEvaluated(
            f"{alarm.name}: the sandbox only supports one expression with a single period."
        )
    return found


def _periods(now: float, seconds: int, how_many: int) -> list[float]:
    """The start times of the periods. The last period is still in progress."""
    last = now - now % seconds
    return [last - seconds * back for back in reversed(range(how_many))]

"""The state of an alarm, from the metrics of what has happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import cloudwatch_backends

from sandbox.here import current
from sandbox.monitoring.expressions import NotCalculated, Series, calculate
from sandbox.monitoring.metrics import COUNTED, Datapoint, datapoints

if TYPE_CHECKING:
    from moto.cloudwatch.models import Alarm, MetricDataQuery


class NotEvaluated(Exception):
    """The sandbox cannot tell the state of such an alarm."""


@dataclass(frozen=True)
class _Sum:
    """What an alarm adds up over periods of so many seconds."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    period: int

    def series(self, points: Sequence[Datapoint], periods: Sequence[float]) -> Series:
        """The sum of each period; None for one without a value."""
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
    """Bring an alarm's state up to date, and return it: "OK" or "ALARM".

    It looks at the periods up to that of the moment (epoch seconds), or the present one. Nothing
    happens by itself when time goes by, and no action is taken. Raises NotEvaluated for what it
    does not imitate.
    """
    alarm = cloudwatch_backends[account_id][region].alarms[name]
    asked = (alarm.comparison_operator, alarm.treat_missing_data)
    if asked != ("GreaterThanOrEqualToThreshold", "notBreaching"):
        raise NotEvaluated(f"{alarm.name}: the sandbox does not know {asked}.")
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
    """The values that the alarm compares with its threshold."""
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
    """What is added up, of an alarm or a query of one; NotEvaluated for what is not counted."""
    named = (metric.namespace, metric.metric_name)
    if metric.namespace.startswith("AWS/") and named not in COUNTED:
        raise NotEvaluated(f"{alarm.name}: the sandbox does not count {named}.")
    if statistic != "Sum":
        raise NotEvaluated(f"{alarm.name}: the sandbox does not know {statistic!r}.")
    dimensions = {each.name: each.value for each in metric.dimensions}
    return _Sum(*named, dimensions, int(period))


def _the_one(found: Any, alarm: Alarm) -> Any:
    if len(found) != 1:
        raise NotEvaluated(
            f"{alarm.name}: the sandbox calculates one expression of metrics with one period."
        )
    return found


def _periods(now: float, seconds: int, how_many: int) -> list[float]:
    """Where the periods begin, the last of which is going on."""
    last = now - now % seconds
    return [last - seconds * back for back in reversed(range(how_many))]

"""The state of an alarm, from the metrics of what has happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import cloudwatch_backends

from sandbox.here import current
from sandbox.monitoring.metrics import COUNTED, datapoints

if TYPE_CHECKING:
    from moto.cloudwatch.models import Alarm

    from sandbox.monitoring.metrics import Datapoint


class NotEvaluated(Exception):
    """The sandbox cannot tell the state of such an alarm."""


def evaluate(account_id: str, region: str, name: str, *, at: float | None = None) -> str:
    """Bring an alarm's state up to date, and return it: "OK" or "ALARM".

    It looks at the periods up to that of the moment (epoch seconds), or the present one. Nothing
    happens by itself when time goes by, and no action is taken. Raises NotEvaluated for what it
    does not imitate.
    """
    alarm = cloudwatch_backends[account_id][region].alarms[name]
    _check(alarm)
    now = current().world.now if at is None else at
    points = [
        each
        for each in datapoints(current(), account_id, region)
        if each.time <= now and _is_of(alarm, each)
    ]
    sums = [
        sum(each.value for each in points if start <= each.time < start + alarm.period)
        for start in _periods(now, alarm.period, alarm.evaluation_periods)
    ]
    breaching = sum(1 for value in sums if value >= alarm.threshold)
    needed = alarm.datapoints_to_alarm or alarm.evaluation_periods
    state = "ALARM" if breaching >= needed else "OK"
    if state != alarm.state_value:
        alarm.update_state(f"{breaching} of {len(sums)} datapoints {sums}", "{}", state)
    return state


def _check(alarm: Alarm) -> None:
    metric = (alarm.namespace, alarm.metric_name)
    if alarm.metric_data_queries:
        raise NotEvaluated(f"{alarm.name}: the sandbox does not calculate with metrics.")
    if alarm.namespace.startswith("AWS/") and metric not in COUNTED:
        raise NotEvaluated(f"{alarm.name}: the sandbox does not count {metric}.")
    asked = (alarm.statistic, alarm.comparison_operator, alarm.treat_missing_data)
    if asked != ("Sum", "GreaterThanOrEqualToThreshold", "notBreaching"):
        raise NotEvaluated(f"{alarm.name}: the sandbox does not know {asked}.")


def _is_of(alarm: Alarm, point: Datapoint) -> bool:
    dimensions = {each.name: each.value for each in alarm.dimensions}
    asked: tuple[Any, ...] = (alarm.namespace, alarm.metric_name, dimensions)
    return asked == (point.namespace, point.name, point.dimensions)


def _periods(now: float, seconds: int, how_many: int) -> list[float]:
    """Where the periods begin, the last of which is going on."""
    last = now - now % seconds
    return [last - seconds * back for back in reversed(range(how_many))]

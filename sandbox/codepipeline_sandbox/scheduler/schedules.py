"""The EventBridge Scheduler backend, which makes moto's schedules fire."""

from __future__ import annotations

from typing import Any

import moto.scheduler.urls
from moto.scheduler import models as moto_scheduler
from moto.scheduler.exceptions import ValidationException

from codepipeline_sandbox.eventbridge import schedule_expressions
from codepipeline_sandbox.eventbridge.attempts import attempt
from codepipeline_sandbox.eventbridge.cron import InvalidSchedule
from codepipeline_sandbox.eventbridge.events import current_events
from codepipeline_sandbox.eventbridge.schedule_expressions import NextFiring
from codepipeline_sandbox.eventbridge.targets import is_arn
from codepipeline_sandbox.kernel import here
from codepipeline_sandbox.kernel.protocols import AccessDenied, Delivery
from codepipeline_sandbox.scheduler import schedule_target


class SchedulerBackend(moto_scheduler.EventBridgeSchedulerBackend):  # type: ignore[misc]
    """EventBridge Scheduler in one account and Region."""

    _url_module = moto.scheduler.urls

    def create_schedule(self, **settings: Any) -> Any:
        """Create a schedule. Raises ValidationException if AWS would refuse it."""
        _check(settings, self)
        schedule = super().create_schedule(**settings)
        # https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
        is_rate = schedule.schedule_expression.startswith("rate(")
        self._arm(schedule, immediately=is_rate and not schedule.start_date)
        return schedule

    def update_schedule(self, **settings: Any) -> Any:
        """Replace a schedule's settings."""
        _check(settings, self)
        schedule = super().update_schedule(**settings)
        self._arm(schedule)
        return schedule

    def delete_schedule(self, group_name: str | None, name: str) -> None:
        """Delete a schedule, so it no longer fires."""
        arn = self.get_schedule(group_name, name).arn
        super().delete_schedule(group_name, name)
        current_events().timetable.disarm(arn)

    def _arm(self, schedule: Any, *, immediately: bool = False) -> None:
        next_after = _next_after(schedule)

        def fire(time: float) -> None:
            if schedule.state != "DISABLED":
                window = schedule.flexible_time_window.get("MaximumWindowInMinutes", 0) * 60
                world = here.current().world
                world.after(world.random.uniform(0, window), lambda: _deliver(schedule, time))
            done = schedule.action_after_completion == "DELETE" and next_after(time) is None
            if done:
                self.delete_schedule(schedule.group_name, schedule.name)

        timetable = current_events().timetable
        timetable.arm(schedule.arn, next_after, fire, immediately=immediately)


def _next_after(schedule: Any) -> NextFiring:
    start = float(schedule.start_date or 0)
    end = float(schedule.end_date or "inf")
    fires = schedule_expressions.parse(
        schedule.schedule_expression,
        schedule.schedule_expression_timezone,
        start=start or here.current().world.now,
    )

    def next_after(moment: float) -> float | None:
        # A rate with a start date first fires on that date.
        time = fires(max(moment, start - 1))
        return time if time is not None and time <= end else None

    return next_after


def _deliver(schedule: Any, time: float) -> None:
    target = schedule.target["Arn"]
    _, _, _, region, account_id, _ = schedule.arn.split(":", 5)
    delivery = Delivery("schedule", account_id, region, target=target)
    here.current().faults.deliver(delivery, lambda: _invoke(schedule, time))


def _invoke(schedule: Any, time: float) -> None:
    cloud, target = here.current(), schedule.target

    def action(number: int) -> None:
        schedule_target.start(cloud, schedule, target, time, number)

    def give_up(reason: str) -> None:
        current_events().give_up(schedule.arn, target["Arn"], reason)

    attempt(cloud.world, action, target, give_up)


def _check(settings: dict[str, Any], backend: SchedulerBackend) -> None:
    target = settings["target"]
    group = backend.get_schedule_group(settings["group_name"])
    try:
        schedule_expressions.parse(
            settings["schedule_expression"], settings["schedule_expression_timezone"] or "UTC"
        )
    except InvalidSchedule as error:
        raise ValidationException(f"Invalid Schedule Expression {error}.") from error
    for given in (target["Arn"], target["RoleArn"]):
        if not is_arn(given):
            raise ValidationException("Provided Arn is not in correct format.")
    if not schedule_target.is_supported(target["Arn"], backend.account_id, backend.region_name):
        raise ValidationException(f"The sandbox does not support the target {target['Arn']}.")
    if target.get("DeadLetterConfig"):
        raise ValidationException("The sandbox does not support DeadLetterConfig.")
    schedule_target.check_input(target)
    try:
        schedule_target.require_role(here.current().access, target["RoleArn"], group.arn)
    except AccessDenied as error:
        raise ValidationException(str(error)) from error

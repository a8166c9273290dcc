"""Amazon EventBridge Scheduler: schedules that start functions, state machines and pipelines."""

from __future__ import annotations


def install() -> None:
    """Make moto's Scheduler use our backend. Idempotent."""
    from moto.scheduler.models import scheduler_backends  # noqa: PLC0415 - moto is slow to import

    from codepipeline_sandbox.scheduler.schedule_group import ScheduleGroupResource  # noqa: PLC0415
    from codepipeline_sandbox.scheduler.schedule_resource import ScheduleResource  # noqa: PLC0415
    from codepipeline_sandbox.scheduler.schedules import SchedulerBackend  # noqa: PLC0415

    scheduler_backends.backend = SchedulerBackend
    ScheduleResource.install()
    ScheduleGroupResource.install()

"""Amazon EventBridge Scheduler: schedules that start functions, state machines and pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.patches import Patches


def install(patches: Patches) -> None:
    """Make moto's Scheduler use our backend."""
    from moto.scheduler.models import scheduler_backends  # noqa: PLC0415 - moto is slow to import

    from codepipeline_sandbox.scheduler.schedule_group import ScheduleGroupResource  # noqa: PLC0415
    from codepipeline_sandbox.scheduler.schedule_resource import ScheduleResource  # noqa: PLC0415
    from codepipeline_sandbox.scheduler.schedules import SchedulerBackend  # noqa: PLC0415

    patches.attribute(scheduler_backends, "backend", SchedulerBackend)
    ScheduleResource.install(patches)
    ScheduleGroupResource.install(patches)

"""Who takes part in the demonstration: three accounts, their pipelines, the product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.codepipeline import Act, script
from sandbox.company import REGION, SECOND, THIRD, TOOLS, Action, Company

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

RELEASE = "release"
TARGET = "target-pipeline-name"
SCHEDULED = "MyFirstPipeline"
SCHEDULE = "cron(0 11 ? * MON-FRI *)"
TIME_ZONE = "Europe/Berlin"

# What the README of aws-codepipeline-waiter shows, with account ids of 12 digits.
WAIT_FOR_SECOND = f"""\
{{
"targetname":"target-pipeline-name", #Required
"assumerolearn":"arn:aws:iam::{SECOND}:role/example-role-for-target-pipeline-name", #Required
"trigger": false #Optional. Defaults to false
}}
"""
START_IN_THIRD = f"""\
{{
"targetname":"target-pipeline-name", #Required
"assumerolearn":"arn:aws:iam::{THIRD}:role/example-role-for-target-pipeline-name", #Required
"trigger": true #Optional. Defaults to false
}}
"""

PIPELINES = ((TOOLS, RELEASE), (SECOND, TARGET), (THIRD, TARGET), (TOOLS, SCHEDULED))

_MINUTE = 60.0
FAILURE = "3 of 8 hosts are not healthy"


def build(cloud: Cloud) -> Company:
    """Deploy the product and the target roles, and create the pipelines."""
    company = Company(
        cloud,
        TargetRoleName="example-role-for-target-pipeline-name",
        SchedulePipelineName=SCHEDULED,
        ScheduleExpression=SCHEDULE,
        ScheduleTimezone=TIME_ZONE,
    )
    rollout = {SECOND: Act(4 * _MINUTE), THIRD: Act(150, "Failed", "JobFailed", FAILURE)}
    for account, act in rollout.items():
        company.add_pipeline(
            TARGET,
            {
                "Build": [Action("Compile", [Act(2 * _MINUTE)])],
                "Deploy": [Action("Rollout", [act])],
            },
            account=account,
        )
    company.add_pipeline(
        RELEASE,
        {
            "Wait": [company.waiting_action("WaitForTarget", WAIT_FOR_SECOND)],
            "Trigger": [company.waiting_action("StartTarget", START_IN_THIRD)],
        },
    )
    company.add_pipeline(
        SCHEDULED,
        {
            "Build": [Action("Package", [Act(_MINUTE)])],
            "Publish": [Action("Upload", [Act(_MINUTE)])],
        },
    )
    return company


def mend() -> None:
    """Make the hosts in the third account healthy: its next rollout succeeds."""
    script(THIRD, REGION, TARGET, "Deploy", "Rollout", [Act(2 * _MINUTE)])

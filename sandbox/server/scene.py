"""What there is to try: the product, and pipelines of different lengths, one of which fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.codepipeline import Act
from sandbox.company import REGION, SECOND, THIRD, Action, Company

if TYPE_CHECKING:
    from sandbox.cloud import Cloud

RELEASE = "release"
LOCAL = "MyFirstPipeline"
WEB = "web"
DATABASE = "database"

_NOT_MIGRATED = "the migration 0042 does not apply: column 'email' exists already"


def build(cloud: Cloud, *, empty: bool = False) -> Company:
    """Deploy the product, and unless `empty` the pipelines."""
    company = Company(cloud, LocalPipelineNames=LOCAL)
    if not empty:
        _add_targets(company)
        _add_release(company)
    return company


def _add_targets(company: Company) -> None:
    company.add_pipeline(
        WEB,
        {"Build": [Action("Compile", [Act(20)])], "Deploy": [Action("Rollout", [Act(40)])]},
        account=SECOND,
    )
    # Fails the first time, for the release to be retried.
    migrations = [Act(15, "Failed", "JobFailed", _NOT_MIGRATED), Act(15)]
    company.add_pipeline(
        DATABASE,
        {"Check": [Action("Backup", [Act(10)])], "Migrate": [Action("Migrate", migrations)]},
        account=THIRD,
    )
    company.add_pipeline(LOCAL, {"Build": [Action("Package", [Act(20)])]})


def _add_release(company: Company) -> None:
    company.add_pipeline(
        RELEASE,
        {
            stage: [company.waiting_action(f"Start{stage}", _starting(company, name, account))]
            for stage, name, account in (("Database", DATABASE, THIRD), ("Web", WEB, SECOND))
        },
    )


def _starting(company: Company, name: str, account: str) -> dict[str, str]:
    return {"pipelineName": name, "roleArn": company.target_roles[account], "region": REGION}

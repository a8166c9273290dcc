"""Names that the demonstration's scenario (scenarios/demonstration.yaml) uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.company import SECOND, THIRD, TOOLS
from playground.scenarios.loading import find
from playground.scenarios.play import Play, play

if TYPE_CHECKING:
    from codepipeline_sandbox.cloud import Cloud
    from playground.company import Company

RELEASE = "release"
TARGET = "target-pipeline-name"
SCHEDULED = "MyFirstPipeline"
SCHEDULE = "cron(0 11 ? * MON-FRI *)"
TIME_ZONE = "Europe/Berlin"
FAILURE = "3 of 8 hosts are not healthy"

PIPELINES = ((TOOLS, RELEASE), (SECOND, TARGET), (THIRD, TARGET), (TOOLS, SCHEDULED))


def build(cloud: Cloud) -> Play:
    """Deploy the product and the target roles, create the pipelines and start the scenario."""
    return play(find("demonstration"), cloud)


def company_of(played: Play) -> Company:
    """Return the company in which the demonstration's product is deployed."""
    assert played.company is not None
    return played.company

"""The scenario that the server serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline import Settings, settings
from playground.scenarios.loading import find
from playground.scenarios.model import Scenario

if TYPE_CHECKING:
    from playground.scenarios.model import Pipeline

DEFAULT = "releases"
# Settings for a served scenario, which the scenario can override. Events can take 10 seconds to
# arrive, as recorded on 2026-02-24 (https://github.com/superplanehq/superplane).
SERVED = {"create_starts_execution": True, "event_spread": 9.5}


def scenario(name: str | None, *, empty: bool) -> Scenario:
    """Load the scenario with this name or path, or the default one.

    Raises ScenarioMistakes if the scenario is invalid.
    """
    return Scenario("") if empty else find(name or DEFAULT)


def behave_as_on_aws(served: Scenario) -> None:
    """Apply the settings. Call this after creating the pipelines, which would otherwise start."""
    settings.use(Settings(**{**SERVED, **served.settings}))


def main_pipeline(served: Scenario) -> Pipeline | None:
    """Choose the pipeline for the suggested commands: one that starts others, or else the first."""
    asking = [pipeline for pipeline in served.pipelines if pipeline.runs]
    return next(iter([*asking, *served.pipelines]), None)


def started_by(served: Scenario, pipeline: Pipeline) -> dict[str, Pipeline]:
    """The pipelines that this pipeline starts through the product, by stage."""
    by_key = {each.key: each for each in served.pipelines}
    return {
        stage: by_key[run.target]
        for (stage, _), run in pipeline.runs.items()
        if run.target is not None
    }


def fails_at_first(pipeline: Pipeline) -> str | None:
    """Find the stage with an action that fails the first time and succeeds later."""
    for (stage, _), acts in pipeline.acts.items():
        if acts[0].outcome == "Failed" and any(act.outcome == "Succeeded" for act in acts):
            return stage
    return None


def started_directly(served: Scenario) -> str | None:
    """Find a pipeline in the product's account that a run can target directly."""
    names = served.product.get("LocalPipelineNames", "").split(",")
    names += [run.target.name for run in served.runs if run.target and not run.target.is_elsewhere]
    here = {each.key.name for each in served.pipelines if not each.key.is_elsewhere}
    return next((name for name in names if name in here), None)

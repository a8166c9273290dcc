"""What CodePipeline stores in one account and Region: pipelines, jobs and scripts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from codepipeline_sandbox.codepipeline.exceptions import PipelineNotFoundException

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.acts import Script
    from codepipeline_sandbox.codepipeline.declaration.custom_types import CustomActionType, Key
    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun
    from codepipeline_sandbox.codepipeline.engine.jobs import Job
    from codepipeline_sandbox.codepipeline.engine.pipelines import Pipeline
    from codepipeline_sandbox.codepipeline.engine.provider import Provider


class Backend(ABC):
    """The stored data. The operations on it are in the `*_operations` modules."""

    account_id: str
    region_name: str
    partition: str

    def __init__(self) -> None:
        self.pipelines: dict[str, Pipeline] = {}
        self.jobs: dict[str, Job] = {}
        self.custom_types: dict[Key, CustomActionType] = {}
        # Indexed by pipeline, stage and action.
        self.scripts: dict[tuple[str, str, str], Script] = {}
        # indexed by pipeline, stage, condition and rule
        self.rule_scripts: dict[tuple[str, str, str, str], Script] = {}

    @abstractmethod
    def in_region(self, region: str) -> Backend:
        """Return the same account's CodePipeline in another Region."""

    @abstractmethod
    def provider_of(self, run: ActionRun) -> Provider:
        """Return the provider that performs the action."""

    def pipeline(self, name: str) -> Pipeline:
        """Return the pipeline with this name. Raises PipelineNotFoundException."""
        if name not in self.pipelines:
            raise PipelineNotFoundException(self.account_id, name)
        return self.pipelines[name]

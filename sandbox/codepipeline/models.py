"""CodePipeline's data. The operations on it are in the modules `*_operations`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.base_backend import BackendDict, BaseBackend

from sandbox.codepipeline.exceptions import PipelineNotFoundException

if TYPE_CHECKING:
    from sandbox.codepipeline.custom_types import CustomActionType, Key
    from sandbox.codepipeline.jobs import Job
    from sandbox.codepipeline.pipelines import Pipeline
    from sandbox.codepipeline.scripts import Script


class CodePipelineBackend(BaseBackend):  # type: ignore[misc]
    """The pipelines, jobs and scripts of one account and Region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.pipelines: dict[str, Pipeline] = {}
        self.jobs: dict[str, Job] = {}
        self.custom_types: dict[Key, CustomActionType] = {}
        # indexed by pipeline, stage and action
        self.scripts: dict[tuple[str, str, str], Script] = {}
        # indexed by pipeline, stage, condition and rule
        self.rule_scripts: dict[tuple[str, str, str, str], Script] = {}

    def in_region(self, region: str) -> CodePipelineBackend:
        """Return the same account's CodePipeline in another Region."""
        backend: CodePipelineBackend = codepipeline_backends[self.account_id][region]
        return backend

    def pipeline(self, name: str) -> Pipeline:
        """Return the pipeline with this name. Raises PipelineNotFoundException."""
        if name not in self.pipelines:
            raise PipelineNotFoundException(self.account_id, name)
        return self.pipelines[name]


codepipeline_backends = BackendDict(CodePipelineBackend, "codepipeline")

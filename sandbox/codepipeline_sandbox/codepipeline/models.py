"""CodePipeline in one account and Region, as a moto backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.core.base_backend import BackendDict, BaseBackend

from codepipeline_sandbox.codepipeline.engine.backend import Backend
from codepipeline_sandbox.codepipeline.providers import providers

if TYPE_CHECKING:
    from codepipeline_sandbox.codepipeline.engine.actions import ActionRun
    from codepipeline_sandbox.codepipeline.engine.provider import Provider


class CodePipelineBackend(BaseBackend, Backend):  # type: ignore[misc]
    """CodePipeline with the providers of the sandbox."""

    def __init__(self, region_name: str, account_id: str) -> None:
        BaseBackend.__init__(self, region_name, account_id)
        Backend.__init__(self)

    def in_region(self, region: str) -> CodePipelineBackend:
        """Return the same account's CodePipeline in another Region."""
        backend: CodePipelineBackend = codepipeline_backends[self.account_id][region]
        return backend

    def provider_of(self, run: ActionRun) -> Provider:
        """Return the provider that performs the action."""
        return providers.provider_of(run)


codepipeline_backends = BackendDict(CodePipelineBackend, "codepipeline")

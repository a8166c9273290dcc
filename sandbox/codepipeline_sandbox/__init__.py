"""An embedded AWS for tests of CodePipeline actions, Lambda functions and state machines.

It runs in one process, with its own clock. Importing this package is fast and changes nothing.
Closing a cloud undoes its changes to other packages.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.codepipeline import Act, Settings, rule_script, script
from codepipeline_sandbox.codepipeline.settings import use as use_settings
from codepipeline_sandbox.kernel.world import World
from codepipeline_sandbox.pipelines import (
    ALLOW_ALL,
    SOURCE_STAGE,
    Action,
    Pipeline,
    add_pipeline,
    pipeline_role,
)

if TYPE_CHECKING:
    from codepipeline_sandbox.cloudformation import DeploymentFailed, Stack, deploy
    from codepipeline_sandbox.faults import (
        CallFault,
        DeliveryFault,
        InvalidFault,
        InvocationFault,
    )
else:
    # These modules load moto, which takes a second.
    _LATER = {
        **dict.fromkeys(("DeploymentFailed", "Stack", "deploy"), "cloudformation"),
        **dict.fromkeys(
            ("CallFault", "DeliveryFault", "InvalidFault", "InvocationFault"), "faults"
        ),
    }

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "ALLOW_ALL",
    "SOURCE_STAGE",
    "Act",
    "Action",
    "CallFault",
    "Cloud",
    "DeliveryFault",
    "DeploymentFailed",
    "InvalidFault",
    "InvocationFault",
    "Pipeline",
    "Settings",
    "Stack",
    "World",
    "add_pipeline",
    "deploy",
    "pipeline_role",
    "rule_script",
    "script",
    "use_settings",
]

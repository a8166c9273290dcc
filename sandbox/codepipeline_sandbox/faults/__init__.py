"""Injects faults into a cloud. The cloud's seed makes them repeatable.

cloud.faults.add(CallFault("throttled", "codepipeline:GetPipelineExecution", chance=0.5))
"""

from __future__ import annotations

from codepipeline_sandbox.faults.checks import InvalidFault
from codepipeline_sandbox.faults.faults import Faults
from codepipeline_sandbox.faults.kinds import CallFault, DeliveryFault, InvocationFault
from codepipeline_sandbox.kernel.protocols import Strike

__all__ = [
    "CallFault",
    "DeliveryFault",
    "Faults",
    "InvalidFault",
    "InvocationFault",
    "Strike",
]

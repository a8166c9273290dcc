"""Injects faults into the AWS of a world. The world's seed makes them repeatable.

cloud.faults.add(CallFault("throttled", "codepipeline:GetPipelineExecution", chance=0.5))
"""

from __future__ import annotations

from sandbox.faults.checks import InvalidFault
from sandbox.faults.faults import Faults
from sandbox.faults.kinds import CallFault, DeliveryFault, InvocationFault
from sandbox.services import Strike

__all__ = [
    "CallFault",
    "DeliveryFault",
    "Faults",
    "InvalidFault",
    "InvocationFault",
    "Strike",
]

"""The state that Powertools keeps in its modules and classes, if it is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.awslambda.places import Place
from codepipeline_sandbox.patches.virtual_time import datetime_module

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.kernel.world import World


if find_spec("aws_lambda_powertools") is None:

    def values(world: World) -> Mapping[Place, Any]:  # noqa: ARG001 - there is nothing to set
        """No values, because Powertools is not installed."""
        return {}

else:
    from aws_lambda_powertools.logging import logger
    from aws_lambda_powertools.metrics import Metrics, base
    from aws_lambda_powertools.metrics.provider import cold_start
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf import cloudwatch

    def values(world: World) -> Mapping[Place, Any]:
        """The values with which a new container begins."""
        return {
            Place(cloudwatch, "dt"): datetime_module(world),
            Place(base, "dt"): datetime_module(world),
            Place(logger, "is_cold_start"): True,
            Place(base, "is_cold_start"): True,
            Place(cold_start, "is_cold_start"): True,
            Place(Metrics, "_metrics"): {},
            Place(Metrics, "_dimensions"): {},
            Place(Metrics, "_metadata"): {},
            Place(Metrics, "_default_dimensions"): {},
        }

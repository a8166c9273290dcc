"""Logs and metrics.

`bind_run` adds the run's name to every log line. Handlers never log their event, because a job's
event contains credentials.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from codepipeline_orchestrator.errors import OrchestratorError

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_Returned = TypeVar("_Returned")
# Log lines are plain ASCII. This way, control characters in names or messages cannot affect a
# terminal, and half of a surrogate pair cannot break a line.
logger = Logger(json_serializer=partial(json.dumps, default=str, separators=(",", ":")))


def logged(
    handler: Callable[[dict[str, Any], LambdaContext], _Returned],
) -> Callable[[dict[str, Any], LambdaContext], _Returned]:
    """Add the invocation's context to a handler's log lines, and log its errors.

    The event is never logged, regardless of POWERTOOLS_LOGGER_LOG_EVENT.
    """

    @logger.inject_lambda_context(log_event=False, clear_state=True)
    @wraps(handler)
    def decorated(event: dict[str, Any], context: LambdaContext) -> _Returned:
        try:
            return handler(event, context)
        except OrchestratorError as error:
            logger.warning("the run cannot continue", error=type(error).__name__, reason=str(error))
            raise
        except Exception:
            logger.exception("the function failed")
            count("FunctionErrors", function=context.function_name)
            raise

    return decorated


def bind_run(run: str) -> None:
    """Add the run's name to every log line of this invocation, given its name or ARN."""
    logger.append_keys(run=run.rpartition(":")[2])


def count(name: str, *, by: Mapping[str, str] | None = None, **fields: Any) -> None:
    """Count one occurrence in CloudWatch, under the given dimensions.

    The run and the fields are only logged. The metric is written immediately, in case the function
    dies later.
    """
    _write(name, MetricUnit.Count, 1, by or {}, fields)


def measure(name: str, seconds: float) -> None:
    """Record a duration in CloudWatch."""
    _write(name, MetricUnit.Seconds, seconds, {}, {})


def _write(
    name: str, unit: MetricUnit, value: float, by: Mapping[str, str], fields: Mapping[str, Any]
) -> None:
    run = logger.get_current_keys().get("run")
    with single_metric(name=name, unit=unit, value=value) as metric:
        for dimension, of in by.items():
            metric.add_dimension(name=dimension, value=of)
        # CloudWatch charges for each value of a dimension as a separate metric. Fields are free.
        for field, said in {"run": run, **fields}.items():
            if said is not None:
                metric.add_metadata(field, said)

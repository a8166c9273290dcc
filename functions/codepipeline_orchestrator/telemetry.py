"""Logs and metrics.

The log line of a run carries its name; `bind_run` puts it there. Handlers never log their event:
a job's event holds credentials.
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
# Lines of plain ASCII: a terminal obeys nothing that somebody wrote into a name or a message, and
# half of a surrogate pair is no reason to lose the line.
logger = Logger(json_serializer=partial(json.dumps, default=str, separators=(",", ":")))


def logged(
    handler: Callable[[dict[str, Any], LambdaContext], _Returned],
) -> Callable[[dict[str, Any], LambdaContext], _Returned]:
    """Give a handler's log lines the invocation's context, and its errors a line with the run.

    The event is never logged, whatever POWERTOOLS_LOGGER_LOG_EVENT says.
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
    """Put the run's name on every line of this invocation, given the name or the ARN."""
    logger.append_keys(run=run.rpartition(":")[2])


def count(name: str, *, by: Mapping[str, str] | None = None, **fields: Any) -> None:
    """Count something once in CloudWatch, by dimensions; the run and the fields are only logged.

    Written at once, not at the end of the invocation: a function that dies later has counted.
    """
    _write(name, MetricUnit.Count, 1, by or {}, fields)


def measure(name: str, seconds: float) -> None:
    """Tell CloudWatch how long something took."""
    _write(name, MetricUnit.Seconds, seconds, {}, {})


def _write(
    name: str, unit: MetricUnit, value: float, by: Mapping[str, str], fields: Mapping[str, Any]
) -> None:
    run = logger.get_current_keys().get("run")
    with single_metric(name=name, unit=unit, value=value) as metric:
        for dimension, of in by.items():
            metric.add_dimension(name=dimension, value=of)
        # Each value of a dimension is a metric of its own, and paid for; a field costs nothing.
        for field, said in {"run": run, **fields}.items():
            if said is not None:
                metric.add_metadata(field, said)

"""The context object that handlers receive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codepipeline_sandbox.awslambda.function import Function
    from codepipeline_sandbox.kernel.world import World


@dataclass(frozen=True)
class LambdaContext:
    """The context of an invocation.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    function_name: str
    function_version: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    aws_request_id: str
    log_group_name: str
    log_stream_name: str
    _deadline: float
    _world: World
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        """The milliseconds of simulated time until the function times out."""
        return max(0, int((self._deadline - self._world.now) * 1000))


def context_of(
    function: Function, request_id: str, log_stream_name: str, deadline: float, world: World
) -> LambdaContext:
    """Create the context of an invocation that ends at `deadline` at the latest."""
    return LambdaContext(
        function_name=function.function_name,
        function_version=str(function.version),
        invoked_function_arn=function.function_arn,
        memory_limit_in_mb=str(function.memory_size),
        aws_request_id=request_id,
        log_group_name=function.logs_group_name,
        log_stream_name=log_stream_name,
        _deadline=deadline,
        _world=world,
    )

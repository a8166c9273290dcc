"""Invokes functions, synchronously and asynchronously. Implements `protocols.Functions`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends

from codepipeline_sandbox.awslambda import failures
from codepipeline_sandbox.awslambda.asynchronous import Event, EventQueue
from codepipeline_sandbox.awslambda.errors import (
    CannotInvoke,
    FunctionNotFound,
    TooManyRequests,
    refusal,
)
from codepipeline_sandbox.awslambda.function import Function
from codepipeline_sandbox.awslambda.pool import Lease, Pool
from codepipeline_sandbox.kernel.protocols import Mishap
from codepipeline_sandbox.kernel.world import Promise, TaskKilled

if TYPE_CHECKING:
    from codepipeline_sandbox.kernel.here import Cloud
    from codepipeline_sandbox.kernel.protocols import Invocation, LogLine
    from codepipeline_sandbox.kernel.world import Task


@dataclass(frozen=True)
class Done:
    """A completed invocation, including the lines that the function logged."""

    invocation: Invocation
    log: str


class Functions:
    """Finds and runs the functions in all accounts and Regions of a cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self.mishaps: list[Mishap] = []
        self._cloud = cloud
        self._pool = Pool(cloud)
        self._events = EventQueue(cloud, self)
        self._running: dict[Task, None] = {}  # serves as an ordered set

    @property
    def log_lines(self) -> list[LogLine]:
        """All lines that functions wrote, in order, even if their roles do not allow logging."""
        return self._pool.log_lines

    @property
    def discarded(self) -> list[Event]:
        """The events that Lambda discarded, including those sent to a destination."""
        return self._events.discarded

    @property
    def running(self) -> list[Task]:
        """The invocations in progress, in the order in which they started."""
        return list(self._running)

    def close(self) -> None:
        """End all invocations in progress."""
        for task in self.running:
            task.kill()

    def invoke(self, function_arn: str, payload: str) -> Promise[Invocation]:
        """Run the function once. The promise fails with CannotInvoke if the function cannot run."""
        result: Promise[Invocation] = Promise()
        try:
            done = self.run(self.find(function_arn), payload)
        except CannotInvoke as error:
            result.fail(error)
            return result

        def pass_on() -> None:
            try:
                result.resolve(done.result().invocation)
            except CannotInvoke as error:
                result.fail(error)

        done.then(pass_on)
        return result

    def invoke_async(self, function_arn: str, payload: str) -> None:
        """Queue an event. Raises FunctionNotFound, or RequestTooLarge for more than 1 MB."""
        self._events.put(self.find(function_arn), payload)

    def find(self, function_arn: str) -> Function:
        """Return the function with this ARN, which may have a qualifier.

        Raises FunctionNotFound.
        """
        _, _, _, region, account_id, *_ = function_arn.split(":")
        try:
            function = lambda_backends[account_id][region].get_function(function_arn)
        except UnknownFunctionException as error:
            raise FunctionNotFound(error.message) from error
        assert isinstance(function, Function)
        return function

    def run(self, function: Function, payload: str, request_id: str | None = None) -> Promise[Done]:
        """Run the function once. The promise fails with CannotInvoke if the function cannot run."""
        done: Promise[Done] = Promise()
        fault = self._cloud.faults.invocations.strike(
            function.account_id, function.region, function.function_name
        )
        try:
            if fault is not None and fault.kind != "killed":
                raise refusal(fault.kind)
            lease = self._pool.lend(function)
        except CannotInvoke as error:
            if isinstance(error, TooManyRequests):
                self.count("Throttles", function)
            done.fail(error)
            return done
        task = self._start(lease, payload, request_id or self._cloud.world.uuid(), done)
        if fault is not None:
            self._cloud.world.after(fault.seconds, task.kill)
        return done

    def count(self, metric: str, function: Function) -> None:
        """Add 1 to one of the function's AWS/Lambda metrics."""
        self.mishaps.append(Mishap(self._cloud.world.now, function.function_arn, metric))

    def _start(self, lease: Lease, payload: str, request_id: str, done: Promise[Done]) -> Task:
        world, container = self._cloud.world, lease.container
        timeout = float(container.function.timeout)
        deadline = world.now + timeout
        task = world.spawn(
            lambda: container.handle(payload, request_id, deadline),
            name=f"{container.function.function_arn} at work",
        )
        task.on_enter, task.on_leave = container.enter, container.leave
        task.caller = str(container.function.function_name)
        self._running[task] = None
        over = world.at(deadline, lambda: self._time_out(task, lease, request_id))
        lease.stream.write(f"START RequestId: {request_id} Version: {container.function.version}")

        def ended() -> None:
            invocation = self._outcome(task, lease, request_id)
            if invocation.error is not None:
                self.count("Errors", container.function)
            lease.stream.write(f"END RequestId: {request_id}")
            self._pool.give_back(lease)
            done.resolve(Done(invocation, "\n".join(lease.stream.invocation)))

        def hand_over() -> None:
            over.cancel()
            self._running.pop(task, None)
            # The task still occupies the container, so the lease cannot be returned yet.
            world.after(0, ended)

        task.outcome.then(hand_over)
        return task

    def _outcome(self, task: Task, lease: Lease, request_id: str) -> Invocation:
        try:
            invocation: Invocation = task.outcome.result()
        except TaskKilled:
            lease.container.broken = True
            if lease.killed is None:  # a fault, not the timeout, killed the function
                lease.killed = failures.killed(request_id)
                lease.stream.write(f"RequestId: {request_id} {failures.KILLED}\nRuntime.ExitError")
            return lease.killed
        return invocation

    @staticmethod
    def _time_out(task: Task, lease: Lease, request_id: str) -> None:
        seconds = float(lease.container.function.timeout)
        lease.killed = failures.timed_out(request_id, seconds)
        lease.stream.write(f"{request_id} Task timed out after {seconds:.2f} seconds")
        task.kill()

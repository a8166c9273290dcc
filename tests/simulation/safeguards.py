"""Switches off one of the product's safeguards to show that the simulation notices its absence.

Safeguards that are not listed here matter only for orders of events that random worlds rarely
produce. tests/model shows that they are needed.

Each container loads the product's modules again, so the change is applied whenever a module is
loaded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from codepipeline_sandbox.awslambda import modules
from codepipeline_sandbox.awslambda.package import extracted
from playground.company import REGION, TOOLS

if TYPE_CHECKING:
    from tests.simulation.scene import SimulatedWorld


@dataclass(frozen=True)
class Safeguard:
    """How to switch a safeguard off: by changing a loaded module or the deployed system."""

    module: str = ""
    change: Callable[[Any], None] = lambda _: None
    spoil: Callable[[SimulatedWorld], None] = lambda _: None


def _no_adoption(listing: Any) -> None:
    listing.started_by = lambda *_: None


def _no_second_poll(outcome: Any) -> None:
    ended = outcome._ENDED
    outcome.outcome_of = lambda status, failed_for: ended.get(status)  # noqa: ARG005 - must match the original signature


def _every_closed_job_is_an_end(action: Any) -> None:
    action.has_ended = lambda *_, **__: True


def _nothing_confirmed(action_job: Any) -> None:
    action_job.ActionJob.is_confirmed = lambda *_: True


def _same_number(token: Any) -> None:
    text = token.Token.text.fget
    token.Token.text = property(
        lambda self: text(token.Token(self.run, self.secret, max(self.n - 1, 2)))
    )


def _answer_once(table: Any) -> None:
    update = table.JobsTable._update

    def once(self: Any, run: Any, expression: str, values: Any, condition: Any = None) -> Any:
        if expression.startswith("SET #answer = if_not_exists") and condition is not None:
            condition = f"{condition} AND attribute_not_exists(#answer)"
        return update(self, run, expression, values, condition)

    table.JobsTable._update = once


def _no_status_after_filing(next_job: Any) -> None:
    next_job._close = lambda *_: None


def _not_announced(listening: Any) -> None:
    listening.ANNOUNCED = (900, 900, 900, 900)


def _own_identity(identity: Any) -> None:
    start_identity = identity.start_identity
    identity.start_identity = lambda **more: start_identity(
        **{**more, "client_request_token": None}
    )


def _events_logged(telemetry: Any) -> None:
    inject = telemetry.logger.inject_lambda_context

    def careless(*handler: Any, **more: Any) -> Any:
        return inject(*handler, **{**more, "log_event": True})

    telemetry.logger.inject_lambda_context = careless


def _no_approvals(failed_action: Any) -> None:
    failed_action.is_approval = lambda _: False


def _no_comparison(comparison: Any) -> None:
    comparison.different_variables = lambda *_: ()


def _no_replacement(executions: Any) -> None:
    executions.replacements = lambda *_, **__: []


def _every_refusal_final(refusals: Any) -> None:
    refusals._is_final = lambda error, _: hasattr(error, "response")


def _polled_again(states: Any) -> None:
    retried = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "MaxAttempts": 9}
    states["GetState"]["Retry"] = [retried]


def _turn_for_all(states: Any) -> None:
    for name in ("ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"):
        del states["TakeTurn"]["Arguments"][name]


def _machine(change: Callable[[Any], None]) -> Callable[[SimulatedWorld], None]:
    def spoil(world: SimulatedWorld) -> None:
        client, arn = world.company.stepfunctions(), world.company.state_machine
        definition = json.loads(client.describe_state_machine(stateMachineArn=arn)["definition"])
        change(definition["States"])
        client.update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))

    return spoil


def _events_of_any_age(world: SimulatedWorld) -> None:
    _configure_events(world, MaximumEventAgeInSeconds=21_600)


def _nobody_closes(world: SimulatedWorld) -> None:
    _configure_events(world, DestinationConfig={})
    events = world.cloud.session(TOOLS, REGION).client("events")
    for rule in events.list_rules()["Rules"]:
        events.disable_rule(Name=rule["Name"])


def _configure_events(world: SimulatedWorld, **settings: Any) -> None:
    client = world.cloud.session(TOOLS, REGION).client("lambda")
    name = world.company.stack.resource("CodePipelineJobFunction")
    client.update_function_event_invoke_config(FunctionName=name, **settings)


_ALL = {
    "adoption": Safeguard("codepipeline_orchestrator.pipeline.executions", _no_adoption),
    "second-poll": Safeguard("codepipeline_orchestrator.model.outcome", _no_second_poll),
    "decisions": Safeguard("codepipeline_orchestrator.pipeline.failed_action", _no_approvals),
    "comparison": Safeguard("codepipeline_orchestrator.pipeline.comparison", _no_comparison),
    "replacement": Safeguard("codepipeline_orchestrator.pipeline.executions", _no_replacement),
    "short-list": Safeguard("codepipeline_orchestrator.aws.refusals", _every_refusal_final),
    "one-attempt": Safeguard(spoil=_machine(_polled_again)),
    "ended-action": Safeguard("codepipeline_orchestrator.job.action", _every_closed_job_is_an_end),
    "confirmation": Safeguard("codepipeline_orchestrator.model.action_job", _nothing_confirmed),
    "next-number": Safeguard("codepipeline_orchestrator.job.token", _same_number),
    "if-not-exists": Safeguard("codepipeline_orchestrator.job.table", _answer_once),
    "status-after-filing": Safeguard(
        "codepipeline_orchestrator.job.next_job", _no_status_after_filing
    ),
    "announced": Safeguard("codepipeline_orchestrator.model.listening", _not_announced),
    "turn": Safeguard(spoil=_machine(_turn_for_all)),
    "close-job": Safeguard(spoil=_nobody_closes),
    "event-age": Safeguard(spoil=_events_of_any_age),
    "start-identity": Safeguard("codepipeline_orchestrator.model.start_identity", _own_identity),
    "secret-filter": Safeguard("codepipeline_orchestrator.telemetry", _events_logged),
}
NAMES = tuple(_ALL)


@contextmanager
def off(name: str) -> Iterator[None]:
    """Load the functions without a safeguard. With an empty name, nothing is changed."""
    safeguard = _ALL[name] if name else Safeguard()
    load = modules._Loader.exec_module

    def spoiled(loader: Any, module: ModuleType) -> None:
        load(loader, module)
        if module.__name__ == safeguard.module:
            safeguard.change(module)

    with patch.object(modules._Loader, "exec_module", spoiled), ExitStack() as undo:
        if modules.is_shared(safeguard.module):
            # Load the module again for each container because other tests must not get the changed
            # module.
            undo.enter_context(patch.object(modules, "_shared", set()))
            extracted.cache_clear()
        yield


def spoil(name: str) -> Callable[[SimulatedWorld], None]:
    """Return the function that removes a safeguard from the deployed system."""
    return _ALL[name].spoil if name else Safeguard().spoil

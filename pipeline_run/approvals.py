"""Answer an approval that a run's target is waiting for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import click
from botocore.exceptions import ClientError

from codepipeline_orchestrator.aws.client_errors import answer_text, is_denied
from pipeline_run.connection import Connection, asks_aws, json_option, target_profile_option
from pipeline_run.errors import CommandError, WrongUse, aws_refusals
from pipeline_run.output import remark, say, say_json
from pipeline_run.run_search import named
from pipeline_run.target_execution import (
    TargetExecution,
    connection_to_target,
    executed_actions,
    target_execution,
)

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

_LONGEST_COMMENT = 512  # characters; a limit of the PutApprovalResult API


def approval_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add RUN and the options of both approve and reject to a command."""
    action_option = click.option(
        "--action",
        metavar="NAME",
        help="The approval action, or STAGE/ACTION. Required if several approvals are pending.",
    )
    function = asks_aws(function)
    for option in (json_option, target_profile_option(), action_option, click.argument("run")):
        function = option(function)
    return function


@dataclass(frozen=True)
class WaitingApproval:
    """An approval action that waits for an answer, with the token for the answer."""

    stage: str
    action: str
    token: str

    def __str__(self) -> str:
        """The stage and the action."""
        return f"{self.stage}/{self.action}"


def answer_approval(
    status: Literal["Approved", "Rejected"],
    *,
    connection: Connection,
    run: str,
    comment: str,
    action: str | None,
    target_profile: str | None,
    as_json: bool,
) -> None:
    """Approve or reject the action that the run's target is waiting for.

    `run` is what the user calls the run.
    """
    if len(comment) > _LONGEST_COMMENT:
        raise WrongUse(f"--comment: longer than {_LONGEST_COMMENT} characters.", "Shorten it.")
    found = named(connection, run)
    target = target_execution(connection, found)
    if target.execution_id is None:
        raise CommandError(
            f"Run {found.name} has no target execution that could wait for an approval.",
            f"See `pipeline-run show {found.name}`.",
        )
    there = connection_to_target(connection, target_profile, target)
    client = there.codepipeline(target.place.region)
    with aws_refusals(f"read the state of {target.pipeline} (codepipeline:GetPipelineState)"):
        stages = client.get_pipeline_state(name=target.pipeline)["stageStates"]
    waiting = waiting_approvals(stages, target.execution_id)
    if not any("latestExecution" in stage for stage in stages):
        waiting = _of_parallel(client, target)
    if not waiting:
        raise CommandError(
            f"Execution {target.execution_id} of {target.pipeline} is not waiting for an approval.",
            f"See its progress or result with: {connection.command(f'show {found.name}')}",
        )
    approval = _chosen(waiting, action)
    try:
        client.put_approval_result(
            pipelineName=target.pipeline,
            stageName=approval.stage,
            actionName=approval.action,
            result={"summary": comment, "status": status},
            token=approval.token,
        )
    except ClientError as error:
        raise _refusal(error, approval, target) from error
    if as_json:
        answered = {"pipeline": target.pipeline, "pipelineExecutionId": target.execution_id}
        where = {"stage": approval.stage, "action": approval.action}
        say_json({"run": found.arn, "name": found.name, **answered, **where, "status": status})
        return
    say(f"{status} {approval} of {target.pipeline}, execution {target.execution_id}.")
    if found.goes_on:
        remark(f"Follow it with: {connection.command(f'watch {found.name}')}")


def waiting_approvals(
    stages: Sequence[Mapping[str, Any]], execution_id: str
) -> list[WaitingApproval]:
    """The approvals that this execution waits for, in the response of GetPipelineState.

    Only a pending approval has a token.
    """
    return [
        WaitingApproval(stage["stageName"], action["actionName"], latest["token"])
        for stage in stages
        if stage.get("latestExecution", {}).get("pipelineExecutionId") == execution_id
        for action in stage.get("actionStates", ())
        if (latest := action.get("latestExecution", {})).get("token")
        and latest.get("status", "InProgress") == "InProgress"
    ]


def _of_parallel(client: CodePipelineClient, target: TargetExecution) -> list[WaitingApproval]:
    """The approvals that an execution of a PARALLEL pipeline waits for.

    Such a pipeline has no state. The token is the action's external execution ID (User Guide,
    approvals-approve-or-reject).
    """
    assert target.execution_id is not None
    with aws_refusals(f"read the actions of {target.pipeline} (codepipeline:ListActionExecutions)"):
        found = list(executed_actions(client, target.pipeline, target.execution_id))
    return [
        WaitingApproval(each["stageName"], each["actionName"], token)
        for each in found
        if each.get("status") == "InProgress"
        and each.get("input", {}).get("actionTypeId", {}).get("category") == "Approval"
        and (token := each.get("output", {}).get("executionResult", {}).get("externalExecutionId"))
    ]


def _chosen(waiting: Sequence[WaitingApproval], action: str | None) -> WaitingApproval:
    found = [each for each in waiting if action in {None, each.action, str(each)}]
    names = ", ".join(map(str, waiting))
    if not found:
        raise WrongUse(f"--action: {action} is not waiting for an approval.", f"Waiting: {names}.")
    if found[1:]:
        raise WrongUse(
            f"Several approvals are waiting: {names}.",
            f"Choose one, for example with --action {found[0]}.",
        )
    return found[0]


def _refusal(
    error: ClientError, approval: WaitingApproval, target: TargetExecution
) -> CommandError:
    if is_denied(error):
        return CommandError(
            f"You may not answer {approval} of {target.pipeline}: {answer_text(error)}.",
            "It needs codepipeline:PutApprovalResult on this action. Use --target-profile with a "
            "profile that allows it, or ask someone who may.",
        )
    return CommandError(
        f"Could not answer {approval} of {target.pipeline}: {answer_text(error)}.",
        "If someone else has answered it, there is nothing left to do.",
    )

"""Answer an approval that a run's target is waiting for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import click
from botocore.exceptions import ClientError

from codepipeline_orchestrator.aws.client_errors import answer_text, is_denied
from pipeline_run.connection import Connection
from pipeline_run.errors import CommandError, WrongUse, aws_refusals
from pipeline_run.output import one_line, remark, say, say_json
from pipeline_run.run_search import named
from pipeline_run.target_execution import (
    TargetExecution,
    connection_to_target,
    target_execution,
)

if TYPE_CHECKING:
    from mypy_boto3_codepipeline import CodePipelineClient

_LONGEST_COMMENT = 512  # characters; a limit of the PutApprovalResult API

action_option = click.option(
    "--action",
    metavar="NAME",
    help="The approval action, or STAGE/ACTION. Required if several approvals are pending.",
)
target_profile_option = click.option(
    "--target-profile", metavar="NAME", help="AWS profile for the target's account."
)


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
    connection: Connection,
    reference: str,
    *,
    status: Literal["Approved", "Rejected"],
    comment: str,
    action: str | None,
    target_profile: str | None,
    as_json: bool,
) -> None:
    """Approve or reject the action that the run's target is waiting for."""
    if len(comment) > _LONGEST_COMMENT:
        raise WrongUse(f"--comment: longer than {_LONGEST_COMMENT} characters.", "Shorten it.")
    run = named(connection, reference)
    target = target_execution(connection, run)
    if target.execution_id is None:
        raise CommandError(
            f"Run {run.name} has no target execution that could wait for an approval.",
            f"See `pipeline-run show {run.name}`.",
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
            f"See its progress or result with: {connection.command(f'show {run.name}')}",
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
        say_json({"run": run.arn, "name": run.name, **answered, **where, "status": status})
        return
    say(one_line(f"{status} {approval} of {target.pipeline}, execution {target.execution_id}."))
    if run.goes_on:
        remark(f"Follow it with: {connection.command(f'watch {run.name}')}")


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
    pages = client.get_paginator("list_action_executions")
    with aws_refusals(f"read the actions of {target.pipeline} (codepipeline:ListActionExecutions)"):
        found = pages.paginate(
            pipelineName=target.pipeline, filter={"pipelineExecutionId": target.execution_id}
        ).build_full_result()["actionExecutionDetails"]
    return [
        WaitingApproval(each["stageName"], each["actionName"], token)
        for each in found
        if each.get("status") == "InProgress"
        and each.get("input", {}).get("actionTypeId", {}).get("category") == "Approval"
        and (token := each.get("output", {}).get("executionResult", {}).get("externalExecutionId"))
    ]


def _chosen(waiting: Sequence[WaitingApproval], action: str | None) -> WaitingApproval:
    found = [each for each in waiting if action in {None, each.action, str(each)}]
    names = ", ".join(one_line(str(each)) for each in waiting)
    if not found:
        raise WrongUse(f"--action: {action} is not waiting for an approval.", f"Waiting: {names}.")
    if found[1:]:
        raise WrongUse(
            f"Several approvals are waiting: {names}.",
            f"Choose one, for example with --action {one_line(str(found[0]))}.",
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

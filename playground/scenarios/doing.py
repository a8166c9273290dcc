"""Performs the acts of people who use CodePipeline, and describes them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codepipeline_sandbox.codepipeline import script
from playground.accounts import REGION
from playground.scenarios.waiting import Impossible, token_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mypy_boto3_codepipeline import CodePipelineClient

    from codepipeline_sandbox.cloud import Cloud
    from playground.scenarios.model import Place


@dataclass(frozen=True)
class Deed:
    """Something that the administrator of the pipeline's account does."""

    client: CodePipelineClient
    place: Place
    details: Mapping[str, Any]
    execution: str | None  # the pipeline execution that the act affects

    @property
    def pipeline(self) -> str:
        """The name of the pipeline."""
        return self.place.pipeline.name

    @property
    def stage(self) -> str:
        """The stage's name, or an empty string if the act affects a whole pipeline."""
        return self.place.stage or ""

    @property
    def execution_id(self) -> str:
        """The ID of the execution. Raises Impossible if the execution does not exist."""
        if self.execution is None:
            raise Impossible(f"{self.pipeline} has no such execution")
        return self.execution

    def given(self, **names: str) -> dict[str, Any]:
        """The details of the act, under the names that the API uses."""
        details = self.details
        return {name: details[own] for name, own in names.items() if own in details}


def start(deed: Deed) -> None:
    """Call StartPipelineExecution. Returns no description, because an event reports the start."""
    more = deed.given(
        variables="variables", sourceRevisions="sourceRevisions", clientRequestToken="token"
    )
    deed.client.start_pipeline_execution(name=deed.pipeline, **more)


def stop(deed: Deed) -> str:
    """Call StopPipelineExecution."""
    deed.client.stop_pipeline_execution(
        pipelineName=deed.pipeline,
        pipelineExecutionId=deed.execution_id,
        **deed.given(abandon="abandon", reason="reason"),
    )
    how = "stops and abandons" if deed.details.get("abandon") else "stops"
    return f"someone {how} the execution{_because(deed)} (StopPipelineExecution)"


def retry(deed: Deed) -> str:
    """Call RetryStageExecution."""
    deed.client.retry_stage_execution(
        pipelineName=deed.pipeline,
        stageName=deed.stage,
        pipelineExecutionId=deed.execution_id,
        retryMode=deed.details.get("mode", "FAILED_ACTIONS"),
    )
    return f"someone retries the stage {deed.stage} (RetryStageExecution)"


def rollback(deed: Deed) -> str:
    """Call RollbackStage."""
    deed.client.rollback_stage(
        pipelineName=deed.pipeline,
        stageName=deed.stage,
        targetPipelineExecutionId=deed.execution_id,
    )
    return f"someone rolls back the stage {deed.stage} (RollbackStage)"


def approve(deed: Deed) -> str:
    """Approve with PutApprovalResult."""
    return _answer(deed, "Approved", "approves")


def reject(deed: Deed) -> str:
    """Reject with PutApprovalResult."""
    return _answer(deed, "Rejected", "rejects")


def disable(deed: Deed) -> str:
    """Call DisableStageTransition."""
    way = deed.details.get("transition", "Inbound")
    deed.client.disable_stage_transition(
        pipelineName=deed.pipeline,
        stageName=deed.stage,
        transitionType=way,
        reason=deed.details.get("reason", "disabled by the scenario"),
    )
    return f"someone disables the {way.lower()} transition of {deed.stage}{_because(deed)}"


def enable(deed: Deed) -> str:
    """Call EnableStageTransition."""
    way = deed.details.get("transition", "Inbound")
    deed.client.enable_stage_transition(
        pipelineName=deed.pipeline, stageName=deed.stage, transitionType=way
    )
    return f"someone enables the {way.lower()} transition of {deed.stage}"


def override(deed: Deed) -> str:
    """Call OverrideStageCondition."""
    kind = deed.details["condition"]
    deed.client.override_stage_condition(
        pipelineName=deed.pipeline,
        stageName=deed.stage,
        pipelineExecutionId=deed.execution_id,
        conditionType=kind,
    )
    return f"someone overrides the condition {kind} of {deed.stage} (OverrideStageCondition)"


def update(deed: Deed) -> str:
    """Call UpdatePipeline with the current declaration and the changes in `definition`."""
    declared: Any = deed.client.get_pipeline(name=deed.pipeline)["pipeline"]
    declared |= deed.details.get("definition", {})
    deed.client.update_pipeline(pipeline=declared)
    return "someone updates the pipeline (UpdatePipeline)"


def delete(deed: Deed) -> str:
    """Call DeletePipeline."""
    deed.client.delete_pipeline(name=deed.pipeline)
    return "someone deletes the pipeline (DeletePipeline)"


def change(deed: Deed) -> str:
    """Change the action's script for its next runs, which is not an AWS operation."""
    key, action = deed.place.pipeline, deed.place.action or ""
    script(key.account, key.region, key.name, deed.stage, action, deed.details["to"])
    return f"{deed.stage}/{action} behaves differently from now on"


def untrust(role_arn: str, cloud: Cloud) -> str:
    """Call UpdateAssumeRolePolicy so that the role can no longer be assumed."""
    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    nobody = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    cloud.session(account, REGION).client("iam").update_assume_role_policy(
        RoleName=name,
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [nobody]}),
    )
    return f"someone blocks the role {name} (UpdateAssumeRolePolicy)"


DEEDS: Mapping[str, Callable[[Deed], str | None]] = {
    each.__name__: each
    for each in (
        *(start, stop, retry, rollback, approve, reject),
        *(disable, enable, override, update, delete, change),
    )
}


def _answer(deed: Deed, status: Any, does: str) -> str:
    summary = deed.details.get("summary", "")
    deed.client.put_approval_result(
        pipelineName=deed.pipeline,
        stageName=deed.stage,
        actionName=deed.place.action or "",
        result={"status": status, "summary": summary},
        token=token_of(deed.client, deed.place, deed.execution),
    )
    suffix = f": {summary}" if summary else ""
    return f"someone {does} {deed.stage}/{deed.place.action}{suffix} (PutApprovalResult)"


def _because(deed: Deed) -> str:
    return f": {deed.details['reason']}" if "reason" in deed.details else ""

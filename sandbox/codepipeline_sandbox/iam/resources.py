"""Finds the ARNs of the resources that a request needs permission for.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/. An action that is
missing from these tables has no resource-level permissions, so a policy must allow it on `*`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codepipeline_sandbox.iam.named_resources import SPECIAL, Grants, Params, Place, answered_task

if TYPE_CHECKING:
    from collections.abc import Mapping

_PIPELINE_BY_NAME = ("DeletePipeline", "GetPipeline", "GetPipelineState", "StartPipelineExecution")
_PIPELINE = (
    "GetPipelineExecution",
    "ListActionExecutions",
    "ListDeployActionExecutionTargets",
    "ListPipelineExecutions",
    "ListRuleExecutions",
    "StopPipelineExecution",
)
_STAGE = (
    "DisableStageTransition",
    "EnableStageTransition",
    "OverrideStageCondition",
    "RetryStageExecution",
    "RollbackStage",
)
_ACTION = ("PutActionRevision", "PutApprovalResult")
_STATE_MACHINE = (
    "DeleteStateMachine",
    "DescribeStateMachine",
    "ListExecutions",
    "ListStateMachineAliases",
    "ListStateMachineVersions",
    "PublishStateMachineVersion",
    "StartExecution",
    "StartSyncExecution",
    "UpdateStateMachine",
)
_EXECUTION = (
    "DescribeExecution",
    "DescribeStateMachineForExecution",
    "GetExecutionHistory",
    "ListMapRuns",
    "RedriveExecution",
    "StopExecution",
)
_TASK_ANSWERS = frozenset(
    {"states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess"}
)
_TAGGED = ("ListTagsForResource", "TagResource", "UntagResource")

# The resource's name for each action, with placeholders for the request's parameters.
_NAMES: Mapping[str, str] = {
    **{f"codepipeline:{name}": "{name}" for name in _PIPELINE_BY_NAME},
    **{f"codepipeline:{name}": "{pipelineName}" for name in _PIPELINE},
    **{f"codepipeline:{name}": "{pipelineName}/{stageName}" for name in _STAGE},
    **{f"codepipeline:{name}": "{pipelineName}/{stageName}/{actionName}" for name in _ACTION},
    # AWS's denials of ListPipelines show an ARN with the Region and account, not just "*".
    "codepipeline:ListPipelines": "*",
    "codepipeline:CreatePipeline": "{pipeline[name]}",
    "codepipeline:UpdatePipeline": "{pipeline[name]}",
    "codepipeline:PollForJobs": (
        "actiontype:{actionTypeId[owner]}/{actionTypeId[category]}"
        "/{actionTypeId[provider]}/{actionTypeId[version]}"
    ),
    **{
        f"codepipeline:{name}CustomActionType": "actiontype:Custom/{category}/{provider}/{version}"
        for name in ("Create", "Delete")
    },
    "states:CreateStateMachine": "stateMachine:{name}",
    "logs:CreateLogGroup": "log-group:{logGroupName}:log-stream:",
    "logs:CreateLogStream": "log-group:{logGroupName}:log-stream:{logStreamName}",
    "logs:DescribeLogStreams": "log-group:{logGroupName}:log-stream:",
    "logs:FilterLogEvents": "log-group:{logGroupName}:log-stream:",
    "logs:GetLogEvents": "log-group:{logGroupName}:log-stream:{logStreamName}",
    "logs:PutLogEvents": "log-group:{logGroupName}:log-stream:{logStreamName}",
    "logs:PutRetentionPolicy": "log-group:{logGroupName}:log-stream:",
    "scheduler:CreateSchedule": "schedule/{GroupName}/{Name}",
    "scheduler:DeleteSchedule": "schedule/{GroupName}/{Name}",
    "scheduler:GetSchedule": "schedule/{GroupName}/{Name}",
    "scheduler:UpdateSchedule": "schedule/{GroupName}/{Name}",
}
_ARNS: Mapping[str, str] = {
    **{f"states:{name}": "stateMachineArn" for name in _STATE_MACHINE},
    **{f"states:{name}": "executionArn" for name in _EXECUTION},
    **{
        f"{service}:{name}": "resourceArn"
        for service in ("codepipeline", "states")
        for name in _TAGGED
    },
}


def grants(action: str, params: Params, place: Place) -> Grants:
    """All actions that must be allowed for a request, each with its resource."""
    service = action.partition(":")[0]
    if special := SPECIAL.get(service):
        return special(action, params, place)
    if action in _TASK_ANSWERS:
        return answered_task(action, params, place)
    if argument := _ARNS.get(action):
        return [(action, params.get(argument) or "*")]
    try:
        name = _NAMES[action].format_map({"GroupName": "default", **params})
    except KeyError:  # the action is not in the table, or the request lacks a required parameter
        return [(action, "*")]
    return [(action, place.arn(service, name))]

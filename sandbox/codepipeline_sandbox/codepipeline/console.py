"""The links to the AWS console that CodePipeline returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# The console page for each provider, with placeholders for the action's configuration.
_ENTITIES = {
    "CodeBuild": "codesuite/codebuild/projects/{ProjectName}/view?region={region}",
    "CodeCommit": "codesuite/codecommit/repositories/{RepositoryName}/browse?region={region}",
    "CodeDeploy": "codesuite/codedeploy/applications/{ApplicationName}"
    "/deployment-groups/{DeploymentGroupName}?region={region}",
    "Lambda": "lambda/home?region={region}#/functions/{FunctionName}",
    "S3": "s3/buckets/{S3Bucket}?region={region}",
    "StepFunctions": "states/home?region={region}#/statemachines/view/{StateMachineArn}",
}


def link(region: str, path: str) -> str:
    """The URL of a console page in a Region."""
    return f"https://{region}.console.aws.amazon.com/{path}"


def entity_url(declaration: Mapping[str, Any], region: str) -> str | None:
    """The console page of the action's resource, or None if the page is not known."""
    type_id = declaration["actionTypeId"]
    path = _ENTITIES.get(type_id["provider"])
    if path is None or type_id["owner"] != "AWS":
        return None
    try:
        return link(region, path.format_map({**declaration["configuration"], "region": region}))
    except KeyError:  # the configuration does not name the resource
        return None

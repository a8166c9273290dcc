"""Ask IAM in the target's account about permissions that no harmless call can test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator.model.target import Target
from pipeline_run.connection import Connection
from pipeline_run.grants import statements

# Whether each action is allowed, or None if that is unknown.
Simulate = Callable[[Iterable[str], Target], Mapping[str, bool | None]]


def simulate(
    connection: Connection, actions: Iterable[str], target: Target
) -> dict[str, bool | None]:
    """Whether the role's policies allow each action, or None if IAM does not answer."""
    iam = connection.client("iam")
    found: dict[str, bool | None] = {}
    for action in actions:
        (statement,) = statements([action], [target.arn])
        # Any stage name will do. A policy usually allows all stages of a pipeline.
        resources = [each.replace("/*", "/Deploy") for each in statement["Resource"]]
        try:
            answer = iam.simulate_principal_policy(
                PolicySourceArn=target.role_arn,
                ActionNames=statement["Action"],
                ResourceArns=resources,
            )["EvaluationResults"]
        except (BotoCoreError, ClientError):
            found[action] = None  # another account, or IAM denies the call
        else:
            found[action] = all(each["EvalDecision"] == "allowed" for each in answer)
    return found

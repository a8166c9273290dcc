"""Asks IAM in the target's account what the role is allowed, where that cannot be tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from botocore.exceptions import BotoCoreError, ClientError

from codepipeline_orchestrator.model.target import Target
from pipeline_run.connection import Connection
from pipeline_run.grants import statements

# Whether each action is allowed; None where nobody says.
Simulate = Callable[[Iterable[str], Target], Mapping[str, bool | None]]


def simulate(
    connection: Connection, actions: Iterable[str], target: Target
) -> dict[str, bool | None]:
    """Whether the role's policies allow each action; None if the caller may not ask there."""
    iam = connection.client("iam")
    found: dict[str, bool | None] = {}
    for action in actions:
        (statement,) = statements([action], [target.arn])
        # A stage is named as any: a policy allows all of a pipeline's, or it names them.
        resources = [each.replace("/*", "/Deploy") for each in statement["Resource"]]
        try:
            answer = iam.simulate_principal_policy(
                PolicySourceArn=target.role_arn,
                ActionNames=statement["Action"],
                ResourceArns=resources,
            )["EvaluationResults"]
        except (BotoCoreError, ClientError):
            found[action] = None  # of another account, or denied: it remains untried, and is told
        else:
            found[action] = all(each["EvalDecision"] == "allowed" for each in answer)
    return found

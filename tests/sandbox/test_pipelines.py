"""Pipelines for tests: their roles, their scripts, and how their actions ended."""

from __future__ import annotations

import pytest

from codepipeline_sandbox import ALLOW_ALL, Act, Action, add_pipeline, pipeline_role

DENY_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}],
}
NO_ROOM = Action("Rollout", [Act(60, "Failed", error_message="no room"), Act(60)])


def test_the_nth_run_of_an_action_follows_its_nth_act(cloud):
    pipeline = add_pipeline(cloud, "release", {"Go": [NO_ROOM]})

    ends = []
    for _ in range(2):
        pipeline.start()
        cloud.world.run()
        ends.append(pipeline.action("Rollout")["status"])

    assert ends == ["Failed", "Succeeded"]


def test_an_action_that_was_not_reached_is_an_error(cloud):
    pipeline = add_pipeline(cloud, "release", {"Go": [NO_ROOM], "Then": [Action("Later")]})

    pipeline.start()
    cloud.world.run()

    with pytest.raises(LookupError, match="release has not reached Later"):
        pipeline.action("Later")


def test_the_pipelines_of_an_account_share_a_role_which_keeps_its_first_policy(cloud):
    first = pipeline_role(cloud, "222233334444", DENY_ALL)
    add_pipeline(cloud, "a", {"Go": [NO_ROOM]}, account_id="222233334444", role_policy=ALLOW_ALL)

    session = cloud.session("222233334444")
    declared = session.client("codepipeline").get_pipeline(name="a")["pipeline"]
    name = first.rpartition("/")[2]
    kept = session.client("iam").get_role_policy(RoleName=name, PolicyName="permissions")
    assert declared["roleArn"] == first
    assert kept["PolicyDocument"] == DENY_ALL


def test_members_of_the_declaration_can_be_added_and_executions_get_variables(cloud):
    variables = [{"name": "size", "defaultValue": "small"}]
    pipeline = add_pipeline(cloud, "release", {"Go": [NO_ROOM]}, variables=variables)

    execution = pipeline.start(variables=[{"name": "size", "value": "large"}])

    client = cloud.session().client("codepipeline")
    started = client.get_pipeline_execution(pipelineName="release", pipelineExecutionId=execution)
    assert started["pipelineExecution"]["variables"] == [{"name": "size", "resolvedValue": "large"}]

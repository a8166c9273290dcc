from __future__ import annotations

import json
import textwrap

import pytest
from moto.events.exceptions import ValidationException
from moto.sns.models import sns_backends

from codepipeline_sandbox.cloudformation import deploy
from codepipeline_sandbox.eventbridge.targets import check
from playground.company import REGION, ROOT, TOOLS


@pytest.fixture
def topic(cloud, company):
    stack = deploy(
        cloud,
        ROOT / "examples" / "chat.yaml",
        TOOLS,
        REGION,
        "chat",
        parameters={"OrchestratorStackName": company.stack.name},
    )
    return sns_backends[TOOLS][REGION].topics[stack.outputs["TopicArn"]]


def messages(topic):
    return [json.loads(message) for _, message, *_ in topic.sent_notifications]


def test_only_an_unsuccessful_run_is_announced(company, target, run, topic):
    run(target())
    assert messages(topic) == []

    described = run({"pipelinName": "deploy"})

    (message,) = messages(topic)
    arn = described["executionArn"]
    assert (message["version"], message["source"]) == ("1.0", "custom")
    assert message["content"] == {
        "textType": "client-markdown",
        "title": f"Run {described['name']}: FAILED InvalidInput",
        "description": f"https://{REGION}.console.aws.amazon.com/states/home?region={REGION}"
        f"#/v2/executions/details/{arn}",
    }


def test_without_its_policy_the_topic_receives_nothing(cloud, company, run, topic):
    topic.policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    run({"pipelinName": "deploy"})
    assert messages(topic) == []
    assert "no policy of" in cloud.events.undelivered[-1].reason


def test_a_topic_in_another_region_is_not_a_valid_target():
    arn = f"arn:aws:sns:us-east-1:{TOOLS}:topic"
    with pytest.raises(ValidationException, match="another Region"):
        check({"Id": "1", "Arn": arn}, TOOLS, REGION)


def test_a_topic_policy_is_deployed_with_its_stack(cloud, tmp_path):
    path = tmp_path / "topic.yaml"
    path.write_text(
        textwrap.dedent(
            """
            Resources:
              Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: alerts}}
              Policy:
                Type: AWS::SNS::TopicPolicy
                Properties:
                  Topics: [!Ref Topic]
                  PolicyDocument: {Version: "2012-10-17", Statement: []}
            """
        )
    )

    stack = deploy(cloud, path, TOOLS, REGION, "topic")

    topics = sns_backends[TOOLS][REGION].topics
    assert json.loads(topics[stack.resource("Topic")].policy)["Statement"] == []
    stack.delete()
    assert not topics

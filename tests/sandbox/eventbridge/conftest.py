import json
from types import SimpleNamespace

import pytest

from codepipeline_sandbox.cloudformation import deploy

HERE, THERE, REGION = "111122223333", "222233334444", "eu-west-1"
PRINTING = "import json\n\ndef handler(event, context):\n    print('got', json.dumps(event))\n"
MACHINE = {
    "QueryLanguage": "JSONata",
    "StartAt": "Done",
    "States": {"Done": {"Type": "Succeed"}},
}


@pytest.fixture
def client(cloud):
    return lambda service, account=HERE: cloud.session(account, REGION).client(service)


@pytest.fixture
def printer(cloud, tmp_path):
    """A function that EventBridge may invoke. `got()` returns the events it received, in order."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(PRINTING)
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "App": {
                "Type": "AWS::Serverless::Function",
                "Properties": {
                    "Handler": "app.handler",
                    "Runtime": "python3.13",
                    "CodeUri": "src",
                },
            }
        },
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["App", "Arn"]}}},
    }
    (tmp_path / "template.json").write_text(json.dumps(template))
    arn = deploy(cloud, tmp_path / "template.json", HERE, REGION, "printer").outputs["Arn"]
    cloud.session(HERE, REGION).client("lambda").add_permission(
        FunctionName=arn,
        StatementId="events",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=f"arn:aws:events:{REGION}:{HERE}:rule/allowed*",
    )

    def got():
        texts = [line.text for line in cloud.functions.log_lines]
        return [json.loads(text[4:]) for text in texts if text.startswith("got ")]

    return SimpleNamespace(arn=arn, got=got)


@pytest.fixture
def role(client):
    def create(service, action, resource="*", name="role", account=HERE):
        iam = client("iam", account=account)
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        allow = {"Effect": "Allow", "Action": action, "Resource": resource}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=_document(allow))
        return arn["Role"]["Arn"]

    return create


@pytest.fixture
def machine(client, role):
    """A state machine. `executions()` and `inputs()` list its executions, oldest first."""
    states = client("stepfunctions")
    role_arn = role("states.amazonaws.com", "logs:*", name="states")
    arn = states.create_state_machine(
        name="machine", definition=json.dumps(MACHINE), roleArn=role_arn
    )["stateMachineArn"]

    def executions():
        found = states.list_executions(stateMachineArn=arn)["executions"]
        found = [states.describe_execution(executionArn=one["executionArn"]) for one in found]
        return sorted(found, key=lambda one: one["startDate"])

    def inputs():
        return [json.loads(one["input"]) for one in executions()]

    return SimpleNamespace(arn=arn, executions=executions, inputs=inputs)


def _document(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

"""State machines and log groups with a key of the customer's."""

import json

import pytest

from sandbox.deployment import DeploymentFailed
from tests.sandbox.refused import error_code

ACCOUNT, REGION = "111122223333", "eu-west-1"
OWNER = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
LOGS = {
    "Effect": "Allow",
    "Principal": {"Service": f"logs.{REGION}.amazonaws.com"},
    "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey", "kms:Desc*"],
    "Resource": "*",
    "Condition": {
        "ArnLike": {
            "kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:*:{ACCOUNT}:log-group:ours/*"
        }
    },
}
MACHINE = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: sts:AssumeRole}
      Policies:
        - PolicyName: Key
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: ACTIONS
                Resource: THE-KEY
                Condition:
                  StringLike:
                    kms:EncryptionContext:aws:states:stateMachineArn: "*:stateMachine:Talker"
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: Talker
      RoleArn: !GetAtt Role.Arn
      EncryptionConfiguration: {Type: CUSTOMER_MANAGED_KMS_KEY, KmsKeyId: THE-KEY}
      Definition: {QueryLanguage: JSONata, StartAt: End, States: {End: {Type: Succeed}}}
Outputs:
  Arn: {Value: !Ref Machine}
  Role: {Value: !GetAtt Role.Arn}
"""
GROUP = """
Resources:
  Group:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: NAME, KmsKeyId: THE-KEY}
"""


@pytest.fixture
def kms(session):
    return session.client("kms")


@pytest.fixture
def key(kms):
    """Makes a key with a policy of these statements: its ARN."""

    def make(*statements):
        policy = {"Version": "2012-10-17", "Statement": statements}
        return kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]

    return make


@pytest.fixture
def machine(stack):
    """Deploys a machine with this key, whose role may do these actions with it."""

    def make(arn, actions="[kms:Decrypt, kms:GenerateDataKey]"):
        text = MACHINE.replace("THE-KEY", arn).replace("ACTIONS", actions)
        return stack(text).outputs

    return make


def test_a_machines_role_encrypts_its_runs(session, machine, key):
    # given
    stepfunctions = session.client("stepfunctions")
    arn = key(OWNER)
    outputs = machine(arn)

    # when
    started = stepfunctions.start_execution(stateMachineArn=outputs["Arn"])

    # then
    told = stepfunctions.describe_state_machine(stateMachineArn=outputs["Arn"])
    assert told["encryptionConfiguration"] == {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": arn}
    assert stepfunctions.describe_execution(executionArn=started["executionArn"])["input"] == "{}"


@pytest.mark.parametrize("actions", ["[kms:Decrypt]", "[kms:GenerateDataKey]"])
def test_no_run_starts_whose_role_may_not_use_the_key(session, machine, key, actions):
    stepfunctions = session.client("stepfunctions")
    outputs = machine(key(OWNER), actions)
    code = error_code(stepfunctions.start_execution, stateMachineArn=outputs["Arn"])
    assert code == "KmsAccessDeniedException"


def test_a_key_whose_policy_leaves_nothing_to_the_account_serves_nobody(session, machine, key):
    # given a key whose policy names CloudWatch Logs alone
    outputs = machine(key(LOGS))

    # when
    stepfunctions = session.client("stepfunctions")
    code = error_code(stepfunctions.start_execution, stateMachineArn=outputs["Arn"])

    # then
    assert code == "KmsAccessDeniedException"


def test_no_run_starts_while_the_key_is_disabled(session, machine, key, kms):
    # given
    arn = key(OWNER)
    outputs = machine(arn)
    kms.disable_key(KeyId=arn.rpartition("/")[2])

    # when
    stepfunctions = session.client("stepfunctions")
    code = error_code(stepfunctions.start_execution, stateMachineArn=outputs["Arn"])

    # then
    assert code == "KmsInvalidStateException"


def test_who_may_not_decrypt_reads_nothing_of_a_run(session, machine, key):
    # given a user who may read runs
    outputs = machine(key(OWNER))
    stepfunctions = session.client("stepfunctions")
    run = stepfunctions.start_execution(stateMachineArn=outputs["Arn"])["executionArn"]
    reader = user(session, "states:*")

    # then
    for call in (reader.describe_execution, reader.get_execution_history):
        assert error_code(call, executionArn=run) == "KmsAccessDeniedException"
    code = error_code(reader.describe_state_machine, stateMachineArn=outputs["Arn"])
    assert code == "KmsAccessDeniedException"


def user(session, action):
    """Step Functions for a user who may do this."""
    iam = session.client("iam")
    iam.create_user(UserName="Reader")
    allow = {"Effect": "Allow", "Action": action, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_user_policy(UserName="Reader", PolicyName="Read", PolicyDocument=policy)
    made = iam.create_access_key(UserName="Reader")["AccessKey"]
    return session.client(
        "stepfunctions",
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"],
    )


def test_a_log_group_has_the_key_that_lets_cloudwatch_use_it(session, stack, key):
    arn = key(OWNER, LOGS)
    stack(GROUP.replace("NAME", "ours/one").replace("THE-KEY", arn))
    (group,) = session.client("logs").describe_log_groups()["logGroups"]
    assert group["kmsKeyId"] == arn


@pytest.mark.parametrize("name, statements", [("ours/one", [OWNER]), ("theirs", [OWNER, LOGS])])
def test_a_key_that_cloudwatch_may_not_use_for_the_group_is_refused(stack, key, name, statements):
    arn = key(*statements)
    with pytest.raises(DeploymentFailed, match="is not allowed to be used with LogGroup"):
        stack(GROUP.replace("NAME", name).replace("THE-KEY", arn))


def test_a_key_that_is_not_there_is_refused(stack):
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/missing"
    with pytest.raises(DeploymentFailed, match="does not exist or may not be used"):
        stack(MACHINE.replace("THE-KEY", arn).replace("ACTIONS", "kms:Decrypt"))

"""State machines and log groups with a customer managed key."""

import json

import pytest

from codepipeline_sandbox.cloudformation import DeploymentFailed
from codepipeline_sandbox.kernel import here
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
      Definition:
        QueryLanguage: JSONata
        StartAt: End
        States: {End: {Type: Succeed}}
Outputs:
  Arn: {Value: !Ref Machine}
  Role: {Value: !GetAtt Role.Arn}
"""
SUCCEEDS = "States: {End: {Type: Succeed}}"
WAITS = """States:
          End:
            Type: Task
            Resource: arn:aws:states:::lambda:invoke.waitForTaskToken
            Arguments:
              FunctionName: !GetAtt Function.Arn
              Payload: "{% $states.context.Task.Token %}"
            End: true
"""
FUNCTION = """
  Function:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: app.handler, CodeUri: src}
  MayInvoke:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: Invoke
      Roles: [!Ref Role]
      PolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Action: lambda:InvokeFunction, Resource: "*"}]
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

    def make(*statements):
        policy = {"Version": "2012-10-17", "Statement": statements}
        return kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]

    return make


@pytest.fixture
def machine(stack):
    def make(arn, actions="[kms:Decrypt, kms:GenerateDataKey]"):
        text = MACHINE.replace("THE-KEY", arn).replace("ACTIONS", actions)
        return stack(text).outputs

    return make


def test_a_state_machines_role_encrypts_its_executions(session, machine, key):
    # given
    stepfunctions = session.client("stepfunctions")
    arn = key(OWNER)
    outputs = machine(arn)

    # when
    started = stepfunctions.start_execution(stateMachineArn=outputs["Arn"])

    # then
    described = stepfunctions.describe_state_machine(stateMachineArn=outputs["Arn"])
    assert described["encryptionConfiguration"] == {
        "type": "CUSTOMER_MANAGED_KMS_KEY",
        "kmsKeyId": arn,
    }
    assert stepfunctions.describe_execution(executionArn=started["executionArn"])["input"] == "{}"


@pytest.mark.rule("K1")
@pytest.mark.parametrize("actions", ["[kms:Decrypt]", "[kms:GenerateDataKey]"])
def test_an_execution_does_not_start_if_the_role_may_not_use_the_key(
    session, machine, key, actions
):
    stepfunctions = session.client("stepfunctions")
    outputs = machine(key(OWNER), actions)
    code = error_code(stepfunctions.start_execution, stateMachineArn=outputs["Arn"])
    assert code == "KmsAccessDeniedException"


def test_a_key_whose_policy_does_not_trust_the_account_cannot_be_used(session, machine, key):
    # given a key whose policy names only CloudWatch Logs
    outputs = machine(key(LOGS))

    # when
    stepfunctions = session.client("stepfunctions")
    code = error_code(stepfunctions.start_execution, stateMachineArn=outputs["Arn"])

    # then
    assert code == "KmsAccessDeniedException"


def test_no_execution_starts_while_the_key_is_disabled(session, machine, key, kms):
    # given
    arn = key(OWNER)
    outputs = machine(arn)
    kms.disable_key(KeyId=arn.rpartition("/")[2])

    # when
    stepfunctions = session.client("stepfunctions")
    code = error_code(stepfunctions.start_execution, stateMachineArn=outputs["Arn"])

    # then
    assert code == "KmsInvalidStateException"


# The key permissions that callers need, from AWS's page about encryption at rest.
DECRYPT, CHANGE = ["kms:Decrypt"], ["kms:DescribeKey", "kms:GenerateDataKey"]
READING = {
    "describe_state_machine": DECRYPT,
    "describe_state_machine_for_execution": DECRYPT,
    "describe_execution": DECRYPT,
    "get_execution_history": DECRYPT,
}
CALLERS = {
    **READING,
    "create_state_machine": CHANGE,
    "update_state_machine": CHANGE,
    "start_execution": [],
    "send_task_success": [],
    "send_task_failure": [],
    "stop_execution": [],
    "redrive_execution": [],
}


@pytest.fixture
def requests(session, stack, key):
    """A request for each operation. The state machine has a key and a waiting execution."""
    text = MACHINE.replace(SUCCEEDS, WAITS).replace("\nOutputs:", f"{FUNCTION}\nOutputs:")
    text = text.replace("THE-KEY", key(OWNER)).replace(
        "ACTIONS", "[kms:Decrypt, kms:GenerateDataKey]"
    )
    outputs = stack(text).outputs
    stepfunctions = session.client("stepfunctions")
    machine = stepfunctions.describe_state_machine(stateMachineArn=outputs["Arn"])
    run = stepfunctions.start_execution(stateMachineArn=outputs["Arn"])["executionArn"]
    world = here.current().world
    world.run(until=world.now + 60)
    events = stepfunctions.get_execution_history(executionArn=run)["events"]
    (asked,) = [e["taskScheduledEventDetails"] for e in events if e["type"] == "TaskScheduled"]
    token = json.loads(asked["parameters"])["Payload"]
    ended = stepfunctions.start_execution(stateMachineArn=outputs["Arn"])["executionArn"]
    stepfunctions.stop_execution(executionArn=ended)
    new = {name: machine[name] for name in ("definition", "roleArn", "encryptionConfiguration")}
    of_machine, of_run = {"stateMachineArn": outputs["Arn"]}, {"executionArn": run}
    return {
        "describe_state_machine": of_machine,
        "describe_state_machine_for_execution": of_run,
        "describe_execution": of_run,
        "get_execution_history": of_run,
        "create_state_machine": {**new, "name": "New"},
        "update_state_machine": {**of_machine, "definition": machine["definition"]},
        "start_execution": of_machine,
        "send_task_success": {"taskToken": token, "output": "{}"},
        "send_task_failure": {"taskToken": token, "error": "E", "cause": "C"},
        "stop_execution": {**of_run, "error": "E", "cause": "C"},
        "redrive_execution": {"executionArn": ended},
    }


@pytest.mark.rule("K2")
@pytest.mark.parametrize("operation", CALLERS)
def test_a_caller_needs_the_documented_key_permissions(session, requests, operation):
    # given, for each permission, a user who lacks only that one, and a user with all of them
    for missing in CALLERS[operation]:
        some = [one for one in CALLERS[operation] if one != missing]
        call = getattr(user(session, ["states:*", *some]), operation)
        assert error_code(call, **requests[operation]) == "KmsAccessDeniedException"
    allowed = user(session, ["states:*", "iam:PassRole", *CALLERS[operation]])

    # when, then
    getattr(allowed, operation)(**requests[operation])


@pytest.mark.rule("K2", "G6")
@pytest.mark.parametrize("operation", [name for name in READING if name.startswith("describe")])
def test_a_caller_needs_no_key_for_the_metadata_alone(session, requests, operation):
    # given
    client = user(session, ["states:*"])

    # when
    described = getattr(client, operation)(**requests[operation], includedData="METADATA_ONLY")

    # then
    assert described.get("definition", "{}") == "{}"
    assert "input" not in described


@pytest.mark.rule("K3")
@pytest.mark.parametrize(
    "operation", ["send_task_success", "send_task_failure", "stop_execution", "redrive_execution"]
)
def test_the_state_machines_role_encrypts_what_a_caller_adds_to_an_execution(
    session, requests, operation
):
    # given a state machine whose role can no longer use the key
    take_the_key_from(session, requests)

    # when, then
    call = getattr(session.client("stepfunctions"), operation)
    assert error_code(call, **requests[operation]) == "KmsAccessDeniedException"


@pytest.mark.rule("K3")
def test_stopping_without_error_and_cause_needs_no_key(session, requests):
    take_the_key_from(session, requests)
    of_run = {"executionArn": requests["stop_execution"]["executionArn"]}

    session.client("stepfunctions").stop_execution(**of_run)


def take_the_key_from(session, requests):
    role = requests["create_state_machine"]["roleArn"].rpartition("/")[2]
    session.client("iam").delete_role_policy(RoleName=role, PolicyName="Key")


@pytest.mark.rule("K4")
def test_the_status_event_of_an_encrypted_execution_has_no_data(monkeypatch, session, requests):
    # given a record of the bus's events
    details = []
    monkeypatch.setattr(
        here.current().events, "put", lambda *event: details.append(event[2]["detail"])
    )

    # when
    session.client("stepfunctions").stop_execution(**requests["stop_execution"])

    # then
    (detail,) = details
    assert detail["status"] == "ABORTED"
    assert {detail[name] for name in ("input", "output", "error", "cause")} == {None}
    assert detail["inputDetails"] == {"included": False}


def user(session, actions):
    iam = session.client("iam")
    name = f"User{len(iam.list_users()['Users'])}"
    iam.create_user(UserName=name)
    allow = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.put_user_policy(UserName=name, PolicyName="Some", PolicyDocument=policy)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return session.client(
        "stepfunctions",
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"],
    )


def test_a_log_group_has_the_key_that_cloudwatch_may_use(session, stack, key):
    arn = key(OWNER, LOGS)
    stack(GROUP.replace("NAME", "ours/one").replace("THE-KEY", arn))
    (group,) = session.client("logs").describe_log_groups()["logGroups"]
    assert group["kmsKeyId"] == arn


@pytest.mark.parametrize("name, statements", [("ours/one", [OWNER]), ("theirs", [OWNER, LOGS])])
def test_a_key_that_cloudwatch_may_not_use_for_the_group_is_refused(stack, key, name, statements):
    arn = key(*statements)
    with pytest.raises(DeploymentFailed, match="is not allowed to be used with LogGroup"):
        stack(GROUP.replace("NAME", name).replace("THE-KEY", arn))


def test_a_missing_key_is_refused(stack):
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/missing"
    with pytest.raises(DeploymentFailed, match="does not exist or cannot be used"):
        stack(MACHINE.replace("THE-KEY", arn).replace("ACTIONS", "kms:Decrypt"))

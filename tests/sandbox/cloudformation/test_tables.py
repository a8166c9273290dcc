import json
import re

import pytest
from botocore.exceptions import ClientError

from codepipeline_sandbox.cloudformation import DeploymentFailed
from tests.sandbox.cloudformation.test_keys import ACCOUNT, OWNER, REGION
from tests.sandbox.iam.accounts import policy

TEMPLATE = """
Resources:
  Waits:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      AttributeDefinitions: [{AttributeName: execution, AttributeType: S}]
      KeySchema: [{AttributeName: execution, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      TimeToLiveSpecification: {AttributeName: expires, Enabled: true}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
Outputs:
  Name: {Value: !Ref Waits}
  Arn: {Value: !GetAtt Waits.Arn}
"""
SECRET = """
      SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: THE-KEY}
Outputs:"""
ITEM = {"execution": {"S": "x"}}
TRUST = policy(
    {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"},
)
ITEMS = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}
DECRYPT = {
    "Effect": "Allow",
    "Action": "kms:Decrypt",
    "Resource": "*",
    "Condition": {
        "StringEquals": {
            "kms:ViaService": f"dynamodb.{REGION}.amazonaws.com",
            "kms:EncryptionContext:aws:dynamodb:subscriberId": ACCOUNT,
        },
        "StringLike": {"kms:EncryptionContext:aws:dynamodb:tableName": "stack-Waits-*"},
    },
}


@pytest.fixture
def dynamodb(session):
    return session.client("dynamodb")


@pytest.fixture
def key(session):
    """The ARN of a key whose policy leaves all decisions to IAM policies in the account."""
    document = json.dumps({"Version": "2012-10-17", "Statement": [OWNER]})
    return session.client("kms").create_key(Policy=document)["KeyMetadata"]["Arn"]


@pytest.fixture
def client_of(session, cloud):

    def make(*statements):
        iam = session.client("iam")
        iam.create_user(UserName="ada")
        assumes = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
        iam.put_user_policy(UserName="ada", PolicyName="All", PolicyDocument=policy(assumes))
        key = iam.create_access_key(UserName="ada")["AccessKey"]
        sts = session.client(
            "sts",
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )
        iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName="Reader", PolicyName="All", PolicyDocument=policy(*statements))
        given = sts.assume_role(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/Reader", RoleSessionName="me"
        )["Credentials"]
        return session.client(
            "dynamodb",
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )

    return make


@pytest.mark.rule("Y6")
def test_a_stack_creates_a_table_with_its_settings(stack, dynamodb):
    outputs = stack(TEMPLATE).outputs

    name = outputs["Name"]
    table = dynamodb.describe_table(TableName=name)["Table"]
    recovery = dynamodb.describe_continuous_backups(TableName=name)
    status = recovery["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert re.fullmatch(r"stack-Waits-[A-Z0-9]+", name)
    assert (
        outputs["Arn"] == table["TableArn"] == f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"
    )
    assert table["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST"}
    assert dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "expires",
    }
    assert status["PointInTimeRecoveryStatus"] == "ENABLED"


@pytest.mark.rule("Y6")
@pytest.mark.parametrize("policy, left", [("Retain", 1), ("Delete", 0)])
def test_a_table_with_deletion_policy_retain_outlives_its_stack(
    stack, session, dynamodb, policy, left
):
    stack(TEMPLATE.replace("DeletionPolicy: Retain", f"DeletionPolicy: {policy}"))

    session.client("cloudformation").delete_stack(StackName="stack")

    assert len(dynamodb.list_tables()["TableNames"]) == left


@pytest.mark.rule("Y6")
@pytest.mark.parametrize(
    "old, new, problem",
    [
        ("BillingMode: PAY_PER_REQUEST", "StreamSpecification: {}", "['StreamSpecification'] of"),
        ("PAY_PER_REQUEST", "PROVISIONED", "only supports the BillingMode PAY_PER_REQUEST"),
        ("KeyType: HASH", "KeyType: RANGE", "only supports tables without a sort key"),
        ("AttributeName: execution, KeyType", "AttributeName: run, KeyType", "does not exactly"),
        ("Enabled: true}", "Enabled: true, Days: 1}", "['Days'] of TimeToLiveSpecification"),
    ],
)
def test_unsupported_table_settings_are_refused_by_name(stack, old, new, problem):
    with pytest.raises(DeploymentFailed, match=re.escape(problem)):
        stack(TEMPLATE.replace(old, new, 1))


@pytest.mark.rule("Y5")
def test_items_in_an_encrypted_table_need_the_key(stack, session, dynamodb, key, client_of):
    # given
    text = TEMPLATE.replace("\nOutputs:", SECRET).replace("THE-KEY", key)
    name = stack(text).outputs["Name"]
    described = dynamodb.describe_table(TableName=name)["Table"]["SSEDescription"]
    assert described == {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key}
    reader = client_of(ITEMS, DECRYPT)

    # when
    reader.put_item(TableName=name, Item=ITEM)
    read = reader.get_item(TableName=name, Key=ITEM)

    # then
    assert read["Item"] == ITEM
    session.client("kms").disable_key(KeyId=key.rpartition("/")[2])
    with pytest.raises(ClientError, match=r"AccessDeniedException.*is Disabled"):
        reader.get_item(TableName=name, Key=ITEM)


@pytest.mark.rule("Y5")
@pytest.mark.parametrize(
    "allowed",
    [
        [],
        [{**DECRYPT, "Action": "kms:Encrypt"}],
        [{**DECRYPT, "Condition": {"StringEquals": {"kms:ViaService": "sqs.amazonaws.com"}}}],
    ],
)
def test_without_the_key_items_can_be_neither_written_nor_read(stack, key, client_of, allowed):
    name = stack(TEMPLATE.replace("\nOutputs:", SECRET).replace("THE-KEY", key)).outputs["Name"]
    reader = client_of(ITEMS, *allowed)

    for call in (
        lambda: reader.put_item(TableName=name, Item=ITEM),
        lambda: reader.get_item(TableName=name, Key=ITEM),
    ):
        with pytest.raises(ClientError, match=r"AccessDeniedException.*kms:Decrypt on resource: "):
            call()


@pytest.mark.rule("Y5")
@pytest.mark.parametrize(
    "actions, problem",
    [
        (["kms:DescribeKey", "kms:CreateGrant"], None),
        (["kms:DescribeKey"], "kms:CreateGrant on resource: "),
        (["kms:CreateGrant"], "kms:DescribeKey on resource: "),
    ],
)
def test_the_creator_of_a_table_must_be_able_to_grant_it_the_key(key, client_of, actions, problem):
    creator = client_of(ITEMS, {"Effect": "Allow", "Action": actions, "Resource": key})
    table = {
        "TableName": "Waits",
        "AttributeDefinitions": [{"AttributeName": "execution", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "execution", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    }

    if problem is None:
        assert creator.create_table(**table)["TableDescription"]["TableStatus"] == "ACTIVE"
    else:
        with pytest.raises(ClientError, match=problem):
            creator.create_table(**table)


@pytest.mark.rule("Y5")
@pytest.mark.parametrize(
    "name, problem",
    [
        ("alias/mine", "keys not specified by their ARN"),
        (f"arn:aws:kms:{REGION}:{ACCOUNT}:key/none", "does not exist"),
    ],
)
def test_an_unknown_key_is_refused(stack, name, problem):
    with pytest.raises(DeploymentFailed, match=problem):
        stack(TEMPLATE.replace("\nOutputs:", SECRET).replace("THE-KEY", name))

import pytest

ACCOUNT, REGION = "111122223333", "eu-west-1"
TABLE = "Waits"
TABLE_ARN = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"
KEY = {"execution": {"S": "x"}}
SCHEMA = {
    "AttributeDefinitions": [{"AttributeName": "execution", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "execution", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture
def dynamodb(cloud):
    """The administrator's client. The Waits table has one item, whose `heard` is 3."""
    client = cloud.session(ACCOUNT, REGION).client("dynamodb")
    client.create_table(TableName=TABLE, **SCHEMA)
    client.put_item(TableName=TABLE, Item={**KEY, "heard": {"N": "3"}, "doors": {"L": []}})
    return client


@pytest.fixture
def update(dynamodb):
    def update(expression, condition=None, *, key=KEY, table=TABLE, names=None, **more):
        more = {**more, "ConditionExpression": condition, "ExpressionAttributeNames": names}
        given = {name: value for name, value in more.items() if value is not None}
        return dynamodb.update_item(TableName=table, Key=key, UpdateExpression=expression, **given)

    return update


@pytest.fixture
def item(dynamodb):
    return lambda key=KEY: dynamodb.get_item(TableName=TABLE, Key=key).get("Item")

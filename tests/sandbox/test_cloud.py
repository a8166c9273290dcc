"""A cloud starts empty, is the only one in the process, and has several accounts and Regions."""

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.kernel.here import current


def test_there_is_no_current_cloud_until_one_is_started():
    with Cloud() as cloud:
        assert current() is cloud
    with pytest.raises(RuntimeError, match="no sandbox is running"):
        current()


def test_a_second_cloud_at_the_same_time_is_refused():
    with Cloud(), pytest.raises(RuntimeError, match="only one sandbox can run"):
        Cloud().__enter__()


def test_the_next_cloud_starts_empty():
    for _ in range(2):
        with Cloud() as cloud:
            s3 = cloud.session("111122223333", "eu-west-1").client("s3")
            assert s3.list_buckets()["Buckets"] == []
            s3.create_bucket(
                Bucket="mine", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
            )


def test_motos_own_services_answer_after_the_cloud_is_closed():
    template = '{"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}'
    with Cloud() as cloud:
        client = cloud.session().client("cloudformation")
        client.create_stack(StackName="stack", TemplateBody=template)

    with mock_aws():
        client.create_stack(StackName="stack", TemplateBody=template)

        [stack] = client.describe_stacks()["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"


def test_sessions_belong_to_their_account_and_region():
    with Cloud() as cloud:
        for account, region in (("111122223333", "eu-west-1"), ("222233334444", "us-east-1")):
            session = cloud.session(account, region)
            assert session.client("sts").get_caller_identity()["Account"] == account
            session.client("events").create_event_bus(Name=f"bus-{account}")

        here = cloud.session("111122223333", "eu-west-1").client("events")
        elsewhere = cloud.session("111122223333", "us-east-1").client("events")
        assert len(here.list_event_buses()["EventBuses"]) == 2
        assert len(elsewhere.list_event_buses()["EventBuses"]) == 1


def test_timestamps_made_by_moto_show_the_worlds_time():
    with Cloud() as cloud:
        cloud.world.sleep(86400)
        iam = cloud.session("111122223333", "eu-west-1").client("iam")
        policy = '{"Version": "2012-10-17", "Statement": []}'
        role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=policy)["Role"]

        assert role["CreateDate"] == cloud.world.datetime()


def test_the_same_seed_gives_the_same_names():
    def role_id(seed):
        with Cloud(seed=seed) as cloud:
            iam = cloud.session("111122223333", "eu-west-1").client("iam")
            policy = '{"Version": "2012-10-17", "Statement": []}'
            return iam.create_role(RoleName="r", AssumeRolePolicyDocument=policy)["Role"]["RoleId"]

    assert role_id(1) == role_id(1) != role_id(2)


def test_an_error_in_the_block_shuts_the_cloud_down():
    with pytest.raises(ClientError), Cloud() as cloud:
        cloud.session("111122223333", "eu-west-1").client("iam").get_role(RoleName="none")
    with Cloud() as cloud:
        assert current() is cloud


@pytest.mark.parametrize(
    "service, operation",
    [
        ("codepipeline", "list_pipelines"),
        ("scheduler", "list_schedules"),
        ("sts", "get_caller_identity"),
        ("s3", "list_buckets"),
    ],
)
def test_a_region_that_does_not_exist_cannot_be_reached(service, operation):
    with Cloud() as cloud:
        once = Config(retries={"total_max_attempts": 1})
        client = cloud.session("111122223333", "eu-west-9").client(service, config=once)

        with pytest.raises(EndpointConnectionError, match="eu-west-9"):
            getattr(client, operation)()

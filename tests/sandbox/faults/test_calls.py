"""How faults in SDK calls appear to the caller."""

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from codepipeline_sandbox.faults import CallFault
from codepipeline_sandbox.kernel.world import TaskKilled
from tests.sandbox.faults.conftest import HERE, REGION, THERE

PIPELINE = {"name": "deploy"}


def refusal(caught):
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.rule("F1")
@pytest.mark.parametrize(
    "service, call, kind, expected",
    [
        ("codepipeline", "list_pipelines", "throttled", ("ThrottlingException", 400)),
        ("codepipeline", "list_pipelines", "unavailable", ("ServiceUnavailable", 503)),
        ("codepipeline", "list_pipelines", "denied", ("AccessDeniedException", 400)),
        ("stepfunctions", "list_state_machines", "throttled", ("ThrottlingException", 400)),
        ("sts", "get_caller_identity", "throttled", ("Throttling", 400)),
        ("sts", "get_caller_identity", "unavailable", ("ServiceUnavailable", 503)),
        ("sts", "get_caller_identity", "denied", ("AccessDenied", 403)),
        ("iam", "list_roles", "throttled", ("Throttling", 400)),
        ("lambda", "list_functions", "throttled", ("TooManyRequestsException", 429)),
        ("lambda", "list_functions", "unavailable", ("ServiceException", 500)),
        ("lambda", "list_functions", "denied", ("AccessDeniedException", 403)),
        ("scheduler", "list_schedules", "throttled", ("ThrottlingException", 429)),
        ("events", "list_rules", "unavailable", ("InternalException", 500)),
        ("dynamodb", "list_tables", "throttled", ("ProvisionedThroughputExceededException", 400)),
        ("dynamodb", "list_tables", "unavailable", ("InternalServerError", 500)),
        ("dynamodb", "list_tables", "denied", ("AccessDeniedException", 400)),
        ("ec2", "describe_regions", "throttled", ("RequestLimitExceeded", 503)),
        ("s3", "list_buckets", "throttled", ("SlowDown", 503)),
        ("s3", "list_buckets", "denied", ("AccessDenied", 403)),
    ],
)
def test_a_refusal_has_the_code_and_status_of_its_service(
    cloud, client, task_of, service, call, kind, expected
):
    cloud.faults.add(CallFault(kind, f"{service}:*"))
    caller = client(service)

    with pytest.raises(ClientError) as caught:
        task_of(getattr(caller, call))

    assert refusal(caught) == expected


@pytest.mark.rule("F1")
@pytest.mark.parametrize(
    "service, call", [("codepipeline", "list_pipelines"), ("sts", "get_caller_identity")]
)
@pytest.mark.parametrize(
    "code, status, expected", [("RequestExpired", 403, 403), ("Odd", None, 400)]
)
def test_any_code_and_status_can_be_set(
    cloud, client, task_of, service, call, code, status, expected
):
    cloud.faults.add(CallFault("refused", f"{service}:*", code=code, status=status))
    caller = client(service)

    with pytest.raises(ClientError) as caught:
        task_of(getattr(caller, call))

    assert refusal(caught) == (code, expected)


@pytest.mark.rule("F1")
@pytest.mark.parametrize(
    "seconds, error", [(None, EndpointConnectionError), (60, ConnectTimeoutError)]
)
def test_a_call_to_an_unreachable_service_has_no_effect(cloud, client, task_of, seconds, error):
    began = cloud.world.now
    cloud.faults.add(CallFault("unreachable", "s3:CreateBucket", seconds=seconds))
    s3 = client("s3", region="us-east-1")

    with pytest.raises(error):
        task_of(lambda: s3.create_bucket(Bucket="bucket"))

    assert cloud.world.now - began == pytest.approx(seconds or 0, abs=cloud.latency)
    assert s3.list_buckets()["Buckets"] == []


@pytest.mark.rule("F1")
def test_a_denial_is_worded_as_in_aws(cloud, client, task_of):
    cloud.faults.add(CallFault("denied", "codepipeline:GetPipeline"))
    codepipeline = client("codepipeline")

    with pytest.raises(ClientError) as caught:
        task_of(lambda: codepipeline.get_pipeline(**PIPELINE))

    assert caught.value.response["Error"]["Message"] == (
        f"User: arn:aws:iam::{HERE}:root is not authorized to perform: codepipeline:GetPipeline "
        f"on resource: arn:aws:codepipeline:{REGION}:{HERE}:deploy because no identity-based "
        "policy allows the codepipeline:GetPipeline action"
    )


@pytest.mark.rule("F1", "F2")
@pytest.mark.parametrize("kind", ["throttled", "unavailable", "lost"])
def test_the_sdk_retries_temporary_faults(cloud, client, task_of, kind):
    cloud.faults.add(CallFault(kind, "sts:GetCallerIdentity", times=2))
    sts = client("sts", attempts=3)

    assert task_of(sts.get_caller_identity)["Account"] == HERE
    assert [strike.kind for strike in cloud.faults.log] == [kind, kind]


@pytest.mark.rule("F1", "F6")
def test_the_sdk_waits_in_world_time_even_outside_tasks(cloud, client):
    began = cloud.world.now
    cloud.faults.add(CallFault("throttled", times=2, callers="everybody"))

    client("sts", attempts=3).get_caller_identity()

    assert 0 < cloud.world.now - began < 3


@pytest.mark.rule("F1")
def test_a_refused_call_has_no_effect(cloud, client, task_of):
    cloud.faults.add(CallFault("unavailable", "s3:CreateBucket"))
    s3 = client("s3", region="us-east-1")

    with pytest.raises(ClientError):
        task_of(lambda: s3.create_bucket(Bucket="bucket"))

    assert s3.list_buckets()["Buckets"] == []


@pytest.mark.rule("F2")
def test_a_call_whose_answer_is_lost_has_taken_effect(cloud, client, task_of):
    cloud.faults.add(CallFault("lost", "s3:CreateBucket"))
    s3 = client("s3", region="us-east-1")

    with pytest.raises(ConnectionClosedError):
        task_of(lambda: s3.create_bucket(Bucket="bucket"))

    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["bucket"]


@pytest.mark.rule("F2")
def test_a_lost_answer_can_end_in_a_read_timeout(cloud, client, task_of):
    began = cloud.world.now
    cloud.faults.add(CallFault("lost", seconds=60))
    sts = client("sts")

    with pytest.raises(ReadTimeoutError):
        task_of(sts.get_caller_identity)

    assert cloud.world.now - began == pytest.approx(60 + cloud.latency)


@pytest.mark.rule("F3")
def test_a_slow_call_takes_effect_immediately_and_is_answered_later(cloud, client):
    began = cloud.world.now
    cloud.faults.add(CallFault("slow", "s3:CreateBucket", seconds=30))
    s3 = client("s3", region="us-east-1")
    task = cloud.world.spawn(lambda: s3.create_bucket(Bucket="bucket"))

    cloud.world.run(until=began + 29)

    assert task.alive
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["bucket"]
    cloud.world.result_of(task.outcome)
    assert cloud.world.now - began == pytest.approx(30 + cloud.latency)


@pytest.mark.rule("F3")
def test_the_delay_can_vary_within_a_spread(cloud, client, task_of):
    cloud.faults.add(CallFault("slow", seconds=5, spread=10))
    sts = client("sts")

    for _ in range(5):
        task_of(sts.get_caller_identity)

    seconds = [strike.seconds for strike in cloud.faults.log]
    assert all(5 <= one <= 15 for one in seconds)
    assert len(set(seconds)) == 5


@pytest.mark.rule("F4")
@pytest.mark.parametrize(
    "kind, buckets, expected",
    [
        ("killed-before", [], []),
        ("killed-during", ["bucket"], []),
        ("killed-after", ["bucket"], ["answered"]),
    ],
)
def test_a_caller_is_killed_before_during_or_after_its_call(cloud, client, kind, buckets, expected):
    cloud.faults.add(CallFault(kind, "s3:CreateBucket"))
    s3, done = client("s3", region="us-east-1"), []

    def work():
        s3.create_bucket(Bucket="bucket")
        done.append("answered")
        s3.create_bucket(Bucket="another")
        done.append("continued")

    task = cloud.world.spawn(work)
    cloud.world.run()

    with pytest.raises(TaskKilled):
        task.outcome.result()
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == buckets
    assert done == expected


@pytest.mark.rule("F4")
@pytest.mark.parametrize("kind", ["killed-before", "killed-during", "killed-after"])
def test_nothing_takes_effect_after_a_caller_is_killed(cloud, client, kind):
    cloud.faults.add(CallFault(kind, "s3:ListBuckets", times=1))
    s3 = client("s3", region="us-east-1")

    def work():
        try:
            s3.list_buckets()
        finally:
            s3.create_bucket(Bucket="left-behind")

    cloud.world.spawn(work)
    cloud.world.run()

    assert s3.list_buckets()["Buckets"] == []


@pytest.mark.rule("F4")
def test_a_caller_killed_after_its_last_answer_returns_nothing(cloud, client, task_of):
    cloud.faults.add(CallFault("killed-after"))
    sts = client("sts")

    with pytest.raises(TaskKilled):
        task_of(sts.get_caller_identity)


@pytest.mark.rule("F5")
def test_several_faults_apply_in_the_order_they_were_added(cloud, client, task_of):
    began = cloud.world.now
    cloud.faults.add(CallFault("slow", seconds=10), CallFault("throttled"), CallFault("denied"))
    sts = client("sts")

    with pytest.raises(ClientError) as caught:
        task_of(sts.get_caller_identity)

    assert refusal(caught)[0] == "Throttling"
    assert cloud.world.now - began == pytest.approx(10 + cloud.latency)
    assert [strike.kind for strike in cloud.faults.log] == ["slow", "throttled"]


@pytest.mark.rule("F6")
def test_calls_outside_tasks_are_affected_only_on_request(cloud, client):
    sts = client("sts")
    spared, meant = CallFault("denied"), CallFault("denied", callers="everybody")

    cloud.faults.add(spared)
    assert sts.get_caller_identity()["Account"] == HERE

    cloud.faults.add(meant)
    with pytest.raises(ClientError, match="not authorized to perform: sts:GetCallerIdentity"):
        sts.get_caller_identity()

    cloud.faults.remove(meant)
    assert sts.get_caller_identity()["Account"] == HERE


@pytest.mark.rule("F6")
def test_a_caller_outside_tasks_cannot_be_killed(cloud, client):
    cloud.faults.add(CallFault("killed-before", callers="everybody"))

    assert client("sts").get_caller_identity()["Account"] == HERE
    assert cloud.faults.log == []


@pytest.mark.rule("F7")
def test_a_fault_selects_the_account_of_the_credentials_even_after_assume_role(
    cloud, client, task_of
):
    role = assumable_role(client("iam", account=THERE))
    cloud.faults.add(CallFault("denied", account=THERE))
    sts = client_of_user(client("iam"))

    def work():
        answer = sts.assume_role(RoleArn=role, RoleSessionName="run")["Credentials"]
        assumed = session(cloud, answer)
        try:
            assumed.client("codepipeline").list_pipelines()
        except ClientError as error:
            return error.response["Error"]["Message"]

    message = task_of(work)

    assert f"arn:aws:sts::{THERE}:assumed-role/target/run is not authorized" in message
    assert [strike.what for strike in cloud.faults.log] == ["codepipeline:ListPipelines"]


def assumable_role(iam):
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
        f'"Principal": {{"AWS": "arn:aws:iam::{HERE}:root"}}}}]}}'
    )
    created = iam.create_role(RoleName="target", AssumeRolePolicyDocument=trust)
    return created["Role"]["Arn"]


def client_of_user(iam):
    import boto3  # noqa: PLC0415 - only here

    iam.create_user(UserName="ada")
    allows = (
        '{"Version": "2012-10-17", "Statement": '
        '[{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}'
    )
    iam.put_user_policy(UserName="ada", PolicyName="All", PolicyDocument=allows)
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    return boto3.client(
        "sts",
        region_name=REGION,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def session(cloud, credentials):
    import boto3  # noqa: PLC0415 - only here

    return boto3.Session(
        credentials["AccessKeyId"],
        credentials["SecretAccessKey"],
        credentials["SessionToken"],
        region_name=REGION,
    )

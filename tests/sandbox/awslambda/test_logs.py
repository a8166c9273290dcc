SOURCE = """
import logging

def handler(event, context):
    print("one\\ntwo")
    logging.getLogger("app").warning("careful")
"""


def test_each_container_writes_a_stream_in_its_functions_log_group(cloud, function, invoke):
    arn = function(SOURCE)
    invoke(arn)
    logs = cloud.session("111122223333", "eu-west-1").client("logs")
    group = f"/aws/lambda/{arn.split(':')[-1]}"

    (stream,) = logs.describe_log_streams(logGroupName=group)["logStreams"]
    events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])

    messages = [event["message"] for event in events["events"]]
    assert messages[0].startswith("START RequestId: ")
    assert messages[1:3] == ["one", "two"]
    assert "careful" in messages[3]
    assert events["events"][0]["timestamp"] == int(cloud.world.now * 1000)


def test_lines_are_lost_when_the_role_may_not_write_logs(cloud, function, invoke, api):
    arn = function(SOURCE)
    name = api.get_function_configuration(FunctionName=arn)["Role"].split("/")[-1]
    iam = cloud.session("111122223333", "eu-west-1").client("iam")
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])

    invoke(arn)

    logs = cloud.session("111122223333", "eu-west-1").client("logs")
    assert logs.describe_log_groups()["logGroups"] == []
    assert [line.text for line in cloud.functions.log_lines if not line.delivered][1] == "one"


def test_a_logged_traceback_shows_file_paths_as_on_lambda(function, invoke, texts):
    arn = function("""
import json, traceback

def handler(event, context):
    try:
        json.loads("no")
    except ValueError:
        print(json.dumps(traceback.format_exc()))
""")

    invoke(arn)

    (text,) = texts()
    assert 'File \\"/var/task/app.py\\", line 6, in handler' in text
    assert 'File \\"/var/lang/lib/python3/json/__init__.py' in text

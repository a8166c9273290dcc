"""The same seed produces the same history, down to the last byte that functions write."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.cloudformation import deploy

SOURCE = """
import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit, single_metric

logger = Logger(service="app")
metrics = Metrics(namespace="Test", service="app")
sts = boto3.client("sts")


@logger.inject_lambda_context(log_event=False)
@metrics.log_metrics
def handler(event, context):
    metrics.add_metric(name="Calls", unit=MetricUnit.Count, value=1)
    logger.info(sts.get_caller_identity())
    with single_metric(name="One", unit=MetricUnit.Count, value=1, namespace="Test"):
        pass
    logger.info("done", extra={"event": event})
    if event == 3:
        raise ValueError(event)
"""
TEMPLATE = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {
        "App": {
            "Type": "AWS::Serverless::Function",
            "Properties": {"Handler": "app.handler", "Runtime": "python3.13", "CodeUri": "src"},
        }
    },
    "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["App", "Arn"]}}},
}

# Run the orchestrator while every fourth call fails with 503 and is retried after a random pause.
TROUBLED = """
from botocore.awsrequest import AWSResponse
from moto.core.botocore_stubber import MockRawResponse

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.codepipeline import Act
from playground.company import SECOND, Action, Company

calls = []


def troubled(call, proceed):
    calls.append(call.operation)
    if len(calls) % 4 == 0:
        return AWSResponse(call.request.url, 503, {}, MockRawResponse(b""))
    return proceed()


with Cloud(seed=3) as cloud:
    cloud.interceptors.append(troubled)
    company = Company(cloud, targets=(SECOND,))
    company.add_pipeline("deploy", {"Go": [Action("Go", [Act(90)])]}, account=SECOND)
    asked = {"pipelineName": "deploy", "roleArn": company.target_roles[SECOND]}
    actions = [company.waiting_action(name, asked) for name in ("One", "Two")]
    company.add_pipeline("release", {"Go": actions})
    company.start("release")
    cloud.world.run()
    print(*cloud.functions.log_lines, *cloud.events.log, *calls, cloud.world.now, sep="\\n")
"""
ROOT = Path(__file__).parents[3]


def history(path, seed):
    with Cloud(seed=seed) as cloud:
        arn = deploy(cloud, path, "111122223333", "eu-west-1", "stack").outputs["Arn"]
        for number in range(5):
            cloud.functions.invoke_async(arn, str(number))
        cloud.world.run()
        return list(cloud.functions.log_lines)


def test_the_same_seed_gives_the_same_history(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(SOURCE)
    path = tmp_path / "template.json"
    path.write_text(json.dumps(TEMPLATE))

    first = history(path, 1)

    assert len(first) > 20
    assert history(path, 1) == first
    assert [line.text for line in history(path, 2)] != [line.text for line in first]


@pytest.mark.long
def test_the_same_seed_gives_the_same_history_in_another_process(capsys):
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", TROUBLED],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "1"},  # not the hash seed of this process
        stdout=subprocess.PIPE,
        text=True,
    ) as another:
        exec(TROUBLED, {})  # noqa: S102 - our own program
        output = another.communicate()[0]

    assert another.returncode == 0
    assert len(output.splitlines()) > 100
    assert output == capsys.readouterr().out


def test_a_functions_time_and_randomness_come_from_the_world(tmp_path):
    source = """
import random, time, uuid

def handler(event, context):
    print(time.time_ns(), random.random(), random.choice(range(10**9)), uuid.uuid4())
"""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(source)
    path = tmp_path / "template.json"
    path.write_text(json.dumps(TEMPLATE))

    assert history(path, 1) == history(path, 1)


def test_a_running_function_is_stopped_when_the_cloud_closes(tmp_path):
    (tmp_path / "src").mkdir()
    source = """
import time

def handler(event, context):
    try:
        time.sleep(10)
    finally:
        print("ended", __name__)
"""
    (tmp_path / "src" / "app.py").write_text(source)
    path = tmp_path / "template.json"
    path.write_text(json.dumps(TEMPLATE))

    with Cloud() as cloud:
        arn = deploy(cloud, path, "111122223333", "eu-west-1", "stack").outputs["Arn"]
        cloud.functions.invoke(arn, "{}")
        cloud.world.sleep(1)

    assert cloud.functions.log_lines[-1].text == "ended app"

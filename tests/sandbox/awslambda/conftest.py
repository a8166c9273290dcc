import json

import pytest

from codepipeline_sandbox.cloudformation import deploy

ACCOUNT, REGION = "111122223333", "eu-west-1"


@pytest.fixture
def function(cloud, tmp_path):
    def build(source, *, name="app", files=None, **properties):
        code = tmp_path / name
        code.mkdir()
        (code / "app.py").write_text(source)
        for file, text in (files or {}).items():
            (code / file).parent.mkdir(exist_ok=True)
            (code / file).write_text(text)
        described = {
            "Handler": "app.handler",
            "Runtime": "python3.13",
            "CodeUri": name,
            **properties,
        }
        template = {
            "Transform": "AWS::Serverless-2016-10-31",
            "Resources": {"App": {"Type": "AWS::Serverless::Function", "Properties": described}},
            "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["App", "Arn"]}}},
        }
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(template))
        return deploy(cloud, path, ACCOUNT, REGION, name).outputs["Arn"]

    return build


@pytest.fixture
def invoke(cloud):
    def call(arn, event=None):
        done = cloud.world.result_of(cloud.functions.invoke(arn, json.dumps(event)))
        return json.loads(done.payload), done.error

    return call


@pytest.fixture
def api(cloud):
    return cloud.session(ACCOUNT, REGION).client("lambda")


@pytest.fixture
def texts(cloud):
    """Returns the lines that functions have written, without the platform's own lines."""

    def read():
        own = ("START ", "END ")
        return [line.text for line in cloud.functions.log_lines if not line.text.startswith(own)]

    return read

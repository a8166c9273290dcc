import textwrap

import pytest

from codepipeline_sandbox.cloudformation import deploy

ACCOUNT, REGION = "111122223333", "eu-west-1"


@pytest.fixture
def session(cloud):
    return cloud.session(ACCOUNT, REGION)


@pytest.fixture
def stack(cloud, tmp_path):
    (tmp_path / "src" / "__pycache__").mkdir(parents=True)
    (tmp_path / "src" / "__pycache__" / "app.pyc").write_text("")
    (tmp_path / "src" / "app.py").write_text("def handler(event, context):\n    return event\n")

    def create(text, name="stack", **more):
        path = tmp_path / f"{name}.yaml"
        header = "Transform: AWS::Serverless-2016-10-31\n"
        path.write_text(header + textwrap.dedent(text))
        return deploy(cloud, path, ACCOUNT, REGION, name, **more)

    return create

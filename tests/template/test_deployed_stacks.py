import json

import pytest

from codepipeline_sandbox.cloudformation import deploy

ACCOUNT = "111122223333"
REGION = "eu-central-1"
WAITERS = ("PipelineWaiterLambdaName", "PipelineWaiterLambdaArn", "PipelineWaiterLambdaRoleArn")


@pytest.fixture
def deploy_orchestrator(root, cloud):
    def deploy_as(name, **parameters):
        return deploy(cloud, root / "template.yaml", ACCOUNT, REGION, name, parameters=parameters)

    return deploy_as


def _importing_stack(session, names):
    cloudformation = session.client("cloudformation")
    resource = {"Type": "AWS::Logs::LogGroup"}
    outputs = {f"Output{i}": {"Value": {"Fn::ImportValue": n}} for i, n in enumerate(names)}
    cloudformation.create_stack(
        StackName="invoking-pipeline",
        TemplateBody=json.dumps({"Resources": {"LogGroup": resource}, "Outputs": outputs}),
    )
    stack = cloudformation.describe_stacks(StackName="invoking-pipeline")["Stacks"][0]
    values = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    return [values[f"Output{i}"] for i in range(len(names))]


@pytest.mark.parametrize("prefix", ["", "team-a:"])
def test_a_stack_can_still_import_the_exports_of_the_old_waiter(deploy_orchestrator, prefix):
    stack = deploy_orchestrator("orchestrator", ExportPrefix=prefix)

    values = _importing_stack(stack.session, [f"{prefix}{name}" for name in WAITERS])

    assert values == [
        stack.outputs["CodePipelineJobFunctionName"],
        stack.outputs["CodePipelineJobFunctionArn"],
        stack.outputs["TargetAccessRoleArn"],
    ]


def test_two_deployments_can_exist_side_by_side(deploy_orchestrator):
    first = deploy_orchestrator("orchestrator-a")
    second = deploy_orchestrator("orchestrator-b", ExportPrefix="b-")

    assert first.outputs.keys() == second.outputs.keys()
    assert not set(first.outputs.values()) & set(second.outputs.values())


def test_a_layer_arn_overrides_the_public_parameter(deploy_orchestrator):
    arn = f"arn:aws:lambda:{REGION}:222233334444:layer:powertools:7"

    stack = deploy_orchestrator("orchestrator", PowertoolsLayer=arn)

    function = stack.session.client("lambda").get_function_configuration(
        FunctionName=stack.outputs["CodePipelineJobFunctionName"]
    )
    assert [layer["Arn"] for layer in function["Layers"]] == [arn]

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.contract import shared
from tests.contract.aws import refusal
from tests.contract.pipelines import (
    Pipeline,
    action,
    approval,
    ask,
    check,
    condition,
    create,
    declaration,
    stage,
    variable,
    work,
)

pytestmark = pytest.mark.aws_verified

INVALID = {
    "P1": [
        ("InvalidStructureException", lambda stages: stages[:1]),
        ("InvalidStructureException", lambda stages: [*stages, stages[0] | {"name": "Again"}]),
        ("InvalidStructureException", lambda stages: stages[1:]),
    ],
    "P2": [("InvalidStructureException", lambda stages: [*stages, stages[-1]])],
    "P7": [
        (
            "InvalidActionDeclarationException",
            lambda stages: [*stages, stage("More", action("A", "Build", "Nobody"))],
        ),
        (
            "InvalidActionDeclarationException",
            lambda stages: [
                *stages,
                stage("More", approval(configuration={"Nothing": "x"})),
            ],
        ),
    ],
}


@pytest.mark.rule("P1", "P2", "P7")
@pytest.mark.parametrize("rule", INVALID)
def test_a_definition_with_a_mistake_is_refused(aws, rule):
    declared = declaration(aws, aws.name("pipeline"), stage("Go", approval()))

    def error(change):
        return refusal(lambda: create(aws, {**declared, "stages": change(declared["stages"])}))

    codes = [error(change) for _, change in INVALID[rule]]
    assert codes == [code for code, _ in INVALID[rule]]


@pytest.mark.rule("P2")
def test_actions_of_a_stage_have_different_names(aws):
    declared = declaration(aws, aws.name("pipeline"), stage("Go", approval(), approval()))

    error = refusal(lambda: create(aws, declared))
    assert error in {"InvalidStageDeclarationException", "InvalidStructureException"}


@pytest.mark.rule("P3")
def test_queues_and_variables_need_a_pipeline_of_type_v2(aws):
    def of_type_v1(**more):
        name = aws.name("pipeline")
        declared = declaration(aws, name, stage("Go", approval()), pipelineType="V1", **more)
        return refusal(lambda: create(aws, declared))

    assert of_type_v1(executionMode="QUEUED") is not None
    assert of_type_v1(variables=[variable("Color", "red")]) is not None
    assert of_type_v1() is None


@pytest.mark.rule("P3")
def test_a_pipeline_without_a_type_has_the_default_type(aws):
    pipeline = Pipeline(aws, stage("Go", approval()), pipelineType=None)

    shown = pipeline.client.get_pipeline(name=pipeline.name)["pipeline"]
    aws.setting("default_pipeline_type", shown["pipelineType"])


@pytest.mark.rule("P4")
def test_a_pipeline_has_one_kind_of_artifact_store(aws):
    declared = declaration(aws, aws.name("pipeline"), stage("Go", approval()))
    stores = {aws.region: declared["artifactStore"]}

    assert refusal(lambda: create(aws, {**declared, "artifactStores": stores})) is not None


@pytest.mark.rule("P5")
def test_old_versions_are_not_kept(aws):
    pipeline = Pipeline(aws, stage("Go", approval()))
    for _ in range(12):
        pipeline.update()

    def error_of(version):
        get = pipeline.client.get_pipeline
        return refusal(lambda: get(name=pipeline.name, version=version))

    errors = [error_of(version) for version in range(1, 14)]
    assert errors[-1] is None
    kept = errors.count(None)
    aws.setting("versions_kept", kept if kept < 13 else "all")
    names = {
        "PipelineNotFoundException": "pipeline",
        "PipelineVersionNotFoundException": "version",
    }
    lost = {names[error] for error in errors if error is not None}
    aws.setting("version_not_kept", lost.pop() if lost else "kept")


@pytest.mark.rule("P6")
def test_a_name_can_be_used_once(aws):
    pipeline = Pipeline(aws, stage("Go", approval()))

    error = refusal(lambda: create(aws, pipeline.declared))
    assert error == "PipelineNameInUseException"


@pytest.mark.rule("P8")
def test_tags_do_not_end_executions(aws):
    pipeline = Pipeline(aws, stage("Go", work()))
    execution = pipeline.start()
    pipeline.job()
    arn = f"arn:aws:codepipeline:{aws.region}:{aws.account}:{pipeline.name}"
    pipeline.client.tag_resource(resourceArn=arn, tags=[{"key": "color", "value": "red"}])
    tags = pipeline.client.list_tags_for_resource(resourceArn=arn)["tags"]
    reserved = [{"key": "aws:color", "value": "red"}]
    refused = refusal(lambda: pipeline.client.tag_resource(resourceArn=arn, tags=reserved))
    aws.wait(5)

    assert {"key": "color", "value": "red"} in tags
    assert refused is not None
    assert pipeline.status(execution) == "InProgress"


@pytest.mark.rule("P10")
def test_the_role_must_trust_codepipeline(aws):
    declared = declaration(aws, aws.name("pipeline"), stage("Go", approval()))
    other = shared.role(aws, "stranger", {"Service": "ec2.amazonaws.com"})

    error = refusal(
        lambda: aws.client("codepipeline").create_pipeline(
            pipeline={**declared, "roleArn": other}, tags=aws.tags("key", "value")
        )
    )
    assert error == "InvalidStructureException"


@pytest.mark.rule("P11")
def test_pipelines_are_listed_by_name(aws):
    Pipeline(aws, stage("Go", approval()))
    Pipeline(aws, stage("Go", approval()))
    listed = aws.client("codepipeline").list_pipelines()["pipelines"]

    names = [each["name"] for each in listed]
    assert names == sorted(names)


@pytest.mark.rule("C13")
def test_conditions_that_do_not_fit_are_refused(aws):
    met = check("a", "a")
    window = {
        "name": "Window",
        "ruleTypeId": {**met["ruleTypeId"], "provider": "DeploymentWindow"},
        "configuration": {"Cron": "* * * * ? *"},
    }

    def refused(pipeline_type="V2", **conditions):
        name = aws.name("pipeline")
        go = stage("Go", approval(), **conditions)
        declared = declaration(aws, name, go, pipelineType=pipeline_type)
        return refusal(lambda: create(aws, declared)) is not None

    assert refused("V1", beforeEntry=condition("FAIL", met))
    assert refused(beforeEntry=condition("SKIP", window))
    assert refused(beforeEntry=condition("ROLLBACK", met))


@pytest.mark.rule("A11", "R1")
def test_values_over_the_limits_are_refused(aws):
    long = declaration(aws, aws.name("pipeline"), stage("Go", ask(parameters="x" * 1_000)))
    name = declaration(aws, "x" * 101, stage("Go", approval()))

    assert refusal(lambda: create(aws, long)) == "ValidationException"
    assert refusal(lambda: create(aws, name)) == "ValidationException"


@pytest.mark.rule("A13")
def test_a_function_can_be_named_by_its_arn(aws):
    pipeline = Pipeline(aws, stage("Go", ask()))
    function = f"arn:aws:lambda:{aws.region}:{aws.account}:function:{shared.recorder(aws)}"
    (go,) = [each for each in pipeline.declared["stages"] if each["name"] == "Go"]
    (invoke,) = go["actions"]
    configuration = {**invoke["configuration"], "FunctionName": function}
    changed = {**go, "actions": [{**invoke, "configuration": configuration}]}
    pipeline.update(stages=[pipeline.declared["stages"][0], changed])
    pipeline.start()
    _, job = pipeline.asked()

    given = job["data"]["actionConfiguration"]["configuration"]["FunctionName"]
    assert given == function


@pytest.mark.rule("R2")
def test_an_error_has_a_name_and_a_status(aws):
    with pytest.raises(ClientError) as raised:
        aws.client("codepipeline").get_pipeline(name=aws.name("missing"))

    answer = raised.value.response
    assert answer["Error"]["Code"] == "PipelineNotFoundException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400

"""Creates a scenario's pipelines in a cloud, and deploys the product if the scenario needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ParamValidationError

from codepipeline_sandbox.cloudformation import DeploymentFailed
from codepipeline_sandbox.codepipeline import Settings, rule_script, script, settings
from codepipeline_sandbox.pipelines import pipeline_role
from playground.accounts import TOOLS
from playground.company import Company
from playground.scenarios.mistakes import Mistake, ScenarioMistakes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from codepipeline_sandbox.cloud import Cloud
    from playground.scenarios.model import Pipeline, Scenario

_NOTHING_ELSE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "codepipeline:*", "Resource": "*"}],
}


def build(scenario: Scenario, cloud: Cloud, *, with_product: bool) -> Company | None:
    """Create the scenario's pipelines, and return the company if the product was deployed.

    Raises ScenarioMistakes, which lists every pipeline that CodePipeline rejects.
    """
    if scenario.settings:
        settings.use(Settings(**scenario.settings))
    wanted = with_product or scenario.wants_product
    company = _company(scenario, cloud) if wanted else None
    mistakes = []
    for pipeline in scenario.pipelines:
        try:
            _create(pipeline, cloud, company)
        except (ClientError, ParamValidationError) as error:
            mistakes.append(Mistake(pipeline.line, f"CreatePipeline failed: {said(error)}"))
    if mistakes:
        raise ScenarioMistakes(scenario.file, mistakes)
    # Faults are added last so that they do not affect the setup.
    cloud.faults.add(*scenario.faults)
    return company


def _company(scenario: Scenario, cloud: Cloud) -> Company:
    parameters = dict(scenario.product)
    local = ",".join(dict.fromkeys(_local_targets(scenario)))
    if local:
        parameters.setdefault("LocalPipelineNames", local)
    keys = [pipeline.key for pipeline in scenario.pipelines]
    targets = dict.fromkeys(key.account for key in keys if key.account != TOOLS)
    try:
        return Company(cloud, targets=tuple(targets), **parameters)
    except DeploymentFailed as error:
        message = f"The product cannot be deployed: {error}."
        raise ScenarioMistakes(scenario.file, [Mistake(scenario.product_line, message)]) from error


def _local_targets(scenario: Scenario) -> Iterator[str]:
    """Find the targets in the product's account, because LocalPipelineNames must list them."""
    scheduled = scenario.product.get("SchedulePipelineName")
    for run in scenario.runs:
        if run.target and run.target.account == TOOLS and run.target.name != scheduled:
            yield run.target.name


def _create(pipeline: Pipeline, cloud: Cloud, company: Company | None) -> None:
    key = pipeline.key
    for (stage, action), acts in pipeline.acts.items():
        script(key.account, key.region, key.name, stage, action, acts)
    for (stage, kind, rule), acts in pipeline.rule_acts.items():
        rule_script(key.account, key.region, key.name, stage, kind, rule, acts)
    role = (
        company.pipeline_role(key.account)
        if company
        else pipeline_role(cloud, key.account, _NOTHING_ELSE)
    )
    declaration: dict[str, Any] = {"roleArn": role, **_stores(pipeline), **pipeline.declaration}
    outputs = company.stack.outputs if company else {}
    client = cloud.session(key.account, key.region).client("codepipeline")
    tags: Any = [{"key": name, "value": value} for name, value in pipeline.tags.items()]
    client.create_pipeline(
        pipeline=_filled(declaration, outputs), **({"tags": tags} if tags else {})
    )


def _stores(pipeline: Pipeline) -> dict[str, Any]:
    """Create an artifact store in each Region that the pipeline or one of its actions uses."""
    key = pipeline.key
    if {"artifactStore", "artifactStores"} & set(pipeline.declaration):
        return {}
    regions = dict.fromkeys([key.region, *_regions(pipeline.declaration["stages"])])
    one = {"type": "S3", "location": f"artifacts-{key.account}"}
    if len(regions) == 1:
        return {"artifactStore": one}
    return {"artifactStores": {each: {**one, "location": f"artifacts-{each}"} for each in regions}}


def _regions(stages: Any) -> Iterator[str]:
    for stage in stages if isinstance(stages, list) else []:
        for action in stage.get("actions", []) if isinstance(stage, dict) else []:
            if isinstance(action, dict) and "region" in action:
                yield action["region"]


def _filled(value: Any, outputs: Mapping[str, str]) -> Any:
    """Replace each `${Name}` in the value with the output `Name` of the product's stack."""
    if isinstance(value, dict):
        return {key: _filled(inner, outputs) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(inner, outputs) for inner in value]
    if isinstance(value, str) and "${" in value:
        for name, output in outputs.items():
            value = value.replace(f"${{{name}}}", output)
    return value


def said(error: Exception) -> str:
    """Format an error from AWS or boto3 as one line."""
    if isinstance(error, ClientError):
        details = error.response["Error"]
        return f"{details['Code']}: {details['Message']}"
    return " ".join(str(error).split())

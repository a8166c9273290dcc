from __future__ import annotations

from typing import Any

ACCOUNT = "111122223333"
REGION = "eu-central-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/pipeline"


def action(
    name: str, category: str = "Build", provider: str = "CodeBuild", **more: Any
) -> dict[str, Any]:
    type_id = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
    return {"name": name, "actionTypeId": type_id, **more}


def source(name: str = "Checkout", **more: Any) -> dict[str, Any]:
    outputs = {"outputArtifacts": [{"name": "App"}]}
    return action(name, "Source", "S3", **{**outputs, **more})


def function(name: str = "Ask", user_parameters: str = "{}", **more: Any) -> dict[str, Any]:
    configuration = {"FunctionName": "ask", "UserParameters": user_parameters}
    return action(name, "Invoke", "Lambda", configuration=configuration, **more)


def stage(name: str, *actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "actions": list(actions), **more}


def rule(name: str = "Check", provider: str = "LambdaInvoke", **more: Any) -> dict[str, Any]:
    type_id = {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"}
    configuration = {"configuration": {"FunctionName": "check"}} if not more else {}
    return {"name": name, "ruleTypeId": type_id, **configuration, **more}


def variable_check(variable: str, operator: str, value: str, **more: Any) -> dict[str, Any]:
    configuration = {"Variable": variable, "Operator": operator, "Value": value}
    return rule("Compare", "VariableCheck", configuration=configuration, **more)


def condition(result: str, *rules: dict[str, Any]) -> dict[str, Any]:
    return {"conditions": [{"result": result, "rules": list(rules or (rule(),))}]}


def pipeline(
    *stages: dict[str, Any],
    name: str = "target",
    first: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    one_store = {"artifactStore": {"type": "S3", "location": "artifact-bucket"}}
    return {
        "name": name,
        "roleArn": ROLE,
        **({} if "artifactStores" in more else one_store),
        "stages": [
            stage("Source", first or source()),
            *(stages or [stage("Build", action("Compile"))]),
        ],
        **more,
    }

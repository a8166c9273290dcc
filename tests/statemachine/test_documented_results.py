from __future__ import annotations

import json
import re
from typing import Any

from codepipeline_sandbox.codepipeline import Act
from playground.company import ROOT, SECOND, Action

PAGE = (ROOT / "docs" / "results.md").read_text("utf-8")
SUCCESS, FAILURE = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))


def differences(shown: Any, made: Any, path: str = "") -> list[str]:
    """Return the differences from the page. An ellipsis on the page matches anything."""
    if isinstance(shown, dict) and isinstance(made, dict):
        names = [f"{path}.{name} is on one side only" for name in shown.keys() ^ made.keys()]
        common = [name for name in shown if name in made]
        parts = (differences(shown[name], made[name], f"{path}.{name}") for name in common)
    elif isinstance(shown, list) and isinstance(made, list) and len(shown) == len(made):
        names = []
        both = enumerate(zip(shown, made, strict=True))
        parts = (differences(one, other, f"{path}.{n}") for n, (one, other) in both)
    else:
        return (
            []
            if _matches(shown, made)
            else [f"{path}: {shown!r} is documented, {made!r} is returned"]
        )
    return [*names, *(each for part in parts for each in part)]


def _matches(shown: Any, made: Any) -> bool:
    if isinstance(shown, str) and isinstance(made, str):
        pattern = ".+".join(re.escape(part) for part in shown.split("…"))
        return re.fullmatch(pattern, made, re.DOTALL) is not None
    return bool(shown == made)


def test_the_documents_on_the_page_match_those_of_real_runs(company, run):
    # The target succeeds the first time and fails the second time.
    failed = Act(
        120,
        "Failed",
        error_code="JobFailed",
        error_message="Task failed ELB health checks",
        external_url="https://example.com/deployments/7",
    )
    built = Act(60, output_variables={"VERSION": "1.4.2"})
    stages = {
        "Build": [Action("Compile", [built], namespace="Build")],
        "Deploy": [Action("Rollout", [Act(120), failed])],
    }
    variables = [{"name": "IMAGE", "defaultValue": "shop:1.3"}]
    company.add_pipeline("deploy-shop", stages, account=SECOND, variables=variables)
    document = {"pipelineName": "deploy-shop", "roleArn": company.target_roles[SECOND]}

    image = [{"name": "IMAGE", "value": "shop:1.4"}]
    succeeded = run({**document, "variables": image, "outputVariables": ["Build.VERSION"]})
    failed_run = run(document)

    assert differences(SUCCESS, json.loads(succeeded["output"])) == []
    assert differences(FAILURE, json.loads(failed_run["cause"])) == []
    assert failed_run["error"] == FAILURE["error"]

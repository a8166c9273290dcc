"""The templates as written, and as CloudFormation sees them."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]


class _ManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def _inline(template: dict[str, Any]) -> dict[str, Any]:
    """The template as packaging would leave it, with the state machine in it."""
    packaged = copy.deepcopy(template)
    packaged["Globals"]["Function"]["CodeUri"] = {"Bucket": "code", "Key": "functions.zip"}
    for resource in packaged["Resources"].values():
        uri = resource.get("Properties", {}).pop("DefinitionUri", None)
        if uri:
            resource["Properties"]["Definition"] = yaml.safe_load((ROOT / uri).read_text())
    return packaged


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def template():
    """template.yaml as written, its intrinsic functions in their long form."""
    return yaml_parse((ROOT / "template.yaml").read_text())


@pytest.fixture(scope="session")
def target_role_template():
    """target-role.yaml, its intrinsic functions in their long form."""
    return yaml_parse((ROOT / "target-role.yaml").read_text())


@pytest.fixture(scope="session")
def expanded(template):
    """template.yaml after the SAM transform, with the definition of the state machine inlined."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        result = transform(_inline(template), {}, _ManagedPolicies())
    return json.loads(json.dumps(result))


@pytest.fixture(scope="session")
def resources(expanded):
    return expanded["Resources"]


@pytest.fixture(scope="session")
def definition():
    """The state machine as written."""
    return yaml.safe_load((ROOT / "statemachine" / "pipeline_run.asl.yaml").read_text())

"""Expands the templates as CloudFormation does. As a command, it writes the result for linters."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]


class _ManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def as_written(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml_parse((ROOT / name).read_text())
    return document


def expanded(template: dict[str, Any]) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        result = transform(_packaged(template), {}, _ManagedPolicies())
    document: dict[str, Any] = json.loads(json.dumps(result))
    return document


def _packaged(template: dict[str, Any]) -> dict[str, Any]:
    packaged = copy.deepcopy(template)
    packaged["Globals"]["Function"]["CodeUri"] = {"Bucket": "code", "Key": "functions.zip"}
    machine = packaged["Resources"]["PipelineRunStateMachine"]["Properties"]
    machine["DefinitionS3Location"] = {"Bucket": "code", "Key": "pipeline_run.asl.yaml"}
    return packaged


if __name__ == "__main__":
    where = Path(sys.argv[1])
    where.mkdir(parents=True, exist_ok=True)
    for name, document in (
        ("template", expanded(as_written("template.yaml"))),
        ("target-role", as_written("target-role.yaml")),
        ("target-events", as_written("target-events.yaml")),
    ):
        (where / f"{name}.json").write_text(json.dumps(document, indent=2))

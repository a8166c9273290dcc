"""Turns CloudFormation fragments into complete templates that can be linted."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from samtranslator.yaml_helper import yaml_parse

from codepipeline_sandbox.cloudformation.artifacts import load
from playground.scenarios.loading import SECTIONS
from tests.pages.blocks import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tests.pages.blocks import Block

Resource = dict[str, Any]
_ARN = "arn:aws:iam::111122223333:role/role-of-the-reader"
_SOURCE = {
    "Name": "Source",
    "Actions": [
        {
            "Name": "Package",
            "ActionTypeId": {
                "Category": "Source",
                "Owner": "AWS",
                "Provider": "S3",
                "Version": "1",
            },
            "Configuration": {"S3Bucket": "packages", "S3ObjectKey": "release.zip"},
            "OutputArtifacts": [{"Name": "Package"}],
        }
    ],
}


@cache
def _parsed(text: str) -> Any:
    return yaml_parse(text)


def templates(blocks: Iterable[Block]) -> Iterator[tuple[Block, Any]]:
    for block in blocks:
        document = _parsed(block.text)
        if _resources(document) is not None:
            yield block, document


def scenarios(blocks: Iterable[Block]) -> Iterator[tuple[Block, Any]]:
    """Yield the blocks that are sandbox scenarios, or sections to add to one."""
    for block in blocks:
        document = _parsed(block.text)
        if isinstance(document, dict) and set(document) <= set(SECTIONS):
            yield block, document


def hooks(blocks: Iterable[Block]) -> Iterator[tuple[Block, Any]]:
    for block in blocks:
        document = _parsed(block.text)
        if isinstance(document, dict) and set(document) == {"repos"}:
            yield block, document


def whole(document: Any) -> dict[str, Any]:
    resources = _resources(document) or {}
    parameters = (_member(document, "Parameters") or {}) if "Resources" in document else {}
    known = {**resources, **parameters}
    return {"Resources": _without_strangers(resources, known), "Parameters": parameters}


def _resources(document: Any) -> dict[str, Resource] | None:
    if isinstance(document, list):
        return _of_a_list(document)
    return _of_a_mapping(document) if isinstance(document, dict) and document else None


def _of_a_mapping(document: dict[str, Any]) -> dict[str, Resource] | None:
    found: dict[str, Resource] | None = None
    if "Resources" in document:
        found = document["Resources"]
    elif all(str(_member(each, "Type")).startswith("AWS::") for each in document.values()):
        found = document
    elif "AssumeRolePolicyDocument" in document:
        found = {"Role": {"Type": "AWS::IAM::Role", "Properties": document}}
    elif "Targets" in document:
        rule = {"ScheduleExpression": "rate(1 day)", **document}
        found = {"Rule": {"Type": "AWS::Events::Rule", "Properties": rule}}
    elif "Statement" in document:
        found = {"Policy": _policy(document)}
    return found


def _of_a_list(items: list[Any]) -> dict[str, Resource] | None:
    if all(_member(item, "ActionTypeId") for item in items):
        return {"Pipeline": _pipeline(items)}
    if all(_member(item, "Effect") for item in items):
        return {"Policy": _policy({"Version": "2012-10-17", "Statement": items})}
    return None


def _member(node: Any, name: str) -> Any:
    return node.get(name) if isinstance(node, dict) else None


def _policy(document: Mapping[str, Any]) -> Resource:
    """Turn a policy document into a resource. A policy with principals becomes a key policy."""
    if any("Principal" in statement for statement in document["Statement"]):
        return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document}}
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}


def _pipeline(actions: list[Any]) -> Resource:
    properties = {
        "RoleArn": _ARN,
        "PipelineType": "V2",
        "ArtifactStore": {"Type": "S3", "Location": "packages"},
        "Stages": [_SOURCE, {"Name": "Go", "Actions": actions}],
    }
    return {"Type": "AWS::CodePipeline::Pipeline", "Properties": properties}


def _without_strangers(node: Any, known: Mapping[str, Any]) -> Any:
    match node:
        case {"Ref": str(name)} if name not in known and not name.startswith("AWS::"):
            return _ARN
        case {"Fn::GetAtt": [name, _]} if name not in known:
            return _ARN
        case dict():
            return {key: _without_strangers(value, known) for key, value in node.items()}
        case list():
            return [_without_strangers(value, known) for value in node]
        case _:
            return node


def unknown_imports(node: Any) -> Iterator[str]:
    """Return the imports that the product's stack does not export."""
    match node:
        case {"Fn::ImportValue": str(name)} | {"Fn::ImportValue": {"Fn::Sub": str(name)}}:
            outputs = load(ROOT / "template.yaml")["Outputs"]
            if re.sub(r"^(codepipeline-orchestrator-|\$\{\w+\})", "", name) not in outputs:
                yield name
        case dict():
            for value in node.values():
                yield from unknown_imports(value)
        case list():
            for value in node:
                yield from unknown_imports(value)

"""Reads a run's input, which is a pipeline's name, a mapping or JSON text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import yaml

from playground.accounts import REGION, TARGET_ROLE, TOOLS
from playground.scenarios import places, tree
from playground.scenarios.model import PipelineKey, Run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playground.scenarios.page import Page
    from playground.scenarios.places import Known


def run(page: Page, node: yaml.Node, known: Known, product: Mapping[str, str]) -> Run | None:
    """Read the input of a run, given as a mapping or as text.

    In a mapping, `pipeline: NAME` is replaced with the pipeline's name, role and Region. Text that
    starts with a brace is used unchanged. Any other text is the name of a pipeline.
    """
    if isinstance(node, yaml.MappingNode):
        return _of_members(page, node, known, product)
    text = page.text(node, "'run'")
    if text is None:
        return None
    if text.lstrip().startswith("{"):
        return Run(text)
    target = places.place(page, node, text, known, "pipeline")
    return None if target is None else _asking(target.pipeline, {}, product)


def _of_members(
    page: Page, node: yaml.MappingNode, known: Known, product: Mapping[str, str]
) -> Run | None:
    members = {name: value for name, _, value in page.pairs(node, "'run'")}
    chosen = members.pop("pipeline", None)
    given = {name: tree.plain(value) for name, value in members.items()}
    if isinstance(given.get("roleArn"), str) and not given["roleArn"].startswith("arn:"):
        account = known.account(page, members["roleArn"], given["roleArn"])
        given["roleArn"] = account and role_arn(account, product)
    if chosen is None:
        return Run(json.dumps(given))
    if (name := page.text(chosen, "'pipeline'")) is None:
        return None
    target = places.place(page, chosen, name, known, "pipeline")
    return None if target is None else _asking(target.pipeline, given, product)


def _asking(key: PipelineKey, given: Mapping[str, object], product: Mapping[str, str]) -> Run:
    asked: dict[str, object] = {"pipelineName": key.name}
    if key.account != TOOLS:
        asked["roleArn"] = role_arn(key.account, product)
    if key.region != REGION:
        asked["region"] = key.region
    return Run(json.dumps(asked | dict(given)), key)


def role_arn(account: str, product: Mapping[str, str]) -> str:
    """Build the ARN of the target role in the account."""
    return f"arn:aws:iam::{account}:role/{product.get('TargetRoleName', TARGET_ROLE)}"

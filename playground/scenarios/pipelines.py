"""Reads the section `pipelines`, with stages and actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from playground.accounts import REGION, TOOLS
from playground.scenarios import acts, places, stages, tree
from playground.scenarios.model import Pipeline, PipelineKey, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.acts import Act
    from playground.scenarios.page import Page
    from playground.scenarios.places import Known
    from playground.scenarios.stages import Stage

MEMBERS = ("mode", "type", "stages", "variables", "tags", "definition", "acts")
MODES = ("SUPERSEDED", "QUEUED", "PARALLEL")


def named(page: Page, node: yaml.Node | None, known: Known) -> dict[PipelineKey, Any]:
    """Read the keys of the pipelines, and add the pipelines to `known`."""
    found = {}
    for pair in page.pairs(node, "'pipelines'") if node else []:
        key = places.new_pipeline(page, pair.key, pair.name, known)
        if key is not None:
            found[key] = pair
            known.pipelines[key] = {}
    return found


def pipeline(
    page: Page, key: PipelineKey, pair: Any, known: Known, product: Mapping[str, str]
) -> Pipeline:
    """Read one pipeline, and add its stages and actions to `known`."""
    members = page.members(pair.value, f"The pipeline '{pair.name}'", MEMBERS)
    _require_stages(page, pair, members)
    given = members.get("stages")
    read = list(stages.stages(page, given, known, product)) if given else []
    definition = members.get("definition")
    over = tree.plain(definition) if definition and page.pairs(definition, "'definition'") else {}
    declaration = {**_declaration(page, key, members, read), **over}
    _introduce(key, declaration["stages"], known)
    _refuse_runs_elsewhere(page, key, pair, read)
    return Pipeline(
        line=tree.line_of(pair.key),
        key=key,
        declaration=declaration,
        acts={**_scripts(read), **_given(page, members.get("acts"), key, known)},
        tags=page.texts(members["tags"], "'tags'") if "tags" in members else {},
        rule_acts={
            (stage.name, kind, rule): rule_acts
            for stage in read
            for kind, each in stage.conditions.items()
            for rule, rule_acts in each.acts.items()
        },
        runs={
            (stage.name, each.declaration["name"]): each.run
            for stage in read
            for each in stage.actions
            if each.run
        },
    )


def _require_stages(page: Page, pair: Any, members: Mapping[str, yaml.Node]) -> None:
    definition = members.get("definition")
    raw = isinstance(definition, yaml.MappingNode) and "stages" in tree.plain(definition)
    if "stages" in members and raw:
        page.wrong(members["stages"], "'definition' also has stages. Keep only one of the two.")
    if "stages" not in members and not raw and isinstance(pair.value, yaml.MappingNode):
        page.wrong(pair.key, f"The pipeline '{pair.name}' has no 'stages'.")


def _declaration(
    page: Page, key: PipelineKey, members: Mapping[str, yaml.Node], read: list[Stage]
) -> dict[str, Any]:
    found: dict[str, Any] = {"name": key.name, "pipelineType": "V2", "stages": []}
    if "type" in members:
        found["pipelineType"] = page.word(members["type"], "The type", ("V1", "V2"))
    if "mode" in members:
        found["executionMode"] = page.word(members["mode"], "The mode", MODES)
    if "variables" in members:
        found["variables"] = _variables(page, members["variables"])
    return found | {"stages": stages.declared(read)}


def _variables(page: Page, node: yaml.Node) -> list[Any]:
    if isinstance(node, yaml.SequenceNode):
        return [tree.plain(each) for each in node.value]
    texts = page.texts(node, "'variables'")
    return [{"name": name, "defaultValue": text} for name, text in texts.items()]


def _scripts(read: list[Stage]) -> dict[tuple[str, str], tuple[Act, ...]]:
    return {
        (stage.name, each.declaration["name"]): each.acts
        for stage in read
        for each in stage.actions
        if each.acts
    }


def _given(
    page: Page, node: yaml.Node | None, key: PipelineKey, known: Known
) -> dict[tuple[str, str], tuple[Act, ...]]:
    """Read the acts of the actions that `definition` declares.

    The keys have the form STAGE/ACTION.
    """
    found = {}
    for name, at, value in page.pairs(node, "'acts'") if node else []:
        whole = f"{key.name} in {key.account}, {key.region} {name}"
        place = places.place(page, at, whole, known, "action")
        if place and place.stage and place.action:
            found[place.stage, place.action] = acts.acts(page, value, f"'{name}'")
    return found


def _introduce(key: PipelineKey, declared: Any, known: Known) -> None:
    names = known.pipelines[key] = {}
    for stage in declared if isinstance(declared, list) else []:
        if not isinstance(stage, dict) or not isinstance(stage.get("actions"), list):
            continue
        actions = [each for each in stage["actions"] if isinstance(each, dict)]
        names[str(stage.get("name"))] = [str(each.get("name")) for each in actions]
        known.approvals += [
            Place(key, stage.get("name"), each.get("name"))
            for each in actions
            if stages.category(each) == "Approval"
        ]


def _refuse_runs_elsewhere(page: Page, key: PipelineKey, pair: Any, read: list[Stage]) -> None:
    asks = any(each.run for stage in read for each in stage.actions)
    if asks and key.is_elsewhere:
        page.wrong(
            pair.key,
            f"'{pair.name}' has an action that starts a run. That works only in the account and "
            f"Region of the product: {TOOLS}, {REGION}.",
        )

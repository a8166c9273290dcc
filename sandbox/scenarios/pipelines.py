"""The section `pipelines`: each with its stages and actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from sandbox.accounts import REGION, TOOLS
from sandbox.scenarios import acts, places, tree
from sandbox.scenarios.actions import Action, Surroundings, action
from sandbox.scenarios.model import Pipeline, PipelineKey, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.codepipeline.scripts import Act
    from sandbox.scenarios.page import Page
    from sandbox.scenarios.places import Known

MEMBERS = ("mode", "type", "stages", "variables", "tags", "definition", "acts")
MODES = ("SUPERSEDED", "QUEUED", "PARALLEL")
OF_A_STAGE = ("beforeEntry", "onSuccess", "onFailure", "blockers")
_SOURCE = "Source"


def named(page: Page, node: yaml.Node | None, known: Known) -> dict[PipelineKey, Any]:
    """The pipelines' keys with the pairs in which they stand. All names are known from now on."""
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
    """One pipeline. Its stages and actions are known from now on."""
    members = page.members(pair.value, f"The pipeline '{pair.name}'", MEMBERS)
    _require_stages(page, pair, members)
    stages = members.get("stages")
    read = list(_stages(page, stages, known, product)) if stages else []
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
        runs={
            (stage, each.declaration["name"]): each.run
            for stage, actions, _ in read
            for each in actions
            if each.run
        },
    )


_Stage = tuple[str, list[Action], dict[str, Any]]


def _require_stages(page: Page, pair: Any, members: Mapping[str, yaml.Node]) -> None:
    definition = members.get("definition")
    raw = isinstance(definition, yaml.MappingNode) and "stages" in tree.plain(definition)
    if "stages" in members and raw:
        page.wrong(members["stages"], "There are stages in 'definition' too; say them once.")
    if "stages" not in members and not raw and isinstance(pair.value, yaml.MappingNode):
        page.wrong(pair.key, f"The pipeline '{pair.name}' has no 'stages'.")


def _stages(
    page: Page, node: yaml.Node, known: Known, product: Mapping[str, str]
) -> Iterator[_Stage]:
    for name, _, value in page.pairs(node, "'stages'"):
        around = Surroundings(known, product, source=name == _SOURCE)
        one_after_the_other = isinstance(value, yaml.SequenceNode)
        steps = page.items(value, "") if one_after_the_other else [value]
        actions: list[Action] = []
        more: dict[str, Any] = {}
        for order, step in enumerate(steps, start=1):
            for each in page.pairs(step, f"The stage '{name}'"):
                if each.name in OF_A_STAGE:
                    more[each.name] = tree.plain(each.value)
                    continue
                read = action(page, each.name, each.value, around)
                if one_after_the_other:
                    read.declaration.setdefault("runOrder", order)
                actions.append(read)
        if not actions and isinstance(value, yaml.CollectionNode):
            page.wrong(value, f"The stage '{name}' has no action.")
        yield name, actions, more


def _declaration(
    page: Page, key: PipelineKey, members: Mapping[str, yaml.Node], read: list[_Stage]
) -> dict[str, Any]:
    found: dict[str, Any] = {"name": key.name, "pipelineType": "V2", "stages": []}
    if "type" in members:
        found["pipelineType"] = page.word(members["type"], "The type", ("V1", "V2"))
    if "mode" in members:
        found["executionMode"] = page.word(members["mode"], "The mode", MODES)
    if "variables" in members:
        found["variables"] = _variables(page, members["variables"])
    _name_namespaces(read)
    stages = [
        {"name": name, "actions": [each.declaration for each in actions], **more}
        for name, actions, more in read
    ]
    if stages and not any(_category(each) == "Source" for each in stages[0]["actions"]):
        stages.insert(0, SOURCE)
    return found | {"stages": stages}


def _name_namespaces(read: list[_Stage]) -> None:
    """Give the runs that have none a namespace, unless another action has that already."""
    declared = [each for _, actions, _ in read for each in actions]
    taken = {each.declaration.get("namespace") for each in declared}
    for each in declared:
        namespace = f"{each.declaration['name']}Result"
        if each.run and "namespace" not in each.declaration and namespace not in taken:
            each.declaration["namespace"] = namespace
            taken.add(namespace)


def _category(declaration: Mapping[str, Any]) -> Any:
    type_id = declaration.get("actionTypeId")
    return type_id.get("category") if isinstance(type_id, dict) else None


def _variables(page: Page, node: yaml.Node) -> list[Any]:
    """Defaults by name, or a list as CreatePipeline takes it."""
    if isinstance(node, yaml.SequenceNode):
        return [tree.plain(each) for each in node.value]
    texts = page.texts(node, "'variables'")
    return [{"name": name, "defaultValue": text} for name, text in texts.items()]


def _scripts(read: list[_Stage]) -> dict[tuple[str, str], tuple[Act, ...]]:
    return {
        (stage, each.declaration["name"]): each.acts
        for stage, actions, _ in read
        for each in actions
        if each.acts
    }


def _given(
    page: Page, node: yaml.Node | None, key: PipelineKey, known: Known
) -> dict[tuple[str, str], tuple[Act, ...]]:
    """The acts of the actions that `definition` declares, by STAGE/ACTION."""
    found = {}
    for name, at, value in page.pairs(node, "'acts'") if node else []:
        whole = f"{key.name} in {key.account}, {key.region} {name}"
        place = places.place(page, at, whole, known, "action")
        if place and place.stage and place.action:
            found[place.stage, place.action] = acts.acts(page, value, f"'{name}'")
    return found


def _introduce(key: PipelineKey, stages: Any, known: Known) -> None:
    """Make the names in a declaration known, as far as it has the shape of one."""
    names = known.pipelines[key] = {}
    for stage in stages if isinstance(stages, list) else []:
        if not isinstance(stage, dict) or not isinstance(stage.get("actions"), list):
            continue
        actions = [each for each in stage["actions"] if isinstance(each, dict)]
        names[str(stage.get("name"))] = [str(each.get("name")) for each in actions]
        known.approvals += [
            Place(key, stage.get("name"), each.get("name"))
            for each in actions
            if _category(each) == "Approval"
        ]


def _refuse_runs_elsewhere(page: Page, key: PipelineKey, pair: Any, read: list[_Stage]) -> None:
    asks = any(each.run for _, actions, _ in read for each in actions)
    if asks and key.is_elsewhere:
        page.wrong(
            pair.key,
            f"'{pair.name}' has an action with a run, which works in the account and Region of "
            f"the product only: {TOOLS}, {REGION}.",
        )


SOURCE: dict[str, Any] = {
    "name": _SOURCE,
    "actions": [
        {
            "name": "Checkout",
            "actionTypeId": {
                "category": "Source",
                "owner": "AWS",
                "provider": "CodeCommit",
                "version": "1",
            },
            "configuration": {"RepositoryName": "app", "BranchName": "main"},
            "outputArtifacts": [{"name": "App"}],
        }
    ],
}

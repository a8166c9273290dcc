"""Reads the stages of a pipeline, with parallel or sequential actions, and conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from codepipeline_sandbox.pipelines import SOURCE_STAGE
from playground.scenarios import places
from playground.scenarios.actions import Action, Surroundings, action
from playground.scenarios.conditions import KINDS, Conditions, conditions
from playground.scenarios.page import kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from playground.scenarios.model import ConditionKind
    from playground.scenarios.page import Page, Pair
    from playground.scenarios.places import Known


class Stage(NamedTuple):
    """A stage from a scenario."""

    name: str
    actions: list[Action]
    conditions: dict[ConditionKind, Conditions]

    def declaration(self) -> dict[str, Any]:
        """The stage's declaration for CreatePipeline."""
        kinds: dict[str, Any] = {name: each.declaration for name, each in self.conditions.items()}
        actions = [each.declaration for each in self.actions]
        return {"name": self.name, "actions": actions, **kinds}


def stages(
    page: Page, node: yaml.Node, known: Known, product: Mapping[str, str]
) -> Iterator[Stage]:
    """Yield the stages in the order of the file."""
    for pair in page.pairs(node, "'stages'"):
        around = Surroundings(known, product, source=pair.name == SOURCE_STAGE["name"])
        places.is_name(page, pair.key, pair.name)
        yield _stage(page, pair, around)


def declared(read: Sequence[Stage]) -> list[dict[str, Any]]:
    """Build the declarations for CreatePipeline, with a source stage first."""
    _name_namespaces([each for stage in read for each in stage.actions])
    found = [stage.declaration() for stage in read]
    if found and not any(category(each) == "Source" for each in found[0]["actions"]):
        found.insert(0, SOURCE_STAGE)
    return found


def category(declaration: Mapping[str, Any]) -> Any:
    """Read the category of an action, or None if its declaration is malformed."""
    type_id = declaration.get("actionTypeId")
    return type_id.get("category") if isinstance(type_id, dict) else None


def _stage(page: Page, pair: Pair, around: Surroundings) -> Stage:
    stage = Stage(pair.name, [], {})
    in_turn = isinstance(pair.value, yaml.SequenceNode)
    steps = page.items(pair.value, "A stage") if in_turn else [pair.value]
    for order, step in enumerate(steps, start=1):
        for each in _step(page, pair.name, step):
            of_stage = next((name for name in KINDS if name == each.name), None)
            if of_stage is not None:
                stage.conditions[of_stage] = conditions(page, of_stage, each.value)
                continue
            places.is_name(page, each.key, each.name)
            read = action(page, each.name, each.value, around)
            if in_turn:
                read.declaration.setdefault("runOrder", order)
            stage.actions.append(read)
    if not stage.actions and isinstance(pair.value, yaml.CollectionNode):
        page.wrong(pair.value, f"The stage '{pair.name}' has no actions.")
    return stage


def _step(page: Page, stage: str, node: yaml.Node) -> list[Pair]:
    if not isinstance(node, yaml.ScalarNode):
        return page.pairs(node, f"The stage '{stage}'")
    example = f"'{stage}: {{ACTION: 2m}}'"
    page.wrong(
        node, f"The stage '{stage}' must have actions, as in {example}, but is {kind(node)}."
    )
    return []


def _name_namespaces(actions: Sequence[Action]) -> None:
    """Give a namespace to actions that start runs and have none, unless the name is taken."""
    taken = {each.declaration.get("namespace") for each in actions}
    for each in actions:
        namespace = f"{each.declaration['name']}Result"
        if each.run and "namespace" not in each.declaration and namespace not in taken:
            each.declaration["namespace"] = namespace
            taken.add(namespace)

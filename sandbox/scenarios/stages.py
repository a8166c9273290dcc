"""The stages of a pipeline: their actions, at once or one after the other, and their conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from sandbox.scenarios.actions import Action, Surroundings, action
from sandbox.scenarios.conditions import KINDS, Conditions, conditions
from sandbox.source_stage import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.scenarios.model import ConditionKind
    from sandbox.scenarios.page import Page, Pair
    from sandbox.scenarios.places import Known


class Stage(NamedTuple):
    """A stage as it was read."""

    name: str
    actions: list[Action]
    conditions: dict[ConditionKind, Conditions]

    def declaration(self) -> dict[str, Any]:
        """The stage as CreatePipeline takes it."""
        kinds: dict[str, Any] = {kind: each.declaration for kind, each in self.conditions.items()}
        actions = [each.declaration for each in self.actions]
        return {"name": self.name, "actions": actions, **kinds}


def stages(
    page: Page, node: yaml.Node, known: Known, product: Mapping[str, str]
) -> Iterator[Stage]:
    """The stages in their order."""
    for pair in page.pairs(node, "'stages'"):
        around = Surroundings(known, product, source=pair.name == SOURCE["name"])
        yield _stage(page, pair, around)


def declared(read: Sequence[Stage]) -> list[dict[str, Any]]:
    """The stages as CreatePipeline takes them, behind a source stage."""
    _name_namespaces([each for stage in read for each in stage.actions])
    found = [stage.declaration() for stage in read]
    if found and not any(category(each) == "Source" for each in found[0]["actions"]):
        found.insert(0, SOURCE)
    return found


def category(declaration: Mapping[str, Any]) -> Any:
    """The category of an action, as far as its declaration has the shape of one."""
    type_id = declaration.get("actionTypeId")
    return type_id.get("category") if isinstance(type_id, dict) else None


def _stage(page: Page, pair: Pair, around: Surroundings) -> Stage:
    stage = Stage(pair.name, [], {})
    in_turn = isinstance(pair.value, yaml.SequenceNode)
    steps = page.items(pair.value, "A stage") if in_turn else [pair.value]
    for order, step in enumerate(steps, start=1):
        for each in page.pairs(step, f"The stage '{pair.name}'"):
            kind = next((kind for kind in KINDS if kind == each.name), None)
            if kind is not None:
                stage.conditions[kind] = conditions(page, kind, each.value)
                continue
            read = action(page, each.name, each.value, around)
            if in_turn:
                read.declaration.setdefault("runOrder", order)
            stage.actions.append(read)
    if not stage.actions and isinstance(pair.value, yaml.CollectionNode):
        page.wrong(pair.value, f"The stage '{pair.name}' has no action.")
    return stage


def _name_namespaces(actions: Sequence[Action]) -> None:
    """Give the runs that have none a namespace, unless another action has that already."""
    taken = {each.declaration.get("namespace") for each in actions}
    for each in actions:
        namespace = f"{each.declaration['name']}Result"
        if each.run and "namespace" not in each.declaration and namespace not in taken:
            each.declaration["namespace"] = namespace
            taken.add(namespace)

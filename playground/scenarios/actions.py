"""Reads a pipeline's action: how it behaves, and its declaration for CreatePipeline."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from codepipeline_sandbox.codepipeline.declaration.action_types import AWS_PROVIDERS
from playground.scenarios import acts, runs, tree
from playground.scenarios.acts import MEMBERS as OF_AN_ACT
from playground.scenarios.durations import EXAMPLES, seconds
from playground.scenarios.mistakes import nearest
from playground.scenarios.page import kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codepipeline_sandbox.codepipeline.acts import Act
    from playground.scenarios.model import Run
    from playground.scenarios.page import Page
    from playground.scenarios.places import Known

APPROVAL = "approval"
RUN = "run"
_ARTIFACTS = ("inputArtifacts", "outputArtifacts")
_TEXTS = ("namespace", "roleArn", "region")
_NUMBERS = ("runOrder", "timeoutInMinutes")
_AS_THEY_ARE = ("actionTypeId", "commands", "outputVariables", "environmentVariables")
DECLARED = (*_TEXTS, *_NUMBERS, *_ARTIFACTS, *_AS_THEY_ARE, "configuration")
MEMBERS = (*OF_AN_ACT, "acts", RUN, "provider", "category", *DECLARED)
# If a provider has several categories and the scenario names none, the first of these applies.
_CATEGORIES = ("Invoke", "Build", "Deploy", "Test", "Approval", "Compute", "Source")
_PROVIDERS = tuple(
    dict.fromkeys(each for known in AWS_PROVIDERS.values() for each in sorted(known))
)


class Action(NamedTuple):
    """An action from a scenario. Without acts, it uses its provider's default behavior."""

    declaration: dict[str, Any]
    acts: tuple[Act, ...] = ()
    run: Run | None = None


class Surroundings(NamedTuple):
    """The parts of the scenario that are needed to read one of its actions."""

    known: Known
    product: Mapping[str, str]
    # whether actions in this stage are source actions by default
    source: bool


def action(page: Page, name: str, node: yaml.Node, around: Surroundings) -> Action:
    """Read an action that is written in any of the supported forms."""
    if isinstance(node, yaml.MappingNode):
        return _of_members(page, name, node, around)
    if isinstance(node, yaml.ScalarNode):
        return _of_text(page, name, node, around)
    default = "CodeCommit" if around.source else "CodeBuild"
    return Action(_declaration(name, _type(default, around)), acts.acts(page, node, f"'{name}'"))


def _of_text(page: Page, name: str, node: yaml.ScalarNode, around: Surroundings) -> Action:
    text = str(node.value)
    first, _, rest = text.partition(" ")
    if text == APPROVAL:
        return Action(_declaration(name, _type("Manual", around)))
    if first == RUN:
        asked = yaml.ScalarNode("tag:yaml.org,2002:str", rest.strip(), node.start_mark)
        return _asking(page, name, asked, "Lambda", around)
    default = "CodeCommit" if around.source else "CodeBuild"
    declaration = _declaration(name, _type(default, around))
    if seconds(first) is None and not first[:1].isdigit():
        near = nearest(first, (APPROVAL, RUN))
        wanted = f"a duration such as {EXAMPLES}, '{APPROVAL}' or 'run PIPELINE'"
        suggested = f" Did you mean '{near}'?" if near else ""
        page.wrong(node, f"'{name}' must be {wanted}, but is {kind(node)}.{suggested}")
        return Action(declaration)
    return Action(declaration, acts.acts(page, node, f"'{name}'"))


def _of_members(page: Page, name: str, node: yaml.Node, around: Surroundings) -> Action:
    members = page.members(node, f"The action '{name}'", MEMBERS)
    if RUN in members:
        provider = "Lambda"
        if "provider" in members:
            words = ("Lambda", "StepFunctions")
            provider = page.word(members["provider"], "The provider of a run", words) or provider
        read = _asking(page, name, members[RUN], provider, around)
        for member in (member for member in (*OF_AN_ACT, "acts") if member in members):
            message = f"'{name}' runs a pipeline and succeeds or fails with it. Remove '{member}'."
            page.wrong(members[member], message)
    else:
        read = Action(_declaration(name, _type_of(page, members, around)))
    declared = read.declaration | _declared(page, members)
    configuration = read.declaration["configuration"] | declared["configuration"]
    given = _acts(page, name, members)
    return Action(declared | {"configuration": configuration}, given, read.run)


def _acts(page: Page, name: str, members: Mapping[str, yaml.Node]) -> tuple[Act, ...]:
    own = [member for member in OF_AN_ACT if member in members]
    if "acts" in members:
        for member in own:
            page.wrong(members[member], f"'{name}' has 'acts'. Move '{member}' into 'acts'.")
        return acts.acts(page, members["acts"], "'acts'")
    found = acts.of_members(page, members, f"'{name}'") if own else None
    return (found,) if found else ()


def _asking(page: Page, name: str, node: yaml.Node, provider: str, around: Surroundings) -> Action:
    asked = runs.run(page, node, around.known, around.product)
    text = asked.text if asked else ""
    configuration = (
        {"FunctionName": "${CodePipelineJobFunctionName}", "UserParameters": text}
        if provider == "Lambda"
        else {"StateMachineArn": "${StateMachineArn}", "Input": text}
    )
    declaration = _declaration(name, _type(provider, around))
    return Action(declaration | {"configuration": configuration}, run=asked)


def _type_of(page: Page, members: Mapping[str, yaml.Node], around: Surroundings) -> dict[str, str]:
    default = "CodeCommit" if around.source else "CodeBuild"
    if "provider" in members:
        provider = page.word(members["provider"], "The provider", _PROVIDERS) or default
    else:
        provider = default
    found = _type(provider, around)
    if "category" in members:
        words = [each for each in _CATEGORIES if provider in AWS_PROVIDERS[each]]
        category = page.word(members["category"], f"The category of {provider}", words)
        found["category"] = category or found["category"]
    return found


def _type(provider: str, around: Surroundings) -> dict[str, str]:
    order = ("Source", *_CATEGORIES) if around.source else _CATEGORIES
    category = next(each for each in order if provider in AWS_PROVIDERS[each])
    return {"category": category, "owner": "AWS", "provider": provider, "version": "1"}


def _declaration(name: str, type_id: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "actionTypeId": type_id, "configuration": {}}
    if type_id["provider"] == "CodeBuild":
        found["configuration"] = {"ProjectName": name}
        found["inputArtifacts"] = [{"name": "App"}]
    if type_id["category"] == "Source":
        found["outputArtifacts"] = [{"name": "App"}]
        if type_id["provider"] == "CodeCommit":
            found["configuration"] = {"RepositoryName": "app", "BranchName": "main"}
    return found


def _declared(page: Page, members: Mapping[str, yaml.Node]) -> dict[str, Any]:
    found: dict[str, Any] = {
        **{name: page.text(members[name], f"'{name}'") for name in _TEXTS if name in members},
        **{name: page.whole(members[name], f"'{name}'", 1) for name in _NUMBERS if name in members},
        **{name: tree.plain(members[name]) for name in _AS_THEY_ARE if name in members},
        **{name: _artifacts(page, members[name], name) for name in _ARTIFACTS if name in members},
    }
    configuration = members.get("configuration")
    given = page.pairs(configuration, "'configuration'") if configuration else []
    return found | {"configuration": {name: _as_text(value) for name, _, value in given}}


def _artifacts(page: Page, node: yaml.Node, name: str) -> list[Any]:
    items = page.items(node, f"'{name}'")
    return [
        {"name": item.value} if isinstance(item, yaml.ScalarNode) else tree.plain(item)
        for item in items
    ]


def _as_text(node: yaml.Node) -> str:
    """Convert a configuration value to a string, because CodePipeline accepts only strings."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    return json.dumps(tree.plain(node))

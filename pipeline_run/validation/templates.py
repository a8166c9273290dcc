"""Find the actions in templates that invoke codepipeline-orchestrator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from pipeline_run.validation.inputs import InputKind
from pipeline_run.validation.template_texts import TemplateText, mentions, nodes_by_key, text_of

_PIPELINE = "AWS::CodePipeline::Pipeline"
# For each provider: the fields with the callee's name and the input, and who parses the input.
_PROVIDERS = {
    "Lambda": ("FunctionName", "UserParameters", InputKind.ACTION),
    "StepFunctions": ("StateMachineArn", "Input", InputKind.RUN),
}
# Words that occur in the names of codepipeline-orchestrator's functions, state machines,
# parameters, resources and exports.
_OURS = (
    "PipelineWaiterLambda",
    "CodePipelineJobFunction",
    "PipelineRunStateMachine",
    "codepipeline-orchestrator",
)


@dataclass(frozen=True)
class Call:
    """An action that invokes a function or state machine."""

    where: str  # resource, stage and action
    line: int
    callee: str
    kind: InputKind
    input: TemplateText | None

    def is_ours(self, names: Sequence[str]) -> bool:
        """Whether the action invokes codepipeline-orchestrator, or one of the `names`."""
        return any(mark in self.callee for mark in (*_OURS, *names))


def is_template(root: yaml.Node | None) -> bool:
    """Whether this is a CloudFormation template. Only templates have resources."""
    return bool(nodes_by_key(nodes_by_key(root).get("Resources")))


def calls(root: yaml.Node | None) -> Iterator[Call]:
    """Every Lambda and Step Functions action of every pipeline in the template."""
    template = nodes_by_key(root)
    known = _defaults(template.get("Parameters"))
    for name, resource in nodes_by_key(template.get("Resources")).items():
        kind = nodes_by_key(resource).get("Type")
        if kind is not None and kind.value == _PIPELINE:
            seen: set[int] = set()  # aliases may form a cycle
            for stage, action in _actions(resource, "", seen):
                yield from _call(f"{name} {stage}", action, known)


def _actions(node: yaml.Node, stage: str, seen: set[int]) -> Iterator[tuple[str, yaml.Node]]:
    """Each action with its stage, including actions nested in conditions."""
    if id(node) in seen:
        return
    seen.add(id(node))
    inner = nodes_by_key(node)
    if "ActionTypeId" in inner:
        yield stage, node
        return
    if "Actions" in inner and "Name" in inner:
        stage = str(inner["Name"].value)
    children = node.value if isinstance(node, yaml.SequenceNode) else inner.values()
    for child in children:
        yield from _actions(child, stage, seen)


def _call(stage: str, action: yaml.Node, known: Mapping[str, str]) -> Iterator[Call]:
    inner = nodes_by_key(action)
    provider = nodes_by_key(inner["ActionTypeId"]).get("Provider")
    if provider is None or provider.value not in _PROVIDERS:
        return
    callee, given, kind = _PROVIDERS[provider.value]
    configuration = nodes_by_key(inner.get("Configuration"))
    if kind is InputKind.RUN and _is_in_a_file(configuration.get("InputType")):
        return
    text = configuration.get(given)
    name = inner.get("Name")
    yield Call(
        where=f"{stage}/{name.value if name is not None else '?'}",
        line=action.start_mark.line + 1,
        callee=mentions(configuration.get(callee), known),
        kind=kind,
        input=text_of(text, known) if text is not None else None,
    )


def _is_in_a_file(input_type: yaml.Node | None) -> bool:
    return input_type is not None and input_type.value == "FilePath"


def _defaults(parameters: yaml.Node | None) -> dict[str, str]:
    found = {}
    for name, parameter in nodes_by_key(parameters).items():
        default = nodes_by_key(parameter).get("Default")
        if isinstance(default, yaml.ScalarNode):
            found[name] = str(default.value)
    return found

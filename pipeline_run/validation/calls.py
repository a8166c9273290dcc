"""What starts a run: an action, a schedule or a rule, with its input."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pipeline_run.validation.inputs import InputKind
from pipeline_run.validation.resolver import TemplateText

# For each provider: the fields with the callee's name and the input, and who parses the input.
PROVIDERS = {
    "Lambda": ("FunctionName", "UserParameters", InputKind.ACTION),
    "StepFunctions": ("StateMachineArn", "Input", InputKind.STEP_FUNCTIONS_ACTION),
}
# Words that occur in the names of codepipeline-orchestrator's functions, state machines,
# parameters, resources and exports.
_OURS = (
    "PipelineWaiterLambda",
    "CodePipelineJobFunction",
    "PipelineRunStateMachine",
    "codepipeline-orchestrator",
)
NO_INPUT = (
    "Input: missing. The run would receive the event itself, which is not an input. Set Input to a "
    'constant such as {"pipelineName": "MyPipeline"}.'
)
FROM_THE_EVENT = (
    "InputPath takes the input from the event, so it could not be checked. Use Input or "
    "InputTransformer."
)
NOT_TEXT = (
    "The input must be a string that contains JSON, not an object or a list. Put the JSON in "
    "quotes, or use Fn::ToJsonString with the transform AWS::LanguageExtensions."
)
NOT_CHECKED = (
    "The fields here come from a function such as Fn::ForEach or Fn::Transform, or depend on too "
    "many conditions, so they could not be checked."
)
IN_A_FILE = "InputType is FilePath, so the input in the file was not checked."
_SCHEDULERS = re.compile(r"<aws\.scheduler\.[a-z-]+>")
_TRANSFORMERS = re.compile(r"<([\w.-]+)>")
_FROM_EVENTBRIDGE = "aws.events."


@dataclass(frozen=True)
class Call:
    """An action, schedule or rule that starts something."""

    where: str  # resource, stage and action
    line: int | None
    callee: str
    kind: InputKind
    # One for each choice of the template's parameters and conditions.
    inputs: list[TemplateText] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    pipeline: str = ""  # the name of the invoking pipeline, if it is known and in the same Region

    @property
    def is_known_kind(self) -> bool:
        """Whether an action makes the call, or a schedule or rule starts a state machine.

        Rules also send events to the orchestrator's event bus and functions.
        """
        return self.kind is not InputKind.RUN or "tateMachine" in self.callee

    def is_ours(self, names: Iterable[str]) -> bool:
        """Whether this invokes codepipeline-orchestrator, or one of the `names`."""
        if any(name in self.callee for name in names):
            return True
        return self.is_known_kind and any(mark in self.callee for mark in _OURS)


def schedules_input(given: TemplateText) -> TemplateText:
    """A schedule's input, in which EventBridge Scheduler replaces some words."""
    text = given.unknowns.replace(_SCHEDULERS, given.text)
    return replace(given, text=text)


def transformed_input(given: TemplateText, names: Iterable[str]) -> tuple[TemplateText, list[str]]:
    """A transformer's input with marks for the event's values, and the mistakes in its names."""
    known = set(names)
    unknown: list[str] = []

    def replaced(match: re.Match[str]) -> str:
        if match[1] not in known and not match[1].startswith(_FROM_EVENTBRIDGE):
            unknown.append(f"InputTransformer: {match[0]} is not in InputPathsMap.")
        return given.unknowns.mark(match[0])

    text = _TRANSFORMERS.sub(replaced, given.text)
    return replace(given, text=text), unknown

"""The data of a scenario: its pipelines, how they behave, and what happens when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from codepipeline_sandbox.codepipeline.acts import Act
from codepipeline_sandbox.faults import CallFault, DeliveryFault, InvocationFault
from playground.accounts import REGION, TOOLS

Fault = CallFault | DeliveryFault | InvocationFault
ConditionKind = Literal["beforeEntry", "onSuccess", "onFailure"]


@dataclass(frozen=True)
class PipelineKey:
    """Identifies a pipeline across accounts and Regions."""

    name: str
    account: str
    region: str

    @property
    def is_elsewhere(self) -> bool:
        """Whether the pipeline is outside the product's account or Region."""
        return (self.account, self.region) != (TOOLS, REGION)


@dataclass(frozen=True)
class Place:
    """A pipeline, one of its stages, or an action in a stage."""

    pipeline: PipelineKey
    stage: str | None = None
    action: str | None = None

    def __str__(self) -> str:
        """Write the place as in a scenario, without the account."""
        inside = "/".join(part for part in (self.stage, self.action) if part)
        return f"{self.pipeline.name} {inside}".rstrip()


@dataclass(frozen=True)
class Pipeline:
    """A pipeline's declaration for CreatePipeline, and how its actions behave.

    The declaration has a role and an artifact store only if the scenario sets them. `${Name}` in an
    action's configuration is replaced with an output of the product's stack.
    """

    line: int
    key: PipelineKey
    declaration: Mapping[str, Any]
    acts: Mapping[tuple[str, str], tuple[Act, ...]]  # by stage and action
    tags: Mapping[str, str]
    # by stage, kind of condition, and rule
    rule_acts: Mapping[tuple[str, ConditionKind, str], tuple[Act, ...]] = field(
        default_factory=dict
    )
    runs: Mapping[tuple[str, str], Run] = field(
        default_factory=dict
    )  # the runs that the pipeline's actions start


@dataclass(frozen=True)
class Run:
    """The input of a run of the product, and its target if the scenario defines that pipeline."""

    text: str
    target: PipelineKey | None = None


@dataclass(frozen=True)
class Moment:
    """The n-th event of a kind, or every event of that kind."""

    place: Place
    state: str  # in capitals, as in CodePipeline's events
    nth: int = 1
    each: bool = False


@dataclass(frozen=True)
class Happening:
    """Something that a person does after this many seconds or after an event."""

    line: int
    verb: str
    details: Mapping[str, Any]
    place: Place | None = None  # None if the act affects a run or an account
    at: float | None = None
    when: Moment | None = None
    after: float = 0.0
    says: str | None = None  # replaces the description of the act in the output


@dataclass(frozen=True)
class Scenario:
    """A scenario, as read from its file."""

    file: str
    about: str | None = None
    start: datetime | None = None
    seed: int | None = None
    lasts: float | None = None  # seconds, or None to continue until nothing is left to happen
    settings: Mapping[str, Any] = field(default_factory=dict)
    # the parameters of the product's template
    product: Mapping[str, str] = field(default_factory=dict)
    product_line: int = 1
    accounts: Mapping[str, str] = field(default_factory=dict)
    pipelines: tuple[Pipeline, ...] = ()
    happens: tuple[Happening, ...] = ()
    faults: tuple[Fault, ...] = ()
    # The results that the scenario expects. Callers compare them with the actual results.
    expects: Mapping[str, str] = field(default_factory=dict)

    @property
    def wants_product(self) -> bool:
        """Whether anything in the scenario needs the product."""
        return bool(self.runs or self.product or any("number" in h.details for h in self.happens))

    @property
    def runs(self) -> list[Run]:
        """List all runs that the scenario starts."""
        asked = [run for pipeline in self.pipelines for run in pipeline.runs.values()]
        asked += [each.details["run"] for each in self.happens if "run" in each.details]
        return asked

"""A scenario, read: what there is, how it acts, what happens when. Nothing of it is alive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sandbox.accounts import REGION, TOOLS
from sandbox.codepipeline.scripts import Act
from sandbox.faults import CallFault, DeliveryFault, InvocationFault

Fault = CallFault | DeliveryFault | InvocationFault
ConditionKind = Literal["beforeEntry", "onSuccess", "onFailure"]


@dataclass(frozen=True)
class PipelineKey:
    """Which pipeline, of all accounts and Regions."""

    name: str
    account: str
    region: str

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is in another account or Region than the product."""
        return (self.account, self.region) != (TOOLS, REGION)


@dataclass(frozen=True)
class Place:
    """A pipeline, a stage of it, or an action of that."""

    pipeline: PipelineKey
    stage: str | None = None
    action: str | None = None

    def __str__(self) -> str:
        """As scenarios write it, without the account."""
        inside = "/".join(part for part in (self.stage, self.action) if part)
        return f"{self.pipeline.name} {inside}".rstrip()


@dataclass(frozen=True)
class Pipeline:
    """A pipeline as CreatePipeline takes it, and how its actions act.

    The declaration has no roleArn and no artifact store unless the scenario gives them;
    `${Name}` in an action's configuration stands for an output of the product's stack.
    """

    line: int
    key: PipelineKey
    declaration: Mapping[str, Any]
    acts: Mapping[tuple[str, str], tuple[Act, ...]]  # by stage and action
    tags: Mapping[str, str]
    # By stage, kind of condition, and rule.
    rule_acts: Mapping[tuple[str, ConditionKind, str], tuple[Act, ...]] = field(
        default_factory=dict
    )
    runs: Mapping[tuple[str, str], Run] = field(default_factory=dict)  # that its actions ask for


@dataclass(frozen=True)
class Run:
    """What the product is asked for: the input, and the pipeline if it is one of the scenario's."""

    text: str
    target: PipelineKey | None = None


@dataclass(frozen=True)
class Moment:
    """Something that an event tells: the n-th time, or each time."""

    place: Place
    state: str  # in capitals, as events have it
    nth: int = 1
    each: bool = False


@dataclass(frozen=True)
class Happening:
    """Something that somebody does, at a time (seconds since the start) or after a moment."""

    line: int
    verb: str
    details: Mapping[str, Any]
    place: Place | None = None  # None for a run, and for what is done to an account
    at: float | None = None
    when: Moment | None = None
    after: float = 0.0
    says: str | None = None  # how it is told


@dataclass(frozen=True)
class Scenario:
    """All of it."""

    file: str
    about: str | None = None
    start: datetime | None = None
    seed: int | None = None
    lasts: float | None = None  # seconds; None: until nothing is left to happen
    settings: Mapping[str, Any] = field(default_factory=dict)
    product: Mapping[str, str] = field(default_factory=dict)  # the template's parameters
    product_line: int = 1
    accounts: Mapping[str, str] = field(default_factory=dict)
    pipelines: tuple[Pipeline, ...] = ()
    happens: tuple[Happening, ...] = ()
    faults: tuple[Fault, ...] = ()
    expects: Mapping[str, str] = field(default_factory=dict)  # for whoever plays it to compare

    @property
    def wants_product(self) -> bool:
        """Whether anything needs the product."""
        return bool(self.runs or self.product or any("number" in h.details for h in self.happens))

    @property
    def runs(self) -> list[Run]:
        """Everything that the product is asked for."""
        asked = [run for pipeline in self.pipelines for run in pipeline.runs.values()]
        asked += [each.details["run"] for each in self.happens if "run" in each.details]
        return asked

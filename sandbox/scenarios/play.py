"""A scenario in a cloud: its pipelines are there, and what is to happen will happen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ParamValidationError

from sandbox.chronicle import Entry, entry
from sandbox.cloud import Cloud
from sandbox.company import REGION, TOOLS
from sandbox.scenarios.building import build
from sandbox.scenarios.doing import DEEDS, Deed, Impossible
from sandbox.scenarios.model import PipelineKey, Place
from sandbox.world import START

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.chronicle import Tone
    from sandbox.company import Company
    from sandbox.scenarios.model import Happening, Scenario

_ANYBODY = PipelineKey("somebody", TOOLS, REGION)


def cloud_for(scenario: Scenario, seed: int | None = None) -> Cloud:
    """An empty cloud with the scenario's start and seed, or another seed."""
    chosen = scenario.seed or 0 if seed is None else seed
    return Cloud(seed=chosen, start=scenario.start or START)


def play(scenario: Scenario, cloud: Cloud, *, with_product: bool = False) -> Play:
    """Create the scenario's pipelines, and let happen what is to happen as time goes on.

    The product is deployed if the scenario asks for it, or `with_product`. Raises ScenarioMistakes
    when CodePipeline refuses a pipeline.
    """
    company = build(scenario, cloud, with_product=with_product)
    return Play(scenario, cloud, company)


class Play:
    """A scenario under way. Whoever drives the cloud's world drives it."""

    def __init__(self, scenario: Scenario, cloud: Cloud, company: Company | None) -> None:
        self.scenario = scenario
        self.cloud = cloud
        self.company = company
        self.entries: list[Entry] = []  # what has happened and been done, in order
        self.refused: list[str] = []  # what somebody wanted to do and could not: FILE:LINE: why
        self.began = cloud.world.now
        self.executions: dict[PipelineKey, list[str]] = {
            pipeline.key: [] for pipeline in scenario.pipelines
        }
        self._seen: dict[tuple[Place, str], int] = {}
        self._done: set[int] = set()
        cloud.events.watch(self._see)
        for happening in scenario.happens:
            if happening.at is not None:
                cloud.world.at(self.began + happening.at, partial(self._do, happening, None))

    @property
    def missed(self) -> list[str]:
        """What has not been done, since its time or moment has not come: FILE:LINE: what."""
        return [
            f"{self.scenario.file}:{each.line}: '{each.verb}' has not happened."
            for each in self.scenario.happens
            if id(each) not in self._done
        ]

    def _see(self, event: Mapping[str, Any]) -> None:
        if (told := entry(event)) is not None:
            self.entries.append(told)
        if event["source"] != "aws.codepipeline":
            return
        detail = event["detail"]
        key = PipelineKey(detail["pipeline"], event["account"], event["region"])
        place = Place(key, detail.get("stage"), detail.get("action"))
        state, execution = detail["state"], detail["execution-id"]
        if place.stage is None and state == "STARTED":
            self.executions.setdefault(key, []).append(execution)
        times = self._seen[place, state] = self._seen.get((place, state), 0) + 1
        for happening in self.scenario.happens:
            moment = happening.when
            if moment is None or (moment.place, moment.state) != (place, state):
                continue
            if moment.each or moment.nth == times:
                about = execution if happening.place and happening.place.pipeline == key else None
                # Later, if only by nothing: CodePipeline is in the middle of something.
                self.cloud.world.after(happening.after, partial(self._do, happening, about))

    def _do(self, happening: Happening, about: str | None) -> None:
        """Let somebody do it; `about` is the execution that the moment was one of."""
        self._done.add(id(happening))
        before = len(self.entries)  # the events that it causes are told while it is done
        try:
            told = self._act(happening, about)
        except (ClientError, ParamValidationError, Impossible) as error:
            self.refused.append(f"{self.scenario.file}:{happening.line}: {error}")
            told = f"somebody cannot {happening.verb}: {error}"
            self.entries.insert(before, self._note(happening, told, "bad"))
            return
        if happening.says or told:
            self.entries.insert(before, self._note(happening, happening.says or str(told), "said"))

    def _act(self, happening: Happening, about: str | None) -> str | None:
        if happening.place is not None:
            return DEEDS[happening.verb](self._deed(happening, happening.place, about))
        assert self.company is not None
        self.company.stepfunctions().start_execution(
            stateMachineArn=self.company.state_machine, input=happening.details["run"].text
        )
        return None

    def _deed(self, happening: Happening, place: Place, about: str | None) -> Deed:
        key = place.pipeline
        client = self.cloud.session(key.account, key.region).client("codepipeline")
        started = self.executions.get(key, [])
        number = happening.details.get("execution") or happening.details.get("to")
        execution = about or (started[-1] if started else None)
        if isinstance(number, int):
            execution = started[number - 1] if number <= len(started) else None
        return Deed(client, place, happening.details, execution)

    def _note(self, happening: Happening, what: str, tone: Tone) -> Entry:
        key = happening.place.pipeline if happening.place else _ANYBODY
        return Entry(self.cloud.world.now, key.account, key.name, what, tone)

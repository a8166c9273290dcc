"""Plays a scenario in a cloud: creates its pipelines and performs its acts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ParamValidationError

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.kernel.world import START
from playground.accounts import REGION, TOOLS
from playground.chronicle import Entry, entry
from playground.scenarios import to_runs
from playground.scenarios.building import build, said
from playground.scenarios.doing import DEEDS, Deed, untrust
from playground.scenarios.model import PipelineKey, Place
from playground.scenarios.waiting import Impossible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from playground.chronicle import Tone
    from playground.company import Company
    from playground.scenarios.model import Happening, Scenario

_MOMENT = 0.001
_ANYBODY = PipelineKey("someone", TOOLS, REGION)


def cloud_for(scenario: Scenario, seed: int | None = None, start: datetime = START) -> Cloud:
    """Create an empty cloud.

    The argument `seed` takes precedence over the scenario's seed. The scenario's start time takes
    precedence over the argument `start`.
    """
    chosen = scenario.seed or 0 if seed is None else seed
    return Cloud(seed=chosen, start=scenario.start or start)


def play(scenario: Scenario, cloud: Cloud, *, with_product: bool = False) -> Play:
    """Create the scenario's pipelines and schedule its acts.

    Deploys the product if the scenario needs it or `with_product` is true. Raises ScenarioMistakes
    if CodePipeline rejects a pipeline.
    """
    company = build(scenario, cloud, with_product=with_product)
    return Play(scenario, cloud, company)


class Play:
    """A scenario in progress, which advances with the cloud's world."""

    def __init__(self, scenario: Scenario, cloud: Cloud, company: Company | None) -> None:
        self.scenario = scenario
        self.cloud = cloud
        self.company = company
        self.entries: list[Entry] = []  # everything that has happened, in order
        self.refused: list[str] = []  # acts that failed, as FILE:LINE: reason
        self.began = cloud.world.now
        self.executions: dict[PipelineKey, list[str]] = {
            pipeline.key: [] for pipeline in scenario.pipelines
        }
        self._seen: dict[tuple[Place, str], int] = {}
        self._done: set[int] = set()
        cloud.events.watch(self._see)
        at_times: dict[float, list[Happening]] = {}
        for happening in scenario.happens:
            if happening.at is not None:
                at_times.setdefault(self.began + happening.at, []).append(happening)
        for time, happenings in at_times.items():
            cloud.world.at(time, partial(self._do_all, happenings, None))

    @property
    def missed(self) -> list[str]:
        """List the acts that never became due, as FILE:LINE: reason."""
        return [
            f"{self.scenario.file}:{each.line}: '{each.verb}' did not happen: {self._why(each)}."
            for each in self.scenario.happens
            if id(each) not in self._done
        ]

    def _why(self, happening: Happening) -> str:
        moment = happening.when
        if moment is None or self._seen.get((moment.place, moment.state), 0) >= moment.nth:
            return "the scenario ended before it was due"
        times = f" {moment.nth} times" if moment.nth > 1 else ""
        return f"'{moment.place} {moment.state.lower()}' did not occur{times}"

    def _see(self, event: Mapping[str, Any]) -> None:
        if (described := entry(event)) is not None:
            self.entries.append(described)
        if event["source"] != "aws.codepipeline":
            return
        detail = event["detail"]
        key = PipelineKey(detail["pipeline"], event["account"], event["region"])
        place = Place(key, detail.get("stage"), detail.get("action"))
        state, execution = detail["state"], detail["execution-id"]
        if place.stage is None and state == "STARTED":
            self.executions.setdefault(key, []).append(execution)
        times = self._seen[place, state] = self._seen.get((place, state), 0) + 1
        self._follow(place, state, times, execution)

    def _follow(self, place: Place, state: str, times: int, execution: str) -> None:
        due: dict[float, list[Happening]] = {}
        for happening in self.scenario.happens:
            moment = happening.when
            if moment is None or (moment.place, moment.state) != (place, state):
                continue
            if moment.each or moment.nth == times:
                due.setdefault(happening.after, []).append(happening)
        for after, happenings in due.items():
            # An immediate act would come before CodePipeline has finished the change.
            about = place.pipeline, execution
            self.cloud.world.after(after or _MOMENT, partial(self._do_all, happenings, about))

    def _do_all(
        self, happenings: Sequence[Happening], moment: tuple[PipelineKey, str] | None
    ) -> None:
        for happening in happenings:
            self._do(happening, moment)

    def _do(self, happening: Happening, moment: tuple[PipelineKey, str] | None) -> None:
        """Perform an act.

        If an event of the same pipeline triggered the act, the act affects the execution of that
        event.
        """
        self._done.add(id(happening))
        before = len(self.entries)  # Events that the act causes are recorded while it runs.
        try:
            description = self._act(happening, moment)
        except (ClientError, ParamValidationError, Impossible) as error:
            self.refused.append(f"{self.scenario.file}:{happening.line}: {said(error)}")
            description = f"someone cannot {happening.verb}: {said(error)}"
            self.entries.insert(before, self._note(happening, description, "bad"))
            return
        if happening.says or description:
            self.entries.insert(
                before, self._note(happening, happening.says or str(description), "said")
            )

    def _act(self, happening: Happening, moment: tuple[PipelineKey, str] | None) -> str | None:
        place = happening.place
        if place is not None:
            execution = self._execution(happening, place.pipeline, moment)
            key = place.pipeline
            client = self.cloud.session(key.account, key.region).client("codepipeline")
            return DEEDS[happening.verb](Deed(client, place, happening.details, execution))
        if "role" in happening.details:
            return untrust(happening.details["role"], self.cloud)
        assert self.company is not None
        return to_runs.act(self.company, happening)

    def _execution(
        self, happening: Happening, key: PipelineKey, moment: tuple[PipelineKey, str] | None
    ) -> str | None:
        """Find the execution by its number.

        Without a number, use the execution whose event triggered the act, or else the newest one.
        """
        started = self.executions.get(key, [])
        number = happening.details.get("execution", happening.details.get("to"))
        if isinstance(number, int):
            return started[number - 1] if number <= len(started) else None
        if moment is not None and moment[0] == key:
            return moment[1]
        return started[-1] if started else None

    def _note(self, happening: Happening, what: str, tone: Tone) -> Entry:
        key = happening.place.pipeline if happening.place else _ANYBODY
        return Entry(self.cloud.world.now, key.account, key.name, what, tone)

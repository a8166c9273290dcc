"""Runs the demonstration's world and shows what happens in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from playground.chronicle import Chronicle, Entry
from playground.company import TOOLS
from playground.demo import scene
from playground.demo.board import Board
from playground.demo.scene import PIPELINES, RELEASE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playground.company import Company
    from playground.demo.pace import Pace
    from playground.scenarios.play import Play

_PATIENCE = 2 * 3600.0  # the longest wait for a step of the demonstration, in seconds
_LOOK_AGAIN = 20.0  # seconds of world time between two reads of the pipeline's state
_TIME_TO_READ = 1.0  # real seconds


class Unfinished(Exception):
    """A step of the demonstration did not happen in time."""


class Audience(Protocol):
    """Receives the demonstration's output."""

    def tell(self, one: Entry) -> None:
        """Report something that happened."""

    def say(self, text: str) -> None:
        """Announce what comes next."""

    def show(self, now: float, board: Board, summary: str) -> None:
        """Show the current state and the summary that CodePipeline shows for the waiting action."""


class Performance:
    """Runs the world of a company at a set pace and shows it to an audience."""

    def __init__(self, play: Play, audience: Audience, pace: Pace) -> None:
        company = scene.company_of(play)
        self.company = company
        self.board = Board(company, PIPELINES)
        self.entries: list[Entry] = []
        self._world = company.cloud.world
        self._audience = audience
        self._pace = pace
        self._play = play
        self._told = 0
        self._cue: tuple[str, str] | None = None
        self._chronicle = Chronicle(company.cloud)
        self._summary = ""
        self._looked = 0.0

    @property
    def now(self) -> float:
        """The world's time in epoch seconds."""
        return self._world.now

    def say(self, text: str) -> None:
        """Announce what comes next, and allow time to read the announcement."""
        self._audience.say(text)
        self._pace.hold(_TIME_TO_READ)

    def say_after(self, what: str, text: str) -> None:
        """Announce something when an entry's text starts with `what`."""
        self._cue = what, text

    def run_for(self, seconds: float) -> None:
        """Run the world for this many seconds."""
        self.run_to(self.now + seconds)

    def run_to(self, until: float) -> None:
        """Run the world until a time, in epoch seconds."""
        while (time := self._world.next_time()) is not None and time <= until:
            self._go_on(time)
        self._go_on(until)

    def run_until(self, happened: Callable[[], bool], what: str) -> None:
        """Run the world until a condition holds. Raises Unfinished if that takes too long."""
        latest = self.now + _PATIENCE
        while not happened():
            time = self._world.next_time()
            if time is None or time > latest:
                raise Unfinished(f"{what} did not happen")
            self._go_on(time)

    def _go_on(self, time: float) -> None:
        for moment in self._pace.way(self.now, time):
            self._world.run(until=moment)
            self._audience.show(moment, self.board, self._summary)
        self._world.run(until=time)
        for event in self._chronicle.events():
            self.board.see(event, time)
        happened = self._play.entries[self._told :]
        self._told += len(happened)
        for one in happened:
            self._tell(one)
            if one.who == RELEASE:
                self._looked = 0.0
        self._look()
        self._audience.show(time, self.board, self._summary)

    def _tell(self, one: Entry) -> None:
        self.entries.append(one)
        self._audience.tell(one)
        if self._cue is not None and one.what.startswith(self._cue[0]):
            self.say(self._cue[1])
            self._cue = None

    def _look(self) -> None:
        release = self.board.pipeline(TOOLS, RELEASE)
        if release.status not in {"STARTED", "RESUMED"}:
            self._summary = ""
        elif self.now >= self._looked + _LOOK_AGAIN:
            self._looked = self.now
            shown, self._summary = self._summary, _shown(self.company)
            if self._summary not in {"", shown}:
                self._tell(Entry(self.now, TOOLS, RELEASE, self._summary, headline=False))


def _shown(company: Company) -> str:
    state = company.codepipeline().get_pipeline_state(name=RELEASE)
    for stage in state["stageStates"]:
        for action in stage["actionStates"]:
            latest = action.get("latestExecution", {})
            if latest.get("status") == "InProgress" and "summary" in latest:
                return f"{stage['stageName']}/{action['actionName']} shows: {latest['summary']}"
    return ""

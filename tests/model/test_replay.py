from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from tests.model.holding import NotAsInTheModel
from tests.model.job_world import Left
from tests.model.jobs import CALLS, JobsModel
from tests.model.replay import Picture, Replay
from tests.model.safeguards import JobRules
from tests.model.search import Graph

RULES = JobRules()


class Puppets:
    """A stage whose processes behave like the model's.

    A process that reaches `wrong` makes a different call.
    """

    def __init__(self, first, wrong=""):
        self.before = self.after = first
        self.wrong = wrong
        self.gave_up = False
        self.places = {}
        self._names = count()

    def look(self, trace):
        for step, after in trace:
            self.before, self.after, self.step = self.after, after, step
            yield step, after

    def invoke(self, process, **_):
        name = next(self._names)
        self.places[name] = process
        return name

    def hold(self, task):
        assert task in self.places

    def ended(self, process, task, *, gave_up):
        assert task not in self.places, process
        self.gave_up = gave_up

    def holds(self, task):
        process = self.places.get(task)
        if process is None:
            return ""
        if process.at == self.wrong:
            return "s3:PutObject"
        return CALLS[process.at](self.after, process, RULES).operation

    def release(self, task, operation, _=""):
        me = self.places.pop(task)
        if operation == "s3:PutObject" or me.at == self.wrong:
            raise NotAsInTheModel(f"{me.at} makes another call")
        before = list(self.before.processes)
        for process in self.after.processes:
            if process in before:
                before.remove(process)
            elif self._continues(me, process):
                self.places[task] = process

    def _continues(self, me, process):
        same = (process.task, process.job) == (me.task, me.job)
        ended = self.step.fault == "killed" or process.at in {"queued", *FIRST_CALLS}
        return same and not ended

    def happen(self, _, __, after):
        for task, process in self.places.items():
            if process.task in {"confirm", "renew", "report"} and process not in after.processes:
                self.places[task] = process._replace(orphan=True)

    def picture(self):
        return Picture.of(self.after)


FIRST_CALLS = {"open item", "file", "claim", "read", "set answer", "status", "job status"}
LEFTS = {
    "a fault and a renewal": Left(faults=1, renewals=1),
    "an abort and a redrive": Left(aborts=1, redrives=1),
    "a duplicate": Left(duplicates=1),
}


def play(left, wrong=""):
    model = JobsModel(left)
    graph = Graph(model)
    for trace in graph.traces():
        puppets = Puppets(model.initial(), wrong)
        Replay(puppets, puppets).play(model.initial(), _Watched(puppets, trace))


class _Watched(list[Any]):
    def __init__(self, puppets, trace):
        super().__init__(trace)
        self._puppets = puppets

    def __iter__(self):
        return self._puppets.look(list(super().__iter__()))


@pytest.mark.parametrize("left", LEFTS)
def test_processes_that_follow_the_model_are_accepted(left):
    play(LEFTS[left])


@pytest.mark.parametrize("place", ["start run", "claim", "read", "continue", "give outcome"])
def test_a_process_that_makes_another_call_is_reported(place):
    with pytest.raises(NotAsInTheModel, match=r"step \d+, "):
        play(Left(renewals=1), wrong=place)


def test_a_state_that_differs_is_reported(monkeypatch):
    picture = Puppets.picture
    monkeypatch.setattr(Puppets, "picture", lambda self: picture(self)._replace(run="FAILED"))

    with pytest.raises(NotAsInTheModel, match="step 1, Lambda: delivers j1"):
        play(Left())

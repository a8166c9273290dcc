"""The bounds of each search: how many faults, duplicates, renewals and so on can occur."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.model.job_world import Left
from tests.model.jobs import JobsModel
from tests.model.safeguards import JobRules, WaitRules
from tests.model.search import Findings, Model, search
from tests.model.waits import WaitsLeft, WaitsModel

SMALL: Mapping[str, Model[Any]] = {
    "jobs: a fault, a duplicate, a renewal": JobsModel(Left(faults=1, duplicates=1, renewals=1)),
    "jobs: two faults, a renewal": JobsModel(Left(faults=2, renewals=1)),
    "jobs: two faults, a duplicate": JobsModel(Left(faults=2, duplicates=1)),
    "jobs: three renewals, a duplicate": JobsModel(Left(duplicates=1, renewals=3)),
    "jobs: an abort, a redrive, a renewal": JobsModel(Left(aborts=1, redrives=1, renewals=1)),
    "jobs: an abort, a redrive, a fault": JobsModel(Left(aborts=1, redrives=1, faults=1)),
    "jobs: an abort, its event lost, a fault, a renewal": JobsModel(
        Left(aborts=1, lost_events=1, faults=1, renewals=1)
    ),
    "jobs: abandoned, three renewals": JobsModel(Left(abandons=1, renewals=3)),
    "jobs: abandoned, three renewals, late answers accepted": JobsModel(
        Left(abandons=1, renewals=3), lenient=True
    ),
    "jobs: stale reads, an abort, a fault": JobsModel(Left(lags=1, aborts=1, faults=1)),
    "waits: a fault, a redrive": WaitsModel(WaitsLeft(faults=1, redrives=1)),
    "waits: a duplicate": WaitsModel(WaitsLeft(duplicates=1)),
    "waits: a timeout": WaitsModel(WaitsLeft(timeouts=1)),
    "waits: two runs": WaitsModel(WaitsLeft(), runs=2, events=("approval",)),
}
LARGE: Mapping[str, Model[Any]] = {
    "jobs: two faults, a duplicate, two renewals": JobsModel(
        Left(faults=2, duplicates=1, renewals=2)
    ),
    "jobs: three faults, three renewals": JobsModel(Left(faults=3, renewals=3)),
    "jobs: an abort, a redrive, a fault, a renewal": JobsModel(
        Left(aborts=1, redrives=1, faults=1, renewals=1)
    ),
    "jobs: two aborts, two redrives, a renewal": JobsModel(Left(aborts=2, redrives=2, renewals=1)),
    "jobs: an abort, its event lost, two faults, two renewals": JobsModel(
        Left(aborts=1, lost_events=1, faults=2, renewals=2)
    ),
    "jobs: abandoned, an abort, a fault, three renewals": JobsModel(
        Left(abandons=1, aborts=1, faults=1, renewals=3)
    ),
    "jobs: abandoned, an abort, a fault, three renewals, late answers accepted": JobsModel(
        Left(abandons=1, aborts=1, faults=1, renewals=3), lenient=True
    ),
    "jobs: stale reads, an abort, a redrive, a fault, a renewal": JobsModel(
        Left(lags=2, aborts=1, redrives=1, faults=1, renewals=1)
    ),
    "waits: a duplicate, a timeout, a redrive": WaitsModel(
        WaitsLeft(duplicates=1, timeouts=1, redrives=1)
    ),
    "waits: two runs, every event": WaitsModel(WaitsLeft(), runs=2),
    "waits: two faults, a redrive": WaitsModel(WaitsLeft(faults=2, redrives=1)),
    "waits: a fault, a duplicate": WaitsModel(WaitsLeft(faults=1, duplicates=1)),
    "waits: two runs, a fault": WaitsModel(WaitsLeft(faults=1), runs=2, events=("approval",)),
}
# `make test` and `make model` replay every step within these bounds with the real functions.
REPLAYED: Mapping[str, Left] = {
    "a renewal": Left(renewals=1),
    "a fault": Left(faults=1),
    "a duplicate": Left(duplicates=1),
    "an abort, a stale read": Left(aborts=1, lags=1),
    "abandoned, a renewal": Left(abandons=1, renewals=1),
}
REPLAYED_TOO: Mapping[str, Left] = {
    "two renewals": Left(renewals=2),
    "a fault, a renewal": Left(faults=1, renewals=1),
    "an abort, a redrive": Left(aborts=1, redrives=1),
    "an abort, its event lost, a renewal": Left(aborts=1, lost_events=1, renewals=1),
    "an abort, a stale read, a fault": Left(aborts=1, lags=1, faults=1),
    "abandoned, two renewals": Left(abandons=1, renewals=2),
}
REPLAYED_WAITS: Mapping[str, WaitsModel] = {
    "no other event": WaitsModel(WaitsLeft(), events=()),
}
REPLAYED_WAITS_TOO: Mapping[str, WaitsModel] = {
    "no other event, a fault": WaitsModel(WaitsLeft(faults=1), events=()),
    "an approval": WaitsModel(WaitsLeft(), events=("approval",)),
    "an approval, a timeout": WaitsModel(WaitsLeft(timeouts=1), events=("approval",)),
    "an approval, a redrive": WaitsModel(WaitsLeft(redrives=1), events=("approval",)),
}
# For each safeguard, the smallest bounds within which switching it off breaks a promise.
_JOBS_WITHOUT: Mapping[str, Left] = {
    "numbers": Left(duplicates=1, renewals=2),
    "next_number_by_run": Left(renewals=2),
    "next_number_by_others": Left(faults=1, duplicates=1, renewals=2),
    "claim": Left(faults=1, duplicates=1, lags=1),
    "answer_forbids_start": Left(faults=1, duplicates=1, lags=1),
    "if_not_exists": Left(faults=1),
    "filed_before_answer": Left(renewals=1),
    "status_after_filing": Left(aborts=1, lost_events=1, renewals=1),
    "give_when_filing": Left(renewals=1),
    "give_when_confirming": Left(faults=2, duplicates=1),
    "give_left_answer": Left(faults=1, aborts=1, redrives=1, renewals=1),
    "redrive_count": Left(aborts=1, lags=1),
}
_WAITS_WITHOUT: Mapping[str, WaitsLeft] = {
    "counter": WaitsLeft(duplicates=1),
    "condition": WaitsLeft(),
    "told_by_read": WaitsLeft(),
    "told_by_others": WaitsLeft(),
    "told_kept": WaitsLeft(),
    "read_before_poll": WaitsLeft(),
    "wake_again": WaitsLeft(faults=1),
    "count_with_tokens": WaitsLeft(),
}


@dataclass(frozen=True)
class Missing:
    """A safeguard to switch off, and bounds within which switching it off breaks a promise."""

    safeguard: str
    left: Left | WaitsLeft

    def __str__(self) -> str:
        return self.safeguard

    @property
    def bounds(self) -> str:
        given = self.left._asdict().items()
        return ", ".join(f"{name} {count}" for name, count in given if count) or "no faults"

    def search(self) -> Findings:
        off: dict[str, Any] = {self.safeguard: False}
        if isinstance(self.left, Left):
            return search(JobsModel(self.left, replace(JobRules(), **off)))
        return search(WaitsModel(self.left, replace(WaitRules(), **off)))


def all_missing() -> Iterator[Missing]:
    for name, left in _JOBS_WITHOUT.items():
        yield Missing(name, left)
    for name, waits_left in _WAITS_WITHOUT.items():
        yield Missing(name, waits_left)
